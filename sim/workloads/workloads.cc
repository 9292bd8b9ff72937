#include "sim/workloads/workloads.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/api/did_you_mean.h"
#include "core/api/job_registry.h"
#include "core/base/string_view.h"
#include "sim/workloads/config_draws.h"
#include "sim/workloads/example_logs.h"
#include "sim/workloads/file_pipelines.h"
#include "sim/workloads/keyed_union.h"
#include "sim/workloads/two_pipelines.h"

namespace weir::sim {

std::vector<std::string> WorkloadNames() {
  std::vector<std::string> names = {"keyed_union", "two_pipelines", "file_pipelines"};
  for (const char* job : {"package_activity", "word_count"}) {
    if (FindJob(job).ok()) names.push_back(job);
  }
  return names;
}

absl::StatusOr<std::unique_ptr<Workload>> NewWorkload(std::string_view name, Seed seed) {
  const std::vector<std::string> names = WorkloadNames();
  std::string chosen(name);
  if (chosen.empty()) {
    // Half of the seeds have the one that shows most.
    const uint64_t drawn = ConfigDraws(seed).Uniform("workload.name", 2 * (names.size() - 1) + 1);
    chosen = names[drawn < names.size() ? drawn : 0];
  }
  const bool known = std::find(names.begin(), names.end(), chosen) != names.end();
  if (known && chosen == "keyed_union") return NewKeyedUnion(seed);
  if (known && chosen == "two_pipelines") return NewTwoPipelines(seed);
  if (known && chosen == "file_pipelines") return NewFilePipelines(seed);
  if (known && chosen == "package_activity") return NewPackageActivity(seed);
  if (known && chosen == "word_count") return NewWordCount(seed);
  return absl::NotFoundError(absl::StrCat("there is no simulated job \"", chosen, "\"",
                                          DidYouMean(chosen, names),
                                          "; there are: ", absl::StrJoin(names, ", ")));
}

}  // namespace weir::sim
