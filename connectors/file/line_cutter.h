// LineCutter: cuts a stream of blocks of bytes into lines. Pure; owned by one reader.
//
// A line ends at LF or at the end of the stream; one CR before that end is not part of it. Lines are
// views into the current block. Only a line that crosses a block's border is copied, and at most
// `line_bytes_max` of it: a longer line is skipped and reported by position and excerpt.
//
// It yields the lines that start in [begin, end) of the stream. Since whether a line starts at
// `begin` shows in the byte before, the first block must start at stream_begin(). Which lines come,
// and their offsets, does not depend on where blocks or ranges are cut. Where reading goes on after
// a line that was read before, `begin` is known to be the start of a line or the end of the stream.
#ifndef WEIR_CONNECTORS_FILE_LINE_CUTTER_H_
#define WEIR_CONNECTORS_FILE_LINE_CUTTER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

class LineCutter {
 public:
  enum class Begin { kAnywhere, kAtLine };
  LineCutter(uint64_t begin, uint64_t end, size_t line_bytes_max, Begin where = Begin::kAnywhere);
  LineCutter(const LineCutter&) = delete;
  LineCutter& operator=(const LineCutter&) = delete;

  struct Line {
    uint64_t offset = 0;    // Of its first byte in the stream.
    std::string_view text;  // Without its end. Of a line that is too long: its first bytes.
    bool too_long = false;
  };

  // Where the first block must start.
  uint64_t stream_begin() const { return stream_begin_; }
  // Where the next line starts, or the lines end; what was cut so far ends there.
  uint64_t next_offset() const { return std::max(line_offset_, begin_); }

  // The next line, or nothing: then either done() or the next block is needed (AddBlock or
  // EndOfStream). Its text is valid until the next AddBlock or EndOfStream. After one line that
  // carried over from the last block, all others are views into the block.
  std::optional<Line> Next();

  // Requires that Next() returned nothing. Invalidates the text of all lines.
  void AddBlock(std::string block);
  // No block follows.
  void EndOfStream();

  // No line follows. Becomes true as soon as the next line would start at or behind the end.
  bool done() const { return done_; }

  static constexpr size_t kExcerptBytesMax = 256;

 private:
  Line Finish(uint64_t offset, std::string_view text, uint64_t size);
  void KeepTail();

  const uint64_t begin_;
  const uint64_t stream_begin_;
  const uint64_t end_;
  const size_t line_bytes_max_;

  std::string block_;
  size_t cursor_ = 0;         // In block_: where the next line, or the rest of this one, starts.
  uint64_t block_offset_;     // Of block_[0] in the stream.
  uint64_t line_offset_;      // Of the line that `carry_` begins.
  std::string carry_;         // What earlier blocks held of the current line, up to the limit.
  uint64_t carry_size_ = 0;   // The whole of what they held.
  bool skipping_;             // The current line started before begin_.
  bool carry_taken_ = false;  // carry_ was handed out and is to be emptied.
  bool end_of_stream_ = false;
  bool done_ = false;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_LINE_CUTTER_H_
