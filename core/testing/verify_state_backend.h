// VerifyStateBackend: the contract of StateBackend and of its typed tables, checked against std::map. Testonly.
//
//   EXPECT_EQ(VerifyStateBackend([](KeyGroupRange groups, int max_parallelism) {
//     return std::make_unique<MemoryStateBackend>(groups, max_parallelism);
//   }, {.max_parallelism = 128, .seed = 1}), absl::OkStatus());
//
// A random script updates, inserts, erases and drops while snapshots begin, advance by a few slots, are taken in pieces and
// aborted. Every snapshot that completes is restored, into one backend and into several that share the key groups, and must hold
// exactly what the tables held when it began; so must a snapshot that is left standing at each position of its cursor in turn while
// everything is changed.
#ifndef WEIR_CORE_TESTING_VERIFY_STATE_BACKEND_H_
#define WEIR_CORE_TESTING_VERIFY_STATE_BACKEND_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/key_group.h"
#include "core/base/status_macros.h"
#include "core/types/event_time.h"
#include "core/types/key_codec.h"

namespace weir {

struct VerifyStateBackendOptions {
  int max_parallelism = kMaxParallelismDefault;
  uint64_t seed = 1;
  int steps = 3000;
  int64_t keys = 300;  // How many different ones the script uses.
};

namespace state_backend_internal {

// The nth draw is a function of seed and n.
class Draws {
 public:
  explicit Draws(uint64_t seed) : seed_(StableHashOfU64(seed)) {}
  // In [0, bound).
  uint64_t Below(uint64_t bound) { return StableHashOfU64(seed_ + ++count_) % bound; }

 private:
  const uint64_t seed_;
  uint64_t count_ = 0;
};

// What a backend holds.
struct Contents {
  std::map<int64_t, int64_t> sums;
  std::map<std::string, std::string> texts;
  std::map<std::pair<EventTime, int64_t>, int64_t> windows;
  friend bool operator==(const Contents&, const Contents&) = default;

  std::string ToString() const {
    return absl::StrCat(sums.size(), " sums, ", texts.size(), " texts, ", windows.size(),
                        " window entries");
  }
};

// A backend with three states, and the model of them.
template <class Backend>
class Subject {
 public:
  explicit Subject(std::unique_ptr<Backend> b)
      : backend(std::move(b)),
        sums_(backend->template Keyed<int64_t, int64_t>("sums")),
        texts_(backend->template Keyed<std::string, std::string>("texts")),
        windows_(backend->template Namespaced<int64_t, EventTime, int64_t>("windows")) {}

  // One random change of one random key; keys of other key groups are left alone.
  void Change(Draws& draws, int64_t keys) {
    const auto key = static_cast<int64_t>(draws.Below(static_cast<uint64_t>(keys)));
    const auto value = static_cast<int64_t>(draws.Below(1'000'000));
    const uint64_t what = draws.Below(100);
    const EventTime window = EventTime::FromMicros(static_cast<int64_t>(draws.Below(4)) * 10);
    if (what < 3) return DropWindow(window);
    const uint64_t hash = KeyHash(key);
    if (Owns(hash)) {
      if (what < 40) return ChangeIn(sums_, model.sums, hash, key, key, value, what);
      if (what < 70) {
        return ChangeIn(windows_.FindOrCreate(window), model.windows, hash, key,
                        std::pair(window, key), value, what);
      }
    }
    const std::string text = absl::StrCat("key-", key);
    if (Owns(KeyHash(text))) {
      ChangeIn(texts_, model.texts, KeyHash(text), text, text,
               std::string(static_cast<size_t>(value) % 40, 'x'), what);
    }
  }

  void DropWindow(EventTime window) {
    if (windows_.Find(window) == nullptr) return;
    windows_.Drop(window);
    std::erase_if(model.windows, [&](const auto& entry) { return entry.first.first == window; });
  }

  Contents ReadBack() {
    Contents contents;
    sums_.ForEach([&](const auto& e) { contents.sums.emplace(e.key, e.value); });
    texts_.ForEach([&](const auto& e) { contents.texts.emplace(e.key, e.value); });
    windows_.ForEach([&](const EventTime& window, auto& table) {
      table.ForEach(
          [&](const auto& e) { contents.windows.emplace(std::pair(window, e.key), e.value); });
    });
    return contents;
  }

  absl::Status CompareWithModel() {
    const Contents found = ReadBack();
    if (found == model && sums_.size() == model.sums.size()) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("the tables hold ", found.ToString(), ", expected ",
                                            model.ToString(), ", or other values"));
  }

