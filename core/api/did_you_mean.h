// DidYouMean: the end of an error about a name that does not exist. Pure.
#ifndef WEIR_CORE_API_DID_YOU_MEAN_H_
#define WEIR_CORE_API_DID_YOU_MEAN_H_

#include <string>
#include <string_view>
#include <vector>

namespace weir {

// " (did you mean a or b?)" with the names that are near `name` (at most three, nearest first), "" if none is. Near: a
// third of the letters may differ, or one begins with the other.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& names);

}  // namespace weir

#endif  // WEIR_CORE_API_DID_YOU_MEAN_H_
