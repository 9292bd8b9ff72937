// BlobKey (Flink's word): the name of bytes in the blob store, which is their SHA-256 as 64 hex digits in lower case. There is no
// other way to make one than from bytes or from such text, so whatever a peer sends as a key is safe in a file name. Pure data.
#ifndef WEIR_CORE_CLUSTER_BLOB_KEY_H_
#define WEIR_CORE_CLUSTER_BLOB_KEY_H_

#include <compare>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace weir {

class BlobKey {
 public:
  static BlobKey Of(std::string_view bytes);
  // InvalidArgument for anything but 64 hex digits in lower case.
  static absl::StatusOr<BlobKey> Parse(std::string_view text);

  const std::string& hex() const { return hex_; }
  // For people: its first 16 digits.
  std::string ToString() const { return hex_.substr(0, 16); }

  friend bool operator==(const BlobKey&, const BlobKey&) = default;
  friend auto operator<=>(const BlobKey&, const BlobKey&) = default;
  friend std::ostream& operator<<(std::ostream& out, const BlobKey& key) {
    return out << key.ToString();
  }

 private:
  explicit BlobKey(std::string hex) : hex_(std::move(hex)) {}
  std::string hex_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_BLOB_KEY_H_
