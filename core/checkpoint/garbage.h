// Garbage collection in a checkpoint folder. Only files reachable from a retained manifest count; of the others those go that can
// no longer be needed: of older leaders, of checkpoints that are completed or aborted, and pointers behind the newest one.
// Files of newer deployments stay (this one is fenced then), and so does every file whose name says nothing to this build.
#ifndef WEIR_CORE_CHECKPOINT_GARBAGE_H_
#define WEIR_CORE_CHECKPOINT_GARBAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "core/checkpoint/file_tasks.h"
#include "core/checkpoint/storage_task.h"
#include "core/env/file_system.h"

namespace weir {

// What to remove, in order: pointers, then manifests, then state, so that nothing ever points at what is gone. `reachable` are
// the state files of every manifest that `published` retains. Pure.
std::vector<std::string> DecideGarbage(const std::vector<DirectoryEntry>& entries,
                                       const std::set<std::string>& reachable,
                                       const PointerRecord& published,
                                       CheckpointId settled_through);

// Performs the action CollectGarbage. `published` must be durable and by the attempt that runs. Removes nothing if a retained
// manifest cannot be read. A file that cannot be removed is left for the next time; the first such error is returned at the end.
class CollectGarbageTask final : public StorageTask {
 public:
  CollectGarbageTask(FileSystem& file_system, std::string folder, PointerRecord published,
                     CheckpointId settled_through);
  absl::StatusOr<StepResult> Step() override;
  // When done.
  size_t removed_count() const { return removed_count_; }

 private:
  enum class Stage : uint8_t { kList, kRead, kRemove };
  absl::StatusOr<StepResult> ReadStep();

  FileSystem& file_system_;
  const std::string folder_;
  const PointerRecord published_;
  const CheckpointId settled_through_;
  Stage stage_ = Stage::kList;
  std::vector<DirectoryEntry> entries_;
  std::vector<ManifestRef> to_read_;
  std::optional<ReadFileTask> read_;
  std::set<std::string> reachable_;
  std::vector<std::string> garbage_;  // Removed from the back.
  size_t removed_count_ = 0;
  absl::Status first_error_;
};

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_GARBAGE_H_
