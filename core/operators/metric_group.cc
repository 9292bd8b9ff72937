#include "core/operators/metric_group.h"

namespace weir {

void SetAsideRecords::Merge(const SetAsideRecords& other) {
  if (other.count == 0) return;
  const bool other_first =
      count == 0 || (other.first.known() && (!first.known() || other.first < first));
  count = AddCounts(count, other.count);
  if (!other_first) return;
  first = other.first;
  first_excerpt = other.first_excerpt;
  first_reason = other.first_reason;
}

}  // namespace weir
