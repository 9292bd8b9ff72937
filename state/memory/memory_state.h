// MemoryState: one declared state of any type, as MemoryStateBackend drives it. Belongs to the executor of its subtask.
#ifndef WEIR_STATE_MEMORY_MEMORY_STATE_H_
#define WEIR_STATE_MEMORY_MEMORY_STATE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "core/base/byte_codec.h"
#include "core/base/key_group.h"
#include "core/types/codec.h"
#include "state/memory/state_table.h"
#include "state/snapshot_chunk.h"
#include "state/state_declaration.h"

namespace weir {

class MemoryState {
 public:
  virtual ~MemoryState() = default;

  virtual void BeginSnapshot(uint32_t epoch, SnapshotWriter& writer) = 0;
  // As StateTable.
  virtual bool AdvanceSnapshot(size_t& slots_max) = 0;
  virtual void AbortSnapshot() = 0;
  // Adds the entries of a run of one of this backend's key groups.
  virtual absl::Status Restore(const SnapshotRun& run) = 0;
  virtual uint64_t ContentHash(KeyGroupRange groups, uint64_t seed_of_state) const = 0;
};

// A value per key.
template <class K, class V>
class KeyedMemoryState final : public MemoryState {
 public:
  KeyedMemoryState(StateTableIdentity identity, uint32_t epoch)
      : table_(std::move(identity), epoch) {}

  static StateDeclaration Declare(std::string name) {
    return {std::move(name), StateKind::kKeyed, Codec<K>::SchemaOf(), Schema(),
            Codec<V>::SchemaOf()};
  }

  StateTable<K, V>& table() { return table_; }

  void BeginSnapshot(uint32_t epoch, SnapshotWriter& writer) override {
    table_.BeginSnapshot(epoch, writer);
  }
  bool AdvanceSnapshot(size_t& slots_max) override { return table_.AdvanceSnapshot(slots_max); }
  void AbortSnapshot() override { table_.AbortSnapshot(); }
  absl::Status Restore(const SnapshotRun& run) override {
    ByteReader reader(run.bytes);
    return table_.Restore(run, reader);
  }
  uint64_t ContentHash(KeyGroupRange groups, uint64_t seed_of_state) const override {
    return table_.ContentHash(groups, seed_of_state);
  }

 private:
  StateTable<K, V> table_;
};

}  // namespace weir

#endif  // WEIR_STATE_MEMORY_MEMORY_STATE_H_