  std::unique_ptr<Backend> backend;
  Contents model;
  // By ChangeIn: what Find, Upsert, Update and Erase said was not what the model says.
  bool wrong_answer = false;

 private:
  bool Owns(uint64_t hash) const {
    return backend->key_groups().Contains(KeyGroupOfHash(hash, backend->max_parallelism()));
  }

  template <class Table, class Map, class Key, class ModelKey, class Value>
  void ChangeIn(Table& table, Map& map, uint64_t hash, const Key& key, const ModelKey& model_key,
                const Value& value, uint64_t what) {
    const auto known = map.find(model_key);
    const Value* found = table.Find(hash, key);
    wrong_answer |= (found != nullptr) != (known != map.end());
    if (found != nullptr && known != map.end()) wrong_answer |= *found != known->second;
    if (what % 4 == 0) {
      wrong_answer |= table.Erase(hash, key) != (map.erase(model_key) == 1);
    } else if (what % 4 != 1) {
      const Value& now = table.Upsert(
          hash, key, [&] { return value; }, [&](Value& old) { old = value; });
      wrong_answer |= now != value;
      map[model_key] = value;
    } else {
      const bool updated = table.Update(hash, key, [&](Value& old) { old = value; });
      wrong_answer |= updated != (known != map.end());
      if (known != map.end()) known->second = value;
    }
  }

  decltype(std::declval<Backend&>().template Keyed<int64_t, int64_t>("")) sums_;
  decltype(std::declval<Backend&>().template Keyed<std::string, std::string>("")) texts_;
  decltype(std::declval<Backend&>().template Namespaced<int64_t, EventTime, int64_t>("")) windows_;
};

template <class Factory>
class StateBackendVerifier {
 public:
  using Backend =
      typename decltype(std::declval<const Factory&>()(KeyGroupRange(), 1))::element_type;

  StateBackendVerifier(const Factory& factory, const VerifyStateBackendOptions& options)
      : factory_(factory), options_(options), draws_(options.seed) {}

  absl::Status RunScript() {
    Subject<Backend> subject(factory_(All(), options_.max_parallelism));
    int completed = 0;
    for (int step = 0; step < options_.steps; ++step) {
      WEIR_RETURN_IF_ERROR(Step(subject, completed));
      if (subject.wrong_answer) return Fail("a table gave a wrong answer");
      if (step % 256 == 0) WEIR_RETURN_IF_ERROR(subject.CompareWithModel());
    }
    if (completed == 0) return Fail("no snapshot was completed");
    return subject.CompareWithModel();
  }

  // A snapshot whose cursor stands at `position` while everything around it changes. False: the cursor does not get that far.
  absl::StatusOr<bool> RunAtPosition(size_t position, int64_t keys) {
    Subject<Backend> subject(factory_(All(), options_.max_parallelism));
    for (int64_t i = 0; i < 3 * keys; ++i) subject.Change(draws_, keys);
    Begin(subject);
    for (size_t i = 0; i < position; ++i) subject.backend->AdvanceSnapshot(1);
    const bool reached = !CursorAtEnd(subject);
    // Ten times as many keys as before, so that every table grows.
    for (int64_t i = 0; i < 10 * keys; ++i) subject.Change(draws_, 10 * keys);
    subject.DropWindow(EventTime::FromMicros(10));
    WEIR_RETURN_IF_ERROR(FinishSnapshot(subject));
    return reached;
  }

 private:
  KeyGroupRange All() const { return {0, static_cast<uint32_t>(options_.max_parallelism)}; }
  absl::Status Fail(const std::string& what) const {
    return absl::InternalError(absl::StrCat("seed ", options_.seed, ", max parallelism ",
                                            options_.max_parallelism, ": ", what));
  }

  absl::Status Step(Subject<Backend>& subject, int& completed) {
    Backend& backend = *subject.backend;
    const uint64_t what = draws_.Below(100);
    // The number of keys waxes and wanes, so that tables grow and empty again under a snapshot.
    const int64_t keys =
        1 + static_cast<int64_t>(draws_.Below(static_cast<uint64_t>(options_.keys)));
    if (what < 70) {
      subject.Change(draws_, keys);
    } else if (!backend.snapshot_running()) {
      if (what < 75) Begin(subject);
    } else if (what < 85) {
      backend.AdvanceSnapshot(1 + draws_.Below(100));
    } else if (what < 95) {
      Take(backend, draws_.Below(1000));
    } else if (what < 96) {
      backend.AbortSnapshot();
      if (backend.snapshot_running() || backend.snapshot_complete()) return Fail("after abort");
      if (backend.emitted_bytes() != 0) return Fail("records wait after abort");
    } else if (what < 98) {
      ++completed;
      return FinishSnapshot(subject);
    }
    if (!pieces_.empty() && backend.snapshot_complete()) {
      ++completed;
      return CheckRestored(subject);
    }
    return absl::OkStatus();
  }

