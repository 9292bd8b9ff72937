// Values with nested vectors, optionals and protobuf messages. The first byte chooses the type.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/types/codec.h"
#include "core/types/protobuf_codec.h"
#include "core/types/row_text.h"
#include "core/types/testing/rich_row.h"
#include "google/protobuf/struct.pb.h"

namespace weir {
namespace {

struct Nest {
  std::vector<std::optional<std::vector<std::vector<std::string>>>> words;
  std::optional<std::optional<std::vector<bool>>> bits;
  std::vector<RichRow> rows;
};

using Messages = std::vector<std::optional<google::protobuf::Struct>>;

// Decodes `bytes` and encodes what came of it; nothing if they are malformed.
template <class T>
std::optional<std::string> Again(std::string_view bytes) {
  ByteReader reader(bytes);
  T value;
  if (!Codec<T>::Decode(reader, value)) return std::nullopt;
  std::string again;
  ByteWriter writer(again);
  Codec<T>::Encode(value, writer);
  std::string text = ToText(value);
  AppendCsvRow(value, text);
  if constexpr (!std::is_same_v<T, Messages>) AppendJson(value, text);
  return again + std::string(bytes.substr(reader.position()));
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using weir::Again;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    const auto again = Again<weir::Nest>(bytes);
    if (again) WEIR_CHECK(*again == bytes) << "values have one encoding";
  } else if (const auto again = Again<weir::Messages>(bytes)) {
    // Protobuf reads many forms and writes one.
    WEIR_CHECK(Again<weir::Messages>(*again) == again);
  }
  return 0;
}
