// Checkpoints and commits, judged by the files on the shared volume:
//
//   - when a pointer becomes visible, every checkpoint that it retains is durable with all its files: it is there and whole in the
//     image that the volume would have if all machines lost power now;
//   - no pointer is published by an older attempt than the newest durable one, or names an older checkpoint;
//   - nothing that the newest durable pointer retains is removed;
//   - what a completed checkpoint holds is a consistent cut, as far as the workload can tell;
//   - a part of a file sink becomes visible only when a durable pointer has named a checkpoint that holds it.
//
// Counts "commits_between_failures": commits of an attempt that an older one had committed before, and a failure parts the two.
#ifndef WEIR_SIM_ORACLES_CHECKPOINT_ORACLE_H_
#define WEIR_SIM_ORACLES_CHECKPOINT_ORACLE_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/checkpoint/checkpoint_pointer.h"
#include "core/proto/manifest.pb.h"
#include "sim/file_tree.h"
#include "sim/oracles/oracle.h"

namespace weir::sim {

// DataLoss if the checkpoint is no consistent cut; `read` gives the bytes of a state file by its name.
using CheckCut = std::function<absl::Status(
    const proto::CheckpointManifest& manifest,
    const std::function<absl::StatusOr<std::string>(const std::string& name)>& read)>;

class CheckpointOracle final : public Oracle {
 public:
  // Folders are absolute and below /shared. `check_cut` may be null.
  CheckpointOracle(OracleLog* log, std::string checkpoint_folder,
                   std::vector<std::string> output_folders, CheckCut check_cut = nullptr);

  void OnFileCall(std::string_view process, std::string_view operation, std::string_view path,
                  const absl::Status& status) override;
  void AtEnd(bool finished) override;

 private:
  void OnPointer(const std::string& process, const std::string& path);
  void OnVisiblePart(const std::string& process, std::string_view from_path,
                     std::string_view to_path);
  // What would be left if all machines lost power now.
  std::unique_ptr<FileTree> Image();
  // In `image`; sequence 0 if there is none.
  absl::StatusOr<PointerRecord> NewestPointer(const FileTree& image) const;
  // DataLoss, naming what is missing in `image`.
  absl::Status CheckRetained(const FileTree& image, const PointerRecord& pointer) const;
  absl::Status CheckNewestDurable();
  void CollectCommittables(const FileTree& image);
  void CheckNewCut(const std::string& process, const FileTree& image, const ManifestRef& ref);

  const std::string checkpoint_folder_;
  const std::vector<std::string> output_folders_;
  const CheckCut check_cut_;
  bool published_ = false;  // A pointer has become visible.
  std::string last_cut_;    // The manifest that was looked at last.
  // Everything up to this checkpoint is committed, as this attempt said last.
  CheckpointId committed_through_;
  JobAttempt committed_by_;
  // Temporary and visible names of parts in checkpoints that a durable pointer has named.
  std::set<std::pair<std::string, std::string>> committables_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_CHECKPOINT_ORACLE_H_
