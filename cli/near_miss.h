// NearMiss: which of the names that exist did the user mean? Pure.
#ifndef WEIR_CLI_NEAR_MISS_H_
#define WEIR_CLI_NEAR_MISS_H_

#include <span>
#include <string>
#include <string_view>

namespace weir::cli {

// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other
// (optimal string alignment).
int EditDistance(std::string_view a, std::string_view b);

// The candidate that is most like `name`, the first of several; "" if none is near: more than a
// third of its letters differ and neither begins with the other.
std::string NearMiss(std::string_view name, std::span<const std::string> candidates);

// " Did you mean X?" or "".
std::string DidYouMean(std::string_view name, std::span<const std::string> candidates);

}  // namespace weir::cli

#endif  // WEIR_CLI_NEAR_MISS_H_
