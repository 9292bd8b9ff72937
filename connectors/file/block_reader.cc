#include "connectors/file/block_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

// The rest of a line that crosses the end of a range is short as a rule.
constexpr size_t kOpenLineBytesFirst = 64 * 1024;

std::string ListedAs(const FileSplit& split) {
  return absl::StrCat(
      "it had ", split.file_size_bytes, " bytes, modified ",
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixNanos(split.modified_unix_nanos),
                       absl::UTCTimeZone()),
      ", when the job listed its input. Run the job again, on files that nothing replaces "
      "meanwhile");
}

}  // namespace

FileBlocks::FileBlocks(FileSystem& file_system, FileSplit split, uint64_t stream_begin,
                       size_t block_bytes)
    : file_system_(file_system),
      split_(std::move(split)),
      block_bytes_(block_bytes),
      cursor_(stream_begin),
      open_line_bytes_(std::min(block_bytes, kOpenLineBytesFirst)) {
  WEIR_CHECK_LT(0, block_bytes);
  if (split_.compression == FileCompression::kNone) return;
  skip_bytes_ = std::exchange(cursor_, 0);
  decompressor_ = NewDecompressor(split_.compression);
}

absl::StatusOr<FileBlock> FileBlocks::Next() {
  if (file_ == nullptr) WEIR_RETURN_IF_ERROR(Open());
  return decompressor_ == nullptr ? NextPlain() : NextDecompressed();
}

absl::Status FileBlocks::Open() {
  absl::StatusOr<std::unique_ptr<ReadableFile>> file = file_system_.OpenForRead(split_.path);
  if (absl::IsNotFound(file.status())) {
    return absl::NotFoundError(absl::StrCat(split_.path, " disappeared: ", ListedAs(split_)));
  }
  WEIR_RETURN_IF_ERROR(file.status());
  const size_t size = FingerprintBytes(split_.file_size_bytes);
  WEIR_ASSIGN_OR_RETURN(const std::string begin, (*file)->ReadAt(0, size));
  if (begin.size() < size) return Shrank(begin.size());
  if (StableHash64(begin) != split_.fingerprint) {
    return absl::FailedPreconditionError(
        absl::StrCat(split_.path, " is another file now: ", ListedAs(split_)));
  }
  file_ = *std::move(file);
  return absl::OkStatus();
}

absl::Status FileBlocks::Shrank(uint64_t bytes) const {
  return absl::DataLossError(absl::StrCat(split_.path, " shrank to ", bytes,
                                          " bytes while it was read: ", ListedAs(split_)));
}

absl::StatusOr<std::string> FileBlocks::ReadAtCursor(size_t bytes_max) {
  const uint64_t left = split_.file_size_bytes - std::min(cursor_, split_.file_size_bytes);
  const size_t size = static_cast<size_t>(std::min<uint64_t>(bytes_max, left));
  if (size == 0) return std::string();
  WEIR_ASSIGN_OR_RETURN(std::string bytes, file_->ReadAt(cursor_, size));
  if (bytes.size() < size) {
    WEIR_ASSIGN_OR_RETURN(const FileInfo info, file_system_.Stat(split_.path));
    return Shrank(info.size_bytes);
  }
  cursor_ += size;
  return bytes;
}

absl::StatusOr<FileBlock> FileBlocks::NextPlain() {
  size_t size = block_bytes_;
  if (cursor_ < split_.end) {
    size = static_cast<size_t>(std::min<uint64_t>(size, split_.end - cursor_));
  } else {
    size = std::exchange(open_line_bytes_, std::min(block_bytes_, open_line_bytes_ * 2));
  }
  const uint64_t start = cursor_;
  FileBlock block;
  WEIR_ASSIGN_OR_RETURN(block.bytes, ReadAtCursor(size));
  const uint64_t share_begin = std::max(start, split_.begin);
  const uint64_t share_end = std::min(cursor_, split_.end);
  if (share_begin < share_end) block.raw_bytes = static_cast<int64_t>(share_end - share_begin);
  block.last = cursor_ >= split_.file_size_bytes;
  block.range_read = block.last || cursor_ >= split_.end;
  return block;
}

absl::StatusOr<FileBlock> FileBlocks::NextDecompressed() {
  FileBlock block;
  const uint64_t start = cursor_ - input_left_.size();
  while (block.bytes.size() < block_bytes_ && !block.last) {
    if (input_left_.empty()) {
      WEIR_ASSIGN_OR_RETURN(input_, ReadAtCursor(block_bytes_));
      input_left_ = input_;
    }
    const bool all_read = cursor_ >= split_.file_size_bytes;
    const absl::Status status = decompressor_->Decompress(input_left_, block_bytes_, block.bytes);
    if (!status.ok()) return Damaged(ToStd(status.message()));
    // Room was left, so nothing is held back.
    block.last = all_read && input_left_.empty() && block.bytes.size() < block_bytes_;
  }
  if (block.last && !decompressor_->complete()) return Damaged("the file ends too early");
  block.raw_bytes = static_cast<int64_t>(cursor_ - input_left_.size() - start);
  block.range_read = block.last;
  Skip(block);
  return block;
}

void FileBlocks::Skip(FileBlock& block) {
  if (skip_bytes_ == 0) return;
  const size_t size = static_cast<size_t>(std::min<uint64_t>(skip_bytes_, block.bytes.size()));
  block.bytes.erase(0, size);
  skip_bytes_ -= size;
}

absl::Status FileBlocks::Damaged(std::string_view reason) const {
  return absl::DataLossError(
      absl::StrCat(split_.path, " is damaged at byte ", cursor_ - input_left_.size(), " of its ",
                   ToAbsl(FileCompressionName(split_.compression)), " data: ", ToAbsl(reason),
                   ". Replace it by an intact copy, or take it out of the input"));
}

BlockReader::BlockReader(OperatorContext& context, FileSplit split, uint64_t stream_begin,
                         size_t block_bytes)
    : context_(context),
      blocks_(std::make_shared<FileBlocks>(context.env().file_system(), std::move(split),
                                           stream_begin, block_bytes)) {}

BlockReader::~BlockReader() {
  state_->closed = true;
  // The file is closed where it was opened, behind a read that may be in flight.
  context_.io_executor().Post([blocks = std::move(blocks_)]() mutable { blocks.reset(); });
}

void BlockReader::Request() {
  if (state_->in_flight || ready() || at_end_) return;
  state_->in_flight = true;
  auto answer = [state = state_, context = &context_](absl::StatusOr<FileBlock> block) {
    if (state->closed) return;  // And the context may be gone.
    state->in_flight = false;
    state->ready = std::move(block);
    context->Wake();
  };
  context_.io_executor().Post(
      [blocks = blocks_, executor = &context_.executor(), answer = std::move(answer)]() mutable {
        executor->Post([answer = std::move(answer), block = blocks->Next()]() mutable {
          answer(std::move(block));
        });
      });
}

absl::StatusOr<FileBlock> BlockReader::Take() {
  WEIR_CHECK(ready());
  absl::StatusOr<FileBlock> block = *std::move(state_->ready);
  state_->ready.reset();
  // After an error there is nothing more to ask for.
  at_end_ = !block.ok() || block->last;
  range_read_ = !block.ok() || block->range_read;
  if (!range_read_) Request();
  return block;
}

}  // namespace weir
