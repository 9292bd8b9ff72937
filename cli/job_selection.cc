#include "cli/job_selection.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/api/did_you_mean.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

constexpr size_t kCandidatesMax = 10;

absl::Status NoSuchJob(const proto::ListJobsResponse& jobs, std::string_view text) {
  std::vector<std::string> names;
  for (const proto::JobOverview& job : jobs.jobs()) {
    if (std::find(names.begin(), names.end(), job.job_name()) == names.end())
      names.push_back(job.job_name());
  }
  return absl::NotFoundError(absl::StrCat("no job has the id or name \"", ToAbsl(text), "\"",
                                          DidYouMean(text, names),
                                          "; `weir list --all` lists them"));
}

absl::Status Ambiguous(const std::vector<const proto::JobOverview*>& candidates,
                       std::string_view text) {
  std::string message = absl::StrCat("\"", ToAbsl(text), "\" may be any of ", candidates.size(),
                                     " jobs; say more of the id:");
  for (size_t i = 0; i < std::min(candidates.size(), kCandidatesMax); ++i) {
    absl::StrAppend(&message, "\n  ", candidates[i]->job_id(), "  ", candidates[i]->job_name(),
                    "  ", candidates[i]->state());
  }
  if (candidates.size() > kCandidatesMax) absl::StrAppend(&message, "\n  ...");
  return absl::InvalidArgumentError(message);
}

}  // namespace

absl::StatusOr<proto::JobOverview> SelectJob(const proto::ListJobsResponse& jobs,
                                             std::string_view text) {
  std::vector<const proto::JobOverview*> candidates;
  std::vector<const proto::JobOverview*> going_on;
  for (const proto::JobOverview& job : jobs.jobs()) {
    if (job.job_id() == text) return job;
    if (text.empty() || (!job.job_id().starts_with(text) && job.job_name() != text)) continue;
    candidates.push_back(&job);
    if (!job.ended()) going_on.push_back(&job);
  }
  if (candidates.empty()) return NoSuchJob(jobs, text);
  if (candidates.size() == 1) return *candidates.front();
  if (going_on.size() == 1) return *going_on.front();
  const bool by_name =
      std::all_of(candidates.begin(), candidates.end(),
                  [&](const proto::JobOverview* job) { return job->job_name() == text; });
  if (going_on.empty() && by_name) {
    return **std::max_element(candidates.begin(), candidates.end(),
                              [](const proto::JobOverview* a, const proto::JobOverview* b) {
                                return a->start_time_us() < b->start_time_us();
                              });
  }
  return Ambiguous(going_on.empty() ? candidates : going_on, text);
}

}  // namespace weir::cli
