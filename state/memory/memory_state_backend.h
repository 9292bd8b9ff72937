// MemoryStateBackend: the StateBackend whose tables are in memory, and the place where operators declare them:
//
//   StateTable<int64_t, Sum>& sums = backend.Keyed<int64_t, Sum>("sums");
//   NamespacedTable<int64_t, EventTime, Sum>& windows = backend.Namespaced<int64_t, EventTime, Sum>("windows");
//
// Tables live as long as the backend. Belongs to the executor of its subtask. Takes memory for the entries, and for what is
// emitted and not taken.
#ifndef WEIR_STATE_MEMORY_MEMORY_STATE_BACKEND_H_
#define WEIR_STATE_MEMORY_MEMORY_STATE_BACKEND_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/base/key_group.h"
#include "state/memory/memory_state.h"
#include "state/memory/namespaced_table.h"
#include "state/memory/state_table.h"
#include "state/snapshot_chunk.h"
#include "state/state_backend.h"
#include "state/state_declaration.h"

namespace weir {

class MemoryStateBackend final : public StateBackend {
 public:
  MemoryStateBackend(KeyGroupRange key_groups, int max_parallelism);

  // Declares a state. CHECKs that its name is valid and new and that no snapshot is running.
  template <class K, class V>
  StateTable<K, V>& Keyed(std::string name) {
    using State = KeyedMemoryState<K, V>;
    auto state = std::make_unique<State>(NewIdentity(), epoch_);
    StateTable<K, V>& table = state->table();
    Add(State::Declare(std::move(name)), std::move(state));
    return table;
  }
  template <class K, class N, class V>
  NamespacedTable<K, N, V>& Namespaced(std::string name) {
    using State = NamespacedTable<K, N, V>;
    auto state = std::make_unique<State>(NewIdentity(), epoch_);
    State& table = *state;
    Add(State::Declare(std::move(name)), std::move(state));
    return table;
  }

  KeyGroupRange key_groups() const override { return key_groups_; }
  int max_parallelism() const override { return max_parallelism_; }
  std::vector<StateDeclaration> declarations() const override { return declarations_; }
  void BeginSnapshot() override;
  bool snapshot_running() const override { return phase_ == Phase::kRunning; }
  void AdvanceSnapshot(size_t slots_max) override;
  size_t emitted_bytes() const override { return writer_.bytes(); }
  std::string TakeEmitted(size_t bytes_max) override;
  bool snapshot_complete() const override { return phase_ == Phase::kComplete; }
  uint64_t snapshot_content_hash() const override;
  void AbortSnapshot() override;
  absl::Status Restore(std::string_view records) override;
  uint64_t ContentHash(KeyGroupRange groups) const override;
  uint64_t ContentHash(KeyGroupRange groups, std::string_view state) const override;

 private:
  enum class Phase : uint8_t { kNone, kRunning, kComplete };

  StateTableIdentity NewIdentity() const;
  void Add(StateDeclaration declaration, std::unique_ptr<MemoryState> state);
  uint64_t ContentHashOf(size_t index, KeyGroupRange groups) const;
  absl::Status RestoreRun(const SnapshotRun& run);
  void CompleteIfTaken();

  const KeyGroupRange key_groups_;
  const int max_parallelism_;
  std::vector<StateDeclaration> declarations_;
  std::vector<std::unique_ptr<MemoryState>> states_;  // One per declaration.

  uint32_t epoch_ = 1;  // Of the last snapshot that began, aborted ones included.
  Phase phase_ = Phase::kNone;
  size_t scanned_states_ = 0;  // The cursor has been through these.
  SnapshotWriter writer_;
};

}  // namespace weir

#endif  // WEIR_STATE_MEMORY_MEMORY_STATE_BACKEND_H_
