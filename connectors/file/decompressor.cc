#include "connectors/file/decompressor.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
// The member next_in points to const bytes; zlib never writes through it.
#define ZLIB_CONST
#include "zlib.h"
#include "zstd.h"

namespace weir {
namespace {

// zlib: 15 bits of window; 16 more ask for a gzip header.
constexpr int kGzipWindowBits = 15 + 16;

class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor() { WEIR_CHECK_EQ(inflateInit2(&stream_, kGzipWindowBits), Z_OK); }
  ~GzipDecompressor() override { inflateEnd(&stream_); }

  absl::Status Decompress(std::string_view& input, size_t output_bytes_max,
                          std::string& output) override {
    while (output.size() < output_bytes_max) {
      if (between_members_) {
        // Tapes and block devices pad with zeros; gzip ignores them, too.
        input.remove_prefix(std::min(input.find_first_not_of('\0'), input.size()));
        if (input.empty()) return absl::OkStatus();
        inflateReset(&stream_);
        between_members_ = false;
      }
      const size_t before = output.size();
      const int result = Inflate(input, output_bytes_max, output);
      if (result == Z_STREAM_END) {
        between_members_ = true;
        continue;
      }
      if (result != Z_OK && result != Z_BUF_ERROR) {
        return absl::DataLossError(stream_.msg != nullptr ? stream_.msg : "unreadable data");
      }
      if (output.size() == before && input.empty()) break;
    }
    return absl::OkStatus();
  }

  bool complete() const override { return between_members_; }

 private:
  int Inflate(std::string_view& input, size_t output_bytes_max, std::string& output) {
    constexpr size_t kUintMax = std::numeric_limits<uInt>::max();
    const size_t before = output.size();
    output.resize(output_bytes_max);
    stream_.next_in = reinterpret_cast<const Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(std::min(input.size(), kUintMax));
    stream_.next_out = reinterpret_cast<Bytef*>(output.data() + before);
    stream_.avail_out = static_cast<uInt>(std::min(output_bytes_max - before, kUintMax));
    const int result = inflate(&stream_, Z_NO_FLUSH);
    output.resize(static_cast<size_t>(reinterpret_cast<char*>(stream_.next_out) - output.data()));
    input.remove_prefix(
        static_cast<size_t>(reinterpret_cast<const char*>(stream_.next_in) - input.data()));
    return result;
  }

  z_stream stream_{};
  bool between_members_ = false;
};

class ZstdDecompressor final : public Decompressor {
 public:
  ZstdDecompressor() : stream_(ZSTD_createDStream()) { WEIR_CHECK(stream_ != nullptr); }
  ~ZstdDecompressor() override { ZSTD_freeDStream(stream_); }

  absl::Status Decompress(std::string_view& input, size_t output_bytes_max,
                          std::string& output) override {
    size_t filled = output.size();
    output.resize(std::max(output_bytes_max, filled));
    absl::Status status;
    // Once more with empty input where the last call may have held output back.
    while (filled < output_bytes_max && (!input.empty() || holds_output_)) {
      if (between_frames_ && !MayBeginFrame(input.front())) {
        status = absl::DataLossError("unknown frame, or one of zstd before 0.8");
        break;
      }
      ZSTD_outBuffer to{output.data() + filled, output_bytes_max - filled, 0};
      ZSTD_inBuffer from{input.data(), input.size(), 0};
      const size_t result = ZSTD_decompressStream(stream_, &to, &from);
      filled += to.pos;
      input.remove_prefix(from.pos);
      if (ZSTD_isError(result)) {
        status = absl::DataLossError(ZSTD_getErrorName(result));
        break;
      }
      frame_complete_ = result == 0;
      between_frames_ = frame_complete_;
      holds_output_ = !frame_complete_ && to.pos == to.size;
    }
    output.resize(filled);
    return status;
  }

  bool complete() const override { return frame_complete_; }

 private:
  // The first byte of a zstd or a skippable frame. The library would also read the formats before RFC 8878, but only where the first four
  // bytes of a frame come in one piece.
  static bool MayBeginFrame(char first) {
    return first == '\x28' || (static_cast<uint8_t>(first) & 0xf0) == 0x50;
  }

  ZSTD_DStream* stream_;
  bool between_frames_ = true;
  bool frame_complete_ = false;
  bool holds_output_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> NewDecompressor(FileCompression compression) {
  switch (compression) {
    case FileCompression::kGzip:
      return std::make_unique<GzipDecompressor>();
    case FileCompression::kZstd:
      return std::make_unique<ZstdDecompressor>();
    case FileCompression::kNone:
      break;
  }
  WEIR_CHECK(false) << "a plain file has no decompressor";
  return nullptr;
}

}  // namespace weir
