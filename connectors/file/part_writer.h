// PartWriter: the untyped half of a file sink's writer: rows of text into parts of one folder.
// Belongs to the subtask's executor; files are touched on context.io_executor() only.
//
// A part is written under its in-progress name. It ends when it holds part_bytes_max and at every
// PrepareCommit, and is then synced; PrepareCommit is done when all of them and their names are
// durable, and they are committables from then on. Commit() gives them their visible names, so that
// readers see whole parts or nothing. Which rows stand in which part depends on the sequence of rows
// and checkpoints alone. Parts are numbered through all attempts: the next number is union list
// state, so that no name is given twice, whatever the parallelism was. A subtask without rows makes
// no part, but at the end subtask 0 makes one if nobody has: its header shows that the job ran. At
// most two buffers are in flight, and one is being filled.
#ifndef WEIR_CONNECTORS_FILE_PART_WRITER_H_
#define WEIR_CONNECTORS_FILE_PART_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/file/io_queue.h"
#include "connectors/file/part_committable.h"
#include "connectors/file/part_folder.h"
#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/operators/operator_context.h"
#include "core/operators/operator_snapshot.h"
#include "core/operators/progress.h"

namespace weir {

struct PartWriterOptions {
  std::string directory;
  std::string extension;
  std::string header;  // First line of every part, with its line end; or empty.
  uint64_t part_bytes_max = 0;
  size_t buffer_bytes = 0;
};

class PartWriter {
 public:
  explicit PartWriter(PartWriterOptions options);

  absl::Status Open(OperatorContext& context);

  // True if a row can be written now; false: kBlocked. The error of an earlier write, if there was
  // one.
  absl::StatusOr<bool> CanTakeRow();
  // Append one row, with its line end, to what it returns. Requires CanTakeRow(), once per row.
  std::string& BeginRow();

  // As in SinkWriter.
  absl::StatusOr<Progress> Finish();
  absl::StatusOr<Progress> PrepareCommit(CheckpointId checkpoint);
  void Snapshot(OperatorSnapshot& snapshot) const;
  absl::Status Restore(const OperatorSnapshot& restored);
  absl::StatusOr<Progress> Commit(CheckpointId through);
  void Close();

 private:
  enum class Phase { kNew, kWriting, kFinished, kClosed };

  // A part that is a committable. Restored ones belong to checkpoint 0, before every other.
  struct Prepared {
    CheckpointId checkpoint;
    PartCommittable part;
  };

  void StartPart();
  void FlushBuffer();
  void EndPart();
  void PostCommit(CheckpointId through);
  absl::StatusOr<Progress> WaitForQueue() const;

  const PartWriterOptions options_;
  Phase phase_ = Phase::kNew;
  OperatorContext* context_ = nullptr;
  std::optional<IoQueue> queue_;
  std::shared_ptr<PartFolder> folder_;  // Touched on the I/O executor only.
  uint64_t unique_ = 0;

  std::string buffer_;
  std::optional<PartCommittable>
      open_part_;  // Its size is that of what was flushed; the buffer comes behind.
  StableHash64Stream open_part_hash_;
  int64_t next_part_ = 0;

  std::vector<PartCommittable> ended_;  // Not prepared yet.
  std::vector<Prepared> prepared_;      // Not known to be committed; in order of their checkpoints.
  std::optional<CheckpointId> preparing_;
  std::optional<CheckpointId> committing_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_PART_WRITER_H_
