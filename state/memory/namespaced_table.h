// NamespacedTable: (namespace, key) -> value in memory, a StateTable per namespace, so that a namespace (say, a window) is looked up
// once for many keys and dropped as a whole. Belongs to the executor of its subtask. Operators get theirs from
// MemoryStateBackend.
//
// A namespace dropped while a snapshot needs it is out of the operator's sight at once, and stays in memory until the cursor has
// been through it: dropping never pauses for what it holds.
#ifndef WEIR_STATE_MEMORY_NAMESPACED_TABLE_H_
#define WEIR_STATE_MEMORY_NAMESPACED_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "core/base/check.h"
#include "core/types/key_codec.h"
#include "state/memory/memory_state.h"
#include "state/memory/state_table.h"

namespace weir {

template <class K, class N, class V>
class NamespacedTable final : public MemoryState {
 public:
  using Table = StateTable<K, V>;

  NamespacedTable(StateTableIdentity identity, uint32_t epoch)
      : identity_(std::move(identity)), epoch_(epoch) {}

  static StateDeclaration Declare(std::string name) {
    return {std::move(name), StateKind::kNamespaced, Codec<K>::SchemaOf(), Codec<N>::SchemaOf(),
            Codec<V>::SchemaOf()};
  }

  bool empty() const { return tables_.empty(); }
  // How many namespaces there are, empty ones included.
  size_t size() const { return tables_.size(); }

  // Null if the namespace does not exist.
  Table* Find(const N& name_space) {
    const auto found = tables_.find(name_space);
    return found == tables_.end() ? nullptr : found->second.get();
  }
  // Makes it if it does not exist. An empty namespace exists until it is dropped, but is no part of a snapshot. The address is
  // good until then.
  Table& FindOrCreate(const N& name_space) {
    std::unique_ptr<Table>& table = tables_[name_space];
    if (table == nullptr) table = NewTable(name_space);
    return *table;
  }
  // CHECKs that it exists.
  void Drop(const N& name_space) {
    const auto found = tables_.find(name_space);
    WEIR_CHECK(found != tables_.end());
    std::unique_ptr<Table> table = std::move(found->second);
    tables_.erase(found);
    if (scanning_) {
      dropped_.push_back(std::move(table));
    } else {
      Keep(std::move(table));
    }
  }

  // The smallest namespace; requires !empty().
  const N& first() const { return tables_.begin()->first; }
  // Calls fn(const N&, Table&) in order of the namespaces.
  template <class Fn>
  void ForEach(const Fn& fn) {
    for (auto& [name_space, table] : tables_) fn(name_space, *table);
  }

  // MemoryState:

  void BeginSnapshot(uint32_t epoch, SnapshotWriter& writer) override {
    WEIR_CHECK(dropped_.empty());
    epoch_ = epoch;
    scanning_ = true;
    passed_.reset();
    for (auto& [name_space, table] : tables_) table->BeginSnapshot(epoch, writer);
  }

  bool AdvanceSnapshot(size_t& slots_max) override {
    for (; !dropped_.empty(); dropped_.pop_front()) {
      if (!dropped_.front()->AdvanceSnapshot(slots_max)) return false;
      Keep(std::move(dropped_.front()));
    }
    // Namespaces made since the snapshot began have nothing to emit, so it does not matter on which side they are.
    auto next = passed_ ? tables_.upper_bound(*passed_) : tables_.begin();
    for (; next != tables_.end(); ++next) {
      if (!next->second->AdvanceSnapshot(slots_max)) return false;
      passed_ = next->first;
    }
    scanning_ = false;
    return true;
  }

  void AbortSnapshot() override {
    scanning_ = false;
    dropped_.clear();
    for (auto& [name_space, table] : tables_) table->AbortSnapshot();
  }

  absl::Status Restore(const SnapshotRun& run) override {
    ByteReader reader(run.bytes);
    N name_space{};
    if (!KeyCodec<N>::Decode(reader, name_space)) {
      return SnapshotRunError(run, reader.position(), "malformed namespace");
    }
    return FindOrCreate(name_space).Restore(run, reader);
  }

  uint64_t ContentHash(KeyGroupRange groups, uint64_t seed_of_state) const override {
    uint64_t sum = 0;
    for (const auto& [name_space, table] : tables_)
      sum += table->ContentHash(groups, seed_of_state);
    return sum;
  }

 private:
  std::unique_ptr<Table> NewTable(const N& name_space) {
    std::string encoded;
    EncodeKey(name_space, encoded);
    if (spare_ != nullptr) {
      spare_->Reuse(std::move(encoded), epoch_);
      return std::move(spare_);
    }
    StateTableIdentity identity = identity_;
    identity.name_space = std::move(encoded);
    return std::make_unique<Table>(std::move(identity), epoch_);
  }
  // The memory of one dropped table is kept for the next one.
  void Keep(std::unique_ptr<Table> table) {
    table->Reuse("", epoch_);
    spare_ = std::move(table);
  }

  const StateTableIdentity identity_;
  uint32_t epoch_;
  std::map<N, std::unique_ptr<Table>> tables_;
  std::unique_ptr<Table> spare_;  // Empty.

  bool scanning_ = false;    // A snapshot runs whose cursor is not at the end.
  std::optional<N> passed_;  // The last namespace that the cursor has been through.
  std::deque<std::unique_ptr<Table>> dropped_;  // Since it began; the cursor goes here first.
};

}  // namespace weir

#endif  // WEIR_STATE_MEMORY_NAMESPACED_TABLE_H_
