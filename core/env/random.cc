#include "core/env/random.h"

#include <bit>
#include <cstring>
#include <string>

#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"

namespace weir {
namespace {

// -ln(1 - draw / 2^64) with 32 bits behind the point, in [0, 44.4]. Integers only: std::log differs
// in its last bits between C libraries, and a simulation must not.
uint64_t NegativeLogQ32(uint64_t draw) {
  const uint64_t rest = ~draw + 1;  // 2^64 - draw, which is 0 when it does not fit.
  if (rest == 0) return 0;
  const int zeros = std::countl_zero(rest);
  // rest = mantissa * 2^(63 - zeros), the mantissa in [1, 2) with 63 bits behind the point.
  // Squaring it doubles its logarithm, which brings one bit of it after the other before the point.
  uint64_t mantissa = rest << zeros;
  uint64_t fraction = 0;
  for (int bit = 0; bit < 32; ++bit) {
    const unsigned __int128 square = static_cast<unsigned __int128>(mantissa) * mantissa;
    const bool carry = (square >> 127) != 0;
    fraction = fraction << 1 | (carry ? 1 : 0);
    mantissa = static_cast<uint64_t>(square >> (carry ? 64 : 63));
  }
  const uint64_t negative_log2 = (static_cast<uint64_t>(zeros + 1) << 32) - fraction;
  constexpr uint64_t kLn2 = 0xB17217F7;  // ln 2 with 32 bits behind the point.
  return static_cast<uint64_t>(static_cast<unsigned __int128>(negative_log2) * kLn2 >> 32);
}

}  // namespace

uint64_t Random::Uniform(const RandomSite& site, uint64_t bound) {
  WEIR_CHECK_GT(bound, 0u) << "Uniform at " << site.site;
  return static_cast<uint64_t>(static_cast<unsigned __int128>(Draw(site)) * bound >> 64);
}

int64_t Random::UniformInclusive(const RandomSite& site, int64_t low, int64_t high) {
  WEIR_CHECK_LE(low, high) << "UniformInclusive at " << site.site;
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  // The whole of int64 has 2^64 values, which is no uint64_t.
  const uint64_t offset = span == ~uint64_t{0} ? Draw(site) : Uniform(site, span + 1);
  return static_cast<int64_t>(static_cast<uint64_t>(low) + offset);
}

bool Random::Chance(const RandomSite& site, uint64_t numerator, uint64_t denominator) {
  WEIR_CHECK_LE(numerator, denominator) << "Chance at " << site.site;
  // The largest draws mean true, so that a draw of 0 means "nothing happens".
  return Uniform(site, denominator) >= denominator - numerator;
}

absl::Duration Random::Exponential(const RandomSite& site, absl::Duration mean) {
  WEIR_CHECK(mean >= absl::ZeroDuration() && mean < absl::Hours(24 * 365))
      << "Exponential at " << site.site << " with a mean outside [0, 1 year)";
  constexpr uint64_t kCut = uint64_t{20} << 32;
  uint64_t factor = NegativeLogQ32(Draw(site));
  if (factor > kCut) factor = kCut;
  const auto product =
      static_cast<unsigned __int128>(absl::ToInt64Nanoseconds(mean)) * factor >> 32;
  return absl::Nanoseconds(static_cast<int64_t>(product));
}

uint64_t AddressedDraw(uint64_t seed, const RandomSite& site, uint64_t nth) {
  // Frozen: recorded seeds mean nothing after a change.
  constexpr size_t kSiteSizeMax = 200;
  constexpr size_t kFixedSize = 8 + 1 + 4 + 8 + 8;
  WEIR_CHECK_LE(site.site.size(), kSiteSizeMax) << "sites are short string literals";
  char bytes[kFixedSize + kSiteSizeMax];
  char* end = bytes;
  const auto put = [&end](auto value) {
    StoreLittle(value, end);
    end += sizeof(value);
  };
  put(seed);
  put(static_cast<uint8_t>(site.stream));
  put(static_cast<uint32_t>(site.site.size()));
  std::memcpy(end, site.site.data(), site.site.size());
  end += site.site.size();
  put(site.entity);
  put(nth);
  return StableHash64(std::string_view(bytes, static_cast<size_t>(end - bytes)));
}

}  // namespace weir
