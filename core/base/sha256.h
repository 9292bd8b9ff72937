// SHA-256 (FIPS 180-4), for bytes that are known by their digest and may come from somebody who wants another digest to fit.
// core/base/hash.h is faster and enough where nobody does. Pure.
#ifndef WEIR_CORE_BASE_SHA256_H_
#define WEIR_CORE_BASE_SHA256_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

inline constexpr size_t kSha256HexSize = 64;

// 64 hex digits, in lower case.
std::string Sha256Hex(std::string_view bytes);

}  // namespace weir

#endif  // WEIR_CORE_BASE_SHA256_H_
