// Encoded keys: what decodes must encode to the same bytes. The first byte chooses the type of the key.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/check.h"
#include "core/types/key_codec.h"
#include "core/types/testing/rich_row.h"

namespace weir {
namespace {

template <class K>
void CheckKey(std::string_view bytes) {
  K key{};
  if (!DecodeKey(bytes, key).ok()) return;
  std::string again;
  EncodeKey(key, again);
  WEIR_CHECK(again == bytes);
  WEIR_CHECK_EQ(KeyHashOfEncoded<K>(bytes).value(), KeyHash(key));
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weir;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      CheckKey<std::string>(bytes);
      break;
    case 1:
      CheckKey<double>(bytes);
      break;
    case 2:
      CheckKey<std::tuple<std::string, int64_t, std::string>>(bytes);
      break;
    case 3:
      CheckKey<std::vector<std::optional<std::string>>>(bytes);
      break;
    case 4:
      CheckKey<RichInner>(bytes);
      break;
    case 5:
      CheckKey<std::vector<std::tuple<bool, float, EventTime, std::array<RichColor, 2>>>>(bytes);
      break;
  }
  return 0;
}
