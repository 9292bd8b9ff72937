// Canonical texts of schemas: what parses prints as the same text.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/types/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<weir::Schema> schema = weir::ParseSchema(text);
  if (schema.ok()) WEIR_CHECK_EQ(schema->ToString(), text);
  return 0;
}
