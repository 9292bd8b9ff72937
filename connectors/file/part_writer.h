// PartWriter: the untyped half of a file sink's writer: rows of text into parts of one folder.
// Belongs to the subtask's executor; files are touched on context.io_executor() only.
//
// A part is written under its in-progress name, rolled when it holds part_bytes_max, synced, and
// renamed to its visible name by Commit(), so that readers see whole parts or nothing. Which rows
// stand in which part depends on the sequence of rows alone. A subtask without rows makes no part,
// but subtask 0 always makes one: its header shows that the job ran. At most two buffers are in
// flight, and one is being filled.
#ifndef WEIR_CONNECTORS_FILE_PART_WRITER_H_
#define WEIR_CONNECTORS_FILE_PART_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/file/io_queue.h"
#include "core/operators/operator_context.h"
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
  ~PartWriter();

  absl::Status Open(OperatorContext& context);

  // True if a row can be written now; false: kBlocked. The error of an earlier write, if there was
  // one.
  absl::StatusOr<bool> CanTakeRow();
  // Append one row, with its line end, to what it returns. Requires CanTakeRow(), once per row.
  std::string& BeginRow();

  // As in SinkWriter.
  absl::StatusOr<Progress> Finish();
  absl::StatusOr<Progress> Commit();
  void Close();

 private:
  class Files;  // Belongs to the I/O executor.
  enum class Phase { kNew, kWriting, kFinishing, kCommitting, kClosed };

  void StartPart();
  void FlushBuffer();
  void EndPart();
  absl::StatusOr<Progress> WaitForQueue();

  const PartWriterOptions options_;
  Phase phase_ = Phase::kNew;
  OperatorContext* context_ = nullptr;
  std::optional<IoQueue> queue_;
  std::shared_ptr<Files> files_;
  uint64_t unique_ = 0;

  std::string buffer_;
  bool part_is_open_ = false;
  uint64_t flushed_bytes_ = 0;  // Of the open part; the buffer comes behind them.
  int64_t parts_count_ = 0;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_PART_WRITER_H_
