// Handshakes, as they come and with the checksum of the first part made right.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/types/hello.h"

namespace weir {
namespace {

template <class T, class Parse, class Encode>
void Check(std::string_view bytes, Parse parse, Encode encode) {
  const absl::StatusOr<T> hello = parse(bytes);
  if (!hello.ok()) return;
  std::string again;
  encode(*hello, again);
  std::string_view left = again;
  const absl::StatusOr<T> back = parse(left);
  WEIR_CHECK_OK(back);
  WEIR_CHECK(*back == *hello && left.empty()) << *hello;
}

void CheckBoth(std::string_view bytes) {
  Check<Hello>(bytes, ParseHello, EncodeHello);
  Check<ChannelHello>(bytes, ParseChannelHello, EncodeChannelHello);
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  weir::CheckBoth(bytes);
  constexpr size_t kAround = 20;  // Header and checksum.
  if (size < kAround) return 0;
  weir::StoreLittle(static_cast<uint32_t>(size - kAround), bytes.data() + 8);
  const uint64_t checksum = weir::StableHash64(std::string_view(bytes).substr(0, size - 8));
  weir::StoreLittle(checksum, bytes.data() + size - 8);
  weir::CheckBoth(bytes);
  return 0;
}
