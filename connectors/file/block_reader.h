// Reading one split of a file in blocks of uncompressed bytes, one block ahead.
//
// FileBlocks does the blocking part and lives on an executor of kind kIo. BlockReader is its face to
// the subtask: it belongs to the subtask's executor, keeps at most one block in flight or ready, and
// calls OperatorContext::Wake() when one arrives. Destroying it drops what is in flight; nothing of
// it touches the context afterwards.
#ifndef WEIR_CONNECTORS_FILE_BLOCK_READER_H_
#define WEIR_CONNECTORS_FILE_BLOCK_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/file/decompressor.h"
#include "connectors/file/file_split.h"
#include "core/env/file_system.h"
#include "core/operators/operator_context.h"

namespace weir {

struct FileBlock {
  std::string bytes;        // Follow those of the last block without a gap.
  int64_t raw_bytes = 0;    // Of the split's share of the file (compressed size), for metrics.
  bool range_read = false;  // Every byte of the split's range has come: more is for an open line.
  bool last = false;        // The stream ends here.
};

class FileBlocks {
 public:
  // The stream is that of the uncompressed bytes from `stream_begin` on: those before it are skipped,
  // which for a compressed file takes reading them. Blocks hold about `block_bytes` (> 0), fewer at
  // the end of the range and of the file.
  FileBlocks(FileSystem& file_system, FileSplit split, uint64_t stream_begin, size_t block_bytes);

  // Requires that the last block was not `last`. The bytes up to the size the file was listed with:
  // what is appended meanwhile is not read, so that rows do not depend on when the reading happens.
  // NotFound if the file disappeared, FailedPrecondition if it is another one than was listed,
  // DataLoss if it shrank or its compression is damaged; all errors name the path.
  absl::StatusOr<FileBlock> Next();

 private:
  absl::Status Open();
  absl::StatusOr<std::string> ReadAtCursor(size_t bytes_max);
  absl::StatusOr<FileBlock> NextPlain();
  absl::StatusOr<FileBlock> NextDecompressed();
  void Skip(FileBlock& block);
  absl::Status Shrank(uint64_t bytes) const;
  absl::Status Damaged(std::string_view reason) const;

  FileSystem& file_system_;
  const FileSplit split_;
  const size_t block_bytes_;
  std::unique_ptr<ReadableFile> file_;
  uint64_t cursor_;         // Offset in the file of the next byte to read.
  size_t open_line_bytes_;  // How much to read next behind the range.

  std::unique_ptr<Decompressor> decompressor_;
  uint64_t skip_bytes_ = 0;      // Of uncompressed bytes that are still to come.
  std::string input_;            // Compressed bytes that were read last.
  std::string_view input_left_;  // What the decompressor has not taken yet.
};

class BlockReader {
 public:
  BlockReader(OperatorContext& context, FileSplit split, uint64_t stream_begin, size_t block_bytes);
  ~BlockReader();
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  // Starts reading the next block, unless one is in flight or ready or the last one was taken.
  void Request();
  bool ready() const { return state_->ready.has_value(); }
  // Requires ready(). Requests the block behind it if that is surely needed.
  absl::StatusOr<FileBlock> Take();
  // The last block of the stream was taken.
  bool at_end() const { return at_end_; }
  // What was taken covers the split's range, or the stream ended: nothing is read ahead any more.
  bool range_read() const { return range_read_; }

 private:
  struct State {
    bool closed = false;
    bool in_flight = false;
    std::optional<absl::StatusOr<FileBlock>> ready;
  };

  OperatorContext& context_;
  std::shared_ptr<FileBlocks> blocks_;  // Touched on the I/O executor only.
  std::shared_ptr<State> state_ = std::make_shared<State>();
  bool at_end_ = false;
  bool range_read_ = false;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_BLOCK_READER_H_
