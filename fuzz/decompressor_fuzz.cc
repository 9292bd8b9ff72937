// Compressed files: damage is DataLoss, and however the bytes come in pieces and go out in blocks, the text is the same. The first byte
// chooses the format, the second the size of the pieces.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/file/decompressor.h"
#include "core/base/check.h"

namespace weir {
namespace {

constexpr size_t kTextBytesMax = 1 << 16;  // Of a bomb the beginning is enough.

struct Unpacked {
  std::string text;
  bool ok = true;
  bool complete = false;
};

Unpacked Unpack(FileCompression compression, std::string_view input, size_t piece, size_t block) {
  const std::unique_ptr<Decompressor> decompressor = NewDecompressor(compression);
  Unpacked unpacked;
  std::string_view in_hand;
  while (unpacked.text.size() < kTextBytesMax) {
    if (in_hand.empty()) {
      in_hand = input.substr(0, piece);
      input.remove_prefix(in_hand.size());
    }
    std::string output;
    const absl::Status status = decompressor->Decompress(in_hand, block, output);
    WEIR_CHECK(output.size() <= block);
    unpacked.text += output;
    unpacked.ok = status.ok();
    WEIR_CHECK(status.ok() || absl::IsDataLoss(status)) << status;
    if (!status.ok() || (input.empty() && in_hand.empty() && output.size() < block)) break;
    WEIR_CHECK(!output.empty() || in_hand.empty()) << "it does not get on";
  }
  unpacked.complete = unpacked.ok && decompressor->complete();
  return unpacked;
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weir;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const FileCompression compression =
      data[0] % 2 == 0 ? FileCompression::kGzip : FileCompression::kZstd;
  const Unpacked whole = Unpack(compression, bytes, bytes.size(), kTextBytesMax);
  const Unpacked pieces = Unpack(compression, bytes, size_t{1} + data[1], 4096);
  if (std::max(whole.text.size(), pieces.text.size()) >= kTextBytesMax) return 0;
  WEIR_CHECK_EQ(whole.ok, pieces.ok);
  WEIR_CHECK_EQ(whole.complete, pieces.complete);
  if (whole.ok) WEIR_CHECK(whole.text == pieces.text);
  return 0;
}
