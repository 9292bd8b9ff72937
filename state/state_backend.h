// StateBackend: what the runtime drives of an operator's state: snapshots and restore. One per operator and subtask; belongs to
// the subtask's executor, starts no thread and reads no clock. Operators do not see it: they use the typed tables that they
// declared in Open().
//
// A snapshot is exactly what the tables hold at BeginSnapshot(). It is taken while the operator goes on:
//
//   at the barrier      backend.BeginSnapshot();
//   after each batch    backend.AdvanceSnapshot(slots_max); write(backend.TakeEmitted(bytes_max));
//   until               backend.snapshot_complete()
//
// Updates emit the old value of what the cursor has not passed, so records also come while the operator works. Memory of what is
// emitted and not taken is bounded by the caller: above a maximum of its own of emitted_bytes() it gives the operator no more
// input until it has taken enough. One snapshot at a time: before the next one the caller drives this to its end or aborts it.
//
// The records are those of docs/formats/state-snapshot.md. Their order is unspecified, and so is how they are cut.
// VerifyStateBackend (core/testing) checks this contract.
#ifndef WEIR_STATE_STATE_BACKEND_H_
#define WEIR_STATE_STATE_BACKEND_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/base/key_group.h"
#include "state/state_declaration.h"

namespace weir {

class StateBackend {
 public:
  virtual ~StateBackend() = default;

  virtual KeyGroupRange key_groups() const = 0;
  virtual int max_parallelism() const = 0;

  // The states declared so far, in that order; for the manifest and for CheckCompatible().
  virtual std::vector<StateDeclaration> declarations() const = 0;

  // Fixes what the snapshot holds. Takes time in proportion to the tables, not to their entries. CHECKs !snapshot_running().
  virtual void BeginSnapshot() = 0;
  // From BeginSnapshot() until snapshot_complete() or AbortSnapshot().
  virtual bool snapshot_running() const = 0;
  // Looks at no more than about `slots_max` slots further. Nothing happens if no snapshot is running or the cursor is at its end.
  virtual void AdvanceSnapshot(size_t slots_max) = 0;
  // Of records that wait for TakeEmitted().
  virtual size_t emitted_bytes() const = 0;
  // The oldest records, and no more than `bytes_max` of them, unless one piece (up to 64 KiB and one record) is longer. Empty only
  // if nothing waits. What several calls return, one after another, is the snapshot; also that of several backends.
  virtual std::string TakeEmitted(size_t bytes_max) = 0;
  // The last snapshot that began has been emitted and taken. False before the first one and after AbortSnapshot().
  virtual bool snapshot_complete() const = 0;
  // What ContentHash(key_groups()) was when that snapshot began, found out while its records were emitted. CHECKs
  // snapshot_complete().
  virtual uint64_t snapshot_content_hash() const = 0;
  // Forgets the snapshot and what waits of it. Nothing happens if none is running.
  virtual void AbortSnapshot() = 0;

  // Adds the records that lie in key_groups() and ignores the others. To be called after the states are declared and before
  // the first row, once per piece or for all pieces together, with whole results of TakeEmitted() of any old subtask.
  // DataLoss, naming the state and the place, for malformed or contradictory bytes; FailedPrecondition for states that are not
  // declared, or declared with other schemas. After an error the backend must not be used.
  virtual absl::Status Restore(std::string_view records) = 0;

  // Of all entries of all states in those key groups (state/content_hash.h): order does not matter, and the hashes of disjoint
  // sets add up. Looks at every entry.
  virtual uint64_t ContentHash(KeyGroupRange groups) const = 0;
  // The same of one state; CHECKs that it is declared.
  virtual uint64_t ContentHash(KeyGroupRange groups, std::string_view state) const = 0;
};

}  // namespace weir

#endif  // WEIR_STATE_STATE_BACKEND_H_
