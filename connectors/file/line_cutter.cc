#include "connectors/file/line_cutter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"

namespace weir {
namespace {

constexpr size_t kCarryKeptBytesMax = 64 * 1024;

}  // namespace

LineCutter::LineCutter(uint64_t begin, uint64_t end, size_t line_bytes_max, Begin where)
    : begin_(begin),
      stream_begin_(where == Begin::kAtLine || begin == 0 ? begin : begin - 1),
      end_(end),
      line_bytes_max_(line_bytes_max),
      block_offset_(stream_begin_),
      line_offset_(stream_begin_),
      skipping_(stream_begin_ < begin),
      done_(begin >= end) {}

std::optional<LineCutter::Line> LineCutter::Next() {
  while (!done_) {
    const char* start = block_.data() + cursor_;
    const size_t left = block_.size() - cursor_;
    const void* found = left == 0 ? nullptr : std::memchr(start, '\n', left);
    if (found == nullptr && !end_of_stream_) return std::nullopt;
    const size_t size = found == nullptr ? left : static_cast<const char*>(found) - start;
    if (found == nullptr && carry_size_ + size == 0) {  // Behind the last LF, or an empty stream.
      done_ = true;
      return std::nullopt;
    }
    const uint64_t offset = line_offset_;
    cursor_ += size + (found == nullptr ? 0 : 1);
    line_offset_ = block_offset_ + cursor_;
    done_ = found == nullptr || line_offset_ >= end_;
    if (std::exchange(skipping_, false)) {
      carry_size_ = 0;
      continue;
    }
    if (carry_size_ == 0) return Finish(offset, std::string_view(start, size), size);
    const uint64_t whole_size = std::exchange(carry_size_, 0) + size;
    carry_.append(start, std::min(size, line_bytes_max_ + 1 - carry_.size()));
    carry_taken_ = true;
    return Finish(offset, carry_, whole_size);
  }
  return std::nullopt;
}

// `text` may be cut at line_bytes_max_ + 1, one more than the limit: its last byte may be a CR.
LineCutter::Line LineCutter::Finish(uint64_t offset, std::string_view text, uint64_t size) {
  if (text.size() == size && text.ends_with('\r')) {
    text.remove_suffix(1);
    --size;
  }
  Line line{offset, text, size > line_bytes_max_};
  if (line.too_long) line.text = text.substr(0, std::min(kExcerptBytesMax, line_bytes_max_));
  return line;
}

void LineCutter::KeepTail() {
  if (std::exchange(carry_taken_, false)) {
    // A huge line must not hold its memory for the rest of the file.
    if (carry_.capacity() > kCarryKeptBytesMax) carry_ = std::string();
    carry_.clear();
  }
  const size_t tail = block_.size() - cursor_;
  if (skipping_) {
    // The whole range may lie inside a line that started before it.
    if (block_offset_ + block_.size() + 1 >= end_) done_ = true;
    carry_size_ += tail;
    return;
  }
  if (carry_size_ == 0) carry_.clear();
  carry_.append(block_, cursor_, std::min(tail, line_bytes_max_ + 1 - carry_.size()));
  carry_size_ += tail;
}

void LineCutter::AddBlock(std::string block) {
  WEIR_CHECK(!end_of_stream_);
  WEIR_DCHECK(done_ || block_.find('\n', cursor_) == std::string::npos);
  KeepTail();
  block_offset_ += block_.size();
  block_ = std::move(block);
  cursor_ = 0;
  if (done_) block_.clear();
}

void LineCutter::EndOfStream() {
  WEIR_CHECK(!end_of_stream_);
  KeepTail();
  block_offset_ += block_.size();
  block_.clear();
  cursor_ = 0;
  end_of_stream_ = true;
}

}  // namespace weir
