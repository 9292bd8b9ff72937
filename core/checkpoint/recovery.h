// Recovery: which part of a checkpoint each subtask of a new deployment reads, whatever its parallelism. Pure.
//
//   keyed state      by key group: a subtask reads the files that hold groups of its share, each group from exactly one place
//   operator state   split: shared out evenly; union: all of it to everyone; broadcast: one copy each
//   splits           stay with their reader, or are shared out evenly if the parallelism has changed; what was pending stays
//                    pending, what is finished stays finished
//   committables     to exactly one subtask, which commits them again
//
// A job that has changed is compared by uid, state name and schema, never by digest.
#ifndef WEIR_CORE_CHECKPOINT_RECOVERY_H_
#define WEIR_CORE_CHECKPOINT_RECOVERY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/key_group.h"
#include "core/proto/manifest.pb.h"

namespace weir {

// An operator with a uid, as it will run.
struct RestoreOperator {
  std::string uid;
  std::string name;  // For people.
  int parallelism = 1;
  int max_parallelism = kMaxParallelismDefault;
  std::vector<proto::StateDeclaration> states;
};

struct RestoreOptions {
  // --allow-non-restored-state: state that nobody takes is left behind instead of refused.
  bool allow_non_restored_state = false;
};

struct KeyedRead {
  KeyGroupRange stored;  // What the files hold.
  KeyGroupRange wanted;  // What to take of it; not empty.
  std::vector<proto::StateFile> files;
  std::optional<uint64_t> content_hash;  // Of what is wanted, if that is recorded.
};

// What one subtask starts from.
struct SubtaskRestore {
  std::vector<KeyedRead> keyed;  // Their wanted ranges partition the subtask's share, in order.
  std::vector<proto::OperatorStateSnapshot> operator_states;
  std::vector<proto::ReaderSplitSnapshot> splits;
  std::vector<std::string> committables;
  // True if it had ended, or if its work is spread over other subtasks now and all of them had.
  bool ended = false;
  int64_t watermark_micros = INT64_MIN;  // Own, or the least of all.
};

struct OperatorRestore {
  std::vector<SubtaskRestore> subtasks;  // By index.
  // Sources: with what the readers had finished added to `finished`.
  std::optional<proto::EnumeratorSnapshot> enumerator;
  std::vector<std::string> dropped_states;  // By name: in the files, not declared any more.
};

struct RestorePlan {
  std::map<std::string, OperatorRestore> operators;  // By uid; those that the checkpoint knows.
  std::vector<std::string> new_uids;                 // Start empty.
  std::vector<std::string> dropped_uids;             // Allowed to stay behind.
};

// `manifest` is valid (DecodeManifest). FailedPrecondition, naming uid and remedy: state that no operator takes, another max
// parallelism, a state whose kind or schema differs. InvalidArgument: a parallelism out of range. DataLoss: a split is in two
// places or in none.
absl::StatusOr<RestorePlan> PlanRestore(const proto::CheckpointManifest& manifest,
                                        const std::vector<RestoreOperator>& operators,
                                        const RestoreOptions& options);

// OK if every split is in exactly one of: pending, one reader, finished. DataLoss naming uid and split otherwise.
absl::Status CheckSplits(const proto::OperatorState& source);

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_RECOVERY_H_
