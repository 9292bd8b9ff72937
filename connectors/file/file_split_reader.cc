#include "connectors/file/file_split_reader.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace weir {

absl::Status FileSplitReader::Open(OperatorContext& context) {
  WEIR_CHECK(context_ == nullptr);
  context_ = &context;
  if (options_.rows_per_second > 0) {
    pacer_.emplace(options_.rows_per_second, context.env().clock().Monotonic());
  }
  return absl::OkStatus();
}

absl::Status FileSplitReader::AddSplit(const SourceSplit& split,
                                       std::optional<SourcePosition> from) {
  WEIR_CHECK(context_ != nullptr);
  WEIR_ASSIGN_OR_RETURN(FileSplit file_split, DecodeFileSplit(split.payload));
  uint64_t begin = file_split.begin;
  if (from.has_value()) {
    if (from->container != file_split.container || from->offset < 0 ||
        static_cast<uint64_t>(from->offset) < begin) {
      return absl::DataLossError(absl::StrCat("byte ", from->offset, " of file ", from->container,
                                              " is not in the split of ", file_split.path,
                                              " that starts at byte ", begin));
    }
    begin = static_cast<uint64_t>(from->offset);
  }
  splits_.push_back(
      std::make_unique<OpenSplit>(split.id, std::move(file_split), begin, options_.line_bytes_max));
  return absl::OkStatus();
}

absl::StatusOr<FileSplitReader::Result> FileSplitReader::Poll(Chunk& chunk) {
  WEIR_CHECK(context_ != nullptr);
  chunk.records.clear();
  chunk.positions.clear();
  chunk.malformed.clear();
  chunk.end_of_split = false;
  chunk.bytes = 0;
  WEIR_RETURN_IF_ERROR(failure_);
  if (std::exchange(first_is_finished_, false)) splits_.pop_front();
  if (splits_.empty()) return Result::kNoSplit;

  OpenSplit& split = *splits_.front();
  chunk.split = split.id;
  StartReading(split);
  const size_t lines_max = LinesDue();
  if (lines_max == 0) return Result::kBlocked;
  while (true) {
    Cut(split, lines_max, chunk);
    chunk.next = {split.split.container, static_cast<int64_t>(split.cutter.next_offset())};
    if (split.cutter.done()) {
      chunk.end_of_split = true;
      first_is_finished_ = true;
    }
    lines_ += static_cast<int64_t>(chunk.records.size() + chunk.malformed.size());
    // A refill would take the block away from under the records.
    if (!chunk.records.empty() || !chunk.malformed.empty() || chunk.end_of_split) {
      return Result::kChunk;
    }
    WEIR_ASSIGN_OR_RETURN(const bool refilled, Refill(split, chunk));
    if (refilled) continue;
    // Bytes that made no line yet are progress, too.
    return chunk.bytes > 0 ? Result::kChunk : Result::kBlocked;
  }
}

size_t FileSplitReader::LinesDue() {
  if (!pacer_.has_value()) return options_.lines_per_chunk_max;
  const absl::Duration now = context_->env().clock().Monotonic();
  // As if all readers took turns.
  const auto wait = [&](int64_t line) {
    return pacer_->UntilDue(line * context_->identity().parallelism, now);
  };
  size_t due = 0;
  while (due < options_.lines_per_chunk_max &&
         wait(lines_ + static_cast<int64_t>(due)) <= absl::ZeroDuration()) {
    ++due;
  }
  if (due == 0) wake_.Arm(*context_, wait(lines_));
  return due;
}

void FileSplitReader::Close() {
  if (context_ != nullptr) wake_.Close(*context_);
  splits_.clear();  // Drops reads in flight.
}

void FileSplitReader::StartReading(OpenSplit& split) {
  if (split.blocks != nullptr) return;
  split.blocks = std::make_unique<BlockReader>(*context_, split.split, split.cutter.stream_begin(),
                                               options_.block_bytes);
  split.blocks->Request();
}

void FileSplitReader::Cut(OpenSplit& split, size_t lines_max, Chunk& chunk) {
  while (chunk.records.size() + chunk.malformed.size() < lines_max) {
    const std::optional<LineCutter::Line> line = split.cutter.Next();
    if (!line.has_value()) return;
    const SourcePosition position{split.split.container, static_cast<int64_t>(line->offset)};
    if (line->too_long) [[unlikely]] {
      chunk.malformed.push_back(
          {position, std::string(line->text),
           absl::StrCat("line is longer than line_bytes_max = ", options_.line_bytes_max)});
      continue;
    }
    chunk.records.push_back(line->text);
    chunk.positions.push_back(position);
  }
}

// True if the cutter can go on.
absl::StatusOr<bool> FileSplitReader::Refill(OpenSplit& split, Chunk& chunk) {
  BlockReader& blocks = *split.blocks;
  if (blocks.at_end()) {
    split.cutter.EndOfStream();
    return true;
  }
  if (!blocks.ready()) {
    blocks.Request();
    return false;
  }
  absl::StatusOr<FileBlock> taken = blocks.Take();
  failure_ = taken.status();
  WEIR_RETURN_IF_ERROR(failure_);
  FileBlock block = *std::move(taken);
  chunk.bytes += block.raw_bytes;
  if (block.range_read && splits_.size() > 1) StartReading(*splits_[1]);
  split.cutter.AddBlock(std::move(block.bytes));
  return true;
}

}  // namespace weir
