// Configuration files: refused by InvalidArgument, or lines in order whose keys differ, each of which says the same on its own.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/config_file.h"
#include "core/base/check.h"

namespace weir::cli {
namespace {

// `number` counts from 1 on.
std::string_view LineOf(std::string_view text, size_t number) {
  for (; number > 1; --number) text.remove_prefix(text.find('\n') + 1);
  return text.substr(0, text.find('\n'));
}

void CheckText(std::string_view text) {
  const absl::StatusOr<std::vector<ConfigLine>> lines = ParseConfigFile(text, "/config.yaml");
  if (!lines.ok()) {
    WEIR_CHECK(absl::IsInvalidArgument(lines.status())) << lines.status();
    return;
  }
  std::set<std::string> keys;
  size_t last = 0;
  for (const ConfigLine& line : *lines) {
    WEIR_CHECK_LT(last, line.line);
    last = line.line;
    WEIR_CHECK(keys.insert(line.key).second) << line.key;
    const absl::StatusOr<std::vector<ConfigLine>> alone =
        ParseConfigFile(LineOf(text, line.line), "/config.yaml");
    WEIR_CHECK_OK(alone);
    WEIR_CHECK_EQ(alone->size(), 1u);
    WEIR_CHECK(alone->front().key == line.key && alone->front().value == line.value);
  }
}

}  // namespace
}  // namespace weir::cli

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weir::cli::CheckText(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
