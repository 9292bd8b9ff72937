// Manifest: what a checkpoint consists of: which operators, with which declared state, which files hold it, and the small state
// itself. A sealed file (core/checkpoint/sealed_file.h) around proto::CheckpointManifest; docs/formats/checkpoint.md has the
// layout. Pure.
//
// Invariants of every manifest that Encode accepts and Decode returns: uids ascend; an operator has one snapshot for each of its
// subtasks, in order; where it declares keyed state, the key group ranges of a subtask are exactly its share, each group once;
// state is snapshotted only under declared names; schemas parse; file names are plain names in the manifest's own folder. There
// is no time and no address in it, so equal content has equal bytes.
#ifndef WEIR_CORE_CHECKPOINT_MANIFEST_H_
#define WEIR_CORE_CHECKPOINT_MANIFEST_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/checkpoint/job_attempt.h"
#include "core/proto/manifest.pb.h"

namespace weir {

struct ManifestHeader {
  CheckpointId checkpoint;
  JobId job;
  std::string job_name;
  std::string run_id;  // "": that of whoever restores it.
  uint64_t job_graph_digest = 0;
  JobAttempt attempt;
  bool savepoint = false;
};

// An operator with a uid, as it ran.
struct ManifestOperator {
  std::string uid;
  std::string name;  // For people.
  int parallelism = 1;
  int max_parallelism = 128;
  // Sources: taken in the turn that queued the barriers.
  std::optional<proto::EnumeratorSnapshot> enumerator = std::nullopt;
};

// The manifest of a checkpoint that every subtask acknowledged. Internal, naming uid and subtask, if the snapshots are not what
// `operators` promise: that is a bug of the engine, and the checkpoint must not complete.
absl::StatusOr<proto::CheckpointManifest> BuildManifest(
    const ManifestHeader& header, std::vector<ManifestOperator> operators,
    const std::map<SubtaskId, proto::SubtaskSnapshot>& snapshots);

// The first invariant that does not hold, as InvalidArgument naming uid and subtask.
absl::Status ValidateManifest(const proto::CheckpointManifest& manifest);

// The whole file. InvalidArgument by ValidateManifest; ResourceExhausted if it is too long.
absl::StatusOr<std::string> EncodeManifest(const proto::CheckpointManifest& manifest);
// DataLoss naming `path` for anything EncodeManifest does not make.
absl::StatusOr<proto::CheckpointManifest> DecodeManifest(std::string_view bytes,
                                                         std::string_view path);

// Every state file that the manifest needs, by name, each once.
std::vector<proto::StateFile> ReachableFiles(const proto::CheckpointManifest& manifest);

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_MANIFEST_H_
