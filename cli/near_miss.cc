#include "cli/near_miss.h"

#include <algorithm>
#include <vector>

namespace weir::cli {

int EditDistance(std::string_view a, std::string_view b) {
  // rows[i][j]: from the first i bytes of a to the first j bytes of b; the last three rows are
  // enough.
  std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int substitute = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substitute});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::string NearMiss(std::string_view name, std::span<const std::string> candidates) {
  std::string best;
  int best_distance = 0;
  for (const std::string& candidate : candidates) {
    const bool prefix = name.size() >= 2 && (std::string_view(candidate).starts_with(name) ||
                                             name.starts_with(candidate));
    const int distance = EditDistance(name, candidate);
    const int limit = std::max(1, static_cast<int>(candidate.size()) / 3);
    if (!prefix && distance > limit) continue;
    if (best.empty() || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string DidYouMean(std::string_view name, std::span<const std::string> candidates) {
  const std::string best = NearMiss(name, candidates);
  return best.empty() ? "" : " Did you mean " + best + "?";
}

}  // namespace weir::cli
