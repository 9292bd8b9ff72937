#include "core/cluster/blob_key.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr size_t kQuotedBytesMax = 80;

}  // namespace

BlobKey BlobKey::Of(std::string_view bytes) { return BlobKey(Sha256Hex(bytes)); }

absl::StatusOr<BlobKey> BlobKey::Parse(std::string_view text) {
  const bool fits =
      text.size() == kSha256HexSize && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      });
  if (fits) return BlobKey(std::string(text));
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::CEscape(ToAbsl(text.substr(0, kQuotedBytesMax))),
                   "\" is no key of a blob, which is 64 hex digits"));
}

}  // namespace weir