  void Begin(Subject<Backend>& subject) {
    at_begin_ = subject.model;
    hash_at_begin_ = subject.backend->ContentHash(All());
    pieces_.clear();
    subject.backend->BeginSnapshot();
  }

  void Take(Backend& backend, size_t bytes_max) {
    std::string piece = backend.TakeEmitted(bytes_max);
    if (!piece.empty()) pieces_.push_back(std::move(piece));
  }

  // With everything taken, the snapshot is complete exactly if the cursor is through.
  bool CursorAtEnd(Subject<Backend>& subject) {
    while (subject.backend->emitted_bytes() > 0) Take(*subject.backend, 4096);
    return subject.backend->snapshot_complete();
  }

  absl::Status FinishSnapshot(Subject<Backend>& subject) {
    Backend& backend = *subject.backend;
    for (int calls = 0; backend.snapshot_running(); ++calls) {
      if (calls == 10'000'000) return Fail("the snapshot does not end");
      backend.AdvanceSnapshot(1000);
      Take(backend, 10'000);
    }
    if (!backend.snapshot_complete()) return Fail("the snapshot ended and is not complete");
    return CheckRestored(subject);
  }

  absl::Status CheckRestored(Subject<Backend>& subject) {
    WEIR_RETURN_IF_ERROR(subject.CompareWithModel());
    if (subject.backend->snapshot_content_hash() != hash_at_begin_) {
      return Fail("the snapshot's content hash is not what the tables had when it began");
    }
    for (const int parallelism : {1, std::min(3, options_.max_parallelism)}) {
      Contents all;
      uint64_t hash = 0;
      for (int index = 0; index < parallelism; ++index) {
        const KeyGroupRange groups =
            KeyGroupRangeForSubtask(index, options_.max_parallelism, parallelism);
        Subject<Backend> restored(factory_(groups, options_.max_parallelism));
        // The order of the pieces must not matter.
        std::rotate(pieces_.begin(),
                    pieces_.begin() + static_cast<std::ptrdiff_t>(pieces_.size() / 2),
                    pieces_.end());
        for (const std::string& piece : pieces_) {
          WEIR_RETURN_IF_ERROR(restored.backend->Restore(piece));
        }
        hash += restored.backend->ContentHash(All());
        Contents part = restored.ReadBack();
        all.sums.merge(part.sums);
        all.texts.merge(part.texts);
        all.windows.merge(part.windows);
        if (!part.sums.empty() || !part.texts.empty() || !part.windows.empty()) {
          return Fail("two subtasks restored the same key");
        }
      }
      if (all != at_begin_) {
        return Fail(absl::StrCat("restored with parallelism ", parallelism, ": ", all.ToString(),
                                 "; the snapshot began with ", at_begin_.ToString()));
      }
      if (hash != hash_at_begin_) return Fail("the content hash differs after restore");
    }
    pieces_.clear();
    return absl::OkStatus();
  }

  const Factory& factory_;
  const VerifyStateBackendOptions options_;
  Draws draws_;
  Contents at_begin_;  // Of the running snapshot.
  uint64_t hash_at_begin_ = 0;
  std::vector<std::string> pieces_;
};

}  // namespace state_backend_internal

// `factory` is std::unique_ptr<B>(KeyGroupRange, int max_parallelism), where B is a StateBackend with Keyed<K, V>(name) and
// Namespaced<K, N, V>(name). Internal, with the seed and what is wrong, if the contract is broken.
template <class Factory>
absl::Status VerifyStateBackend(const Factory& factory, const VerifyStateBackendOptions& options) {
  state_backend_internal::StateBackendVerifier<Factory> verifier(factory, options);
  WEIR_RETURN_IF_ERROR(verifier.RunScript());
  for (size_t position = 0;; ++position) {
    WEIR_ASSIGN_OR_RETURN(const bool reached, verifier.RunAtPosition(position, 8));
    if (!reached) return absl::OkStatus();
  }
}

}  // namespace weir

#endif  // WEIR_CORE_TESTING_VERIFY_STATE_BACKEND_H_
