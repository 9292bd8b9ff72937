// What `weir run` remembers of a run, as it is and with its checksum made right: what parses is written again and parses to the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "cli/run_record.h"
#include "core/base/check.h"
#include "core/base/hash.h"

namespace weir::cli {
namespace {

void CheckText(std::string_view text) {
  const absl::StatusOr<RunRecord> record = ParseRunRecord(text, "/run");
  if (!record.ok()) {
    WEIR_CHECK(absl::IsDataLoss(record.status())) << record.status();
    return;
  }
  const absl::StatusOr<RunRecord> again = ParseRunRecord(FormatRunRecord(*record), "/run");
  WEIR_CHECK_OK(again);
  WEIR_CHECK_EQ(*again, *record);
}

}  // namespace
}  // namespace weir::cli

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  weir::cli::CheckText(text);
  const std::string body(text.substr(0, text.rfind("checksum: ")));
  const std::string checksum = absl::StrFormat("checksum: %016x\n", weir::StableHash64(body));
  weir::cli::CheckText(body + checksum);
  return 0;
}
