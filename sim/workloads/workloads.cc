#include "sim/workloads/workloads.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/api/did_you_mean.h"
#include "core/base/string_view.h"
#include "sim/workloads/config_draws.h"
#include "sim/workloads/keyed_union.h"

namespace weir::sim {

std::vector<std::string> WorkloadNames() { return {"keyed_union"}; }

absl::StatusOr<std::unique_ptr<Workload>> NewWorkload(std::string_view name, Seed seed) {
  const std::vector<std::string> names = WorkloadNames();
  std::string chosen(name);
  if (chosen.empty()) chosen = names[ConfigDraws(seed).Uniform("workload.name", names.size())];
  if (chosen == "keyed_union") return NewKeyedUnion(seed);
  return absl::NotFoundError(absl::StrCat("there is no simulated job \"", chosen, "\"",
                                          DidYouMean(chosen, names),
                                          "; there are: ", absl::StrJoin(names, ", ")));
}

}  // namespace weir::sim
