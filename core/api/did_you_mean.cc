#include "core/api/did_you_mean.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other (optimal string alignment).
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substituted});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string DidYouMean(std::string_view name, const std::vector<std::string>& names) {
  constexpr size_t kShownMax = 3;
  constexpr size_t kPrefixMin = 2;
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& other : names) {
    const bool begins = name.size() >= kPrefixMin && other.size() >= kPrefixMin &&
                        (other.starts_with(name) || name.starts_with(other));
    const size_t distance = EditDistance(name, other);
    if (begins || distance <= std::max<size_t>(1, other.size() / 3)) {
      near.emplace_back(distance, other);
    }
  }
  if (near.empty()) return "";
  std::sort(near.begin(), near.end());
  near.resize(std::min(near.size(), kShownMax));
  std::string text = " (did you mean ";
  for (size_t i = 0; i < near.size(); ++i) {
    if (i > 0) text += i + 1 == near.size() ? " or " : ", ";
    text += near[i].second;
  }
  return text + "?)";
}

}  // namespace weir
