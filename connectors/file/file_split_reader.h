// FileSplitReader: the lines of the splits that one subtask was given, split by split. Belongs to the
// subtask's executor. When the current split is read to its end and only its last lines are being
// cut, the first block of the next split is read already, if that has been assigned by then.
#ifndef WEIR_CONNECTORS_FILE_FILE_SPLIT_READER_H_
#define WEIR_CONNECTORS_FILE_FILE_SPLIT_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/file/block_reader.h"
#include "connectors/file/file_split.h"
#include "connectors/file/line_cutter.h"
#include "core/operators/row_pacer.h"
#include "core/operators/source.h"
#include "core/operators/wake_timer.h"

namespace weir {

struct FileSplitReaderOptions {
  size_t block_bytes;
  size_t line_bytes_max;
  size_t lines_per_chunk_max;
  int64_t rows_per_second;
};

class FileSplitReader final : public SplitReader<std::string_view> {
 public:
  explicit FileSplitReader(FileSplitReaderOptions options) : options_(options) {}

  absl::Status Open(OperatorContext& context) override;
  absl::Status AddSplit(const SourceSplit& split, std::optional<SourcePosition> from) override;
  absl::StatusOr<Result> Poll(Chunk& chunk) override;
  void Close() override;

 private:
  struct OpenSplit {
    // Lines from `begin` on; whether one starts at the split's own begin is not known.
    OpenSplit(SplitId id, FileSplit split, uint64_t begin, size_t line_bytes_max)
        : id(id),
          split(std::move(split)),
          cutter(begin, this->split.end, line_bytes_max,
                 begin == this->split.begin ? LineCutter::Begin::kAnywhere
                                            : LineCutter::Begin::kAtLine) {}
    const SplitId id;
    const FileSplit split;
    LineCutter cutter;
    std::unique_ptr<BlockReader> blocks;  // Null until its reading starts.
  };

  void StartReading(OpenSplit& split);
  // How many lines are due, at most lines_per_chunk_max; wakes this reader if none is.
  size_t LinesDue();
  void Cut(OpenSplit& split, size_t lines_max, Chunk& chunk);
  absl::StatusOr<bool> Refill(OpenSplit& split, Chunk& chunk);

  const FileSplitReaderOptions options_;
  OperatorContext* context_ = nullptr;
  std::optional<RowPacer> pacer_;  // If there is a rate.
  int64_t lines_ = 0;              // Of this attempt.
  WakeTimer wake_;
  // The first is being read. It stays until the Poll after its end: records are views into it.
  std::deque<std::unique_ptr<OpenSplit>> splits_;
  bool first_is_finished_ = false;
  absl::Status failure_;  // Once reading failed, every Poll says so.
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_FILE_SPLIT_READER_H_
