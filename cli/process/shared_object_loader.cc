#include "cli/process/shared_object_loader.h"

#include <dlfcn.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/status_macros.h"

namespace weir::cli {
namespace {

bool IsOfThisProgram(const std::string& name) {
  const std::vector<RegisteredJob> jobs = RegisteredJobs();
  return std::any_of(jobs.begin(), jobs.end(),
                     [&](const RegisteredJob& job) { return job.name == name; });
}

absl::Status CheckNames(const std::vector<RegisteredJob>& jobs) {
  if (jobs.empty()) return absl::InvalidArgumentError("the artifact has no WEIR_JOB");
  for (size_t i = 0; i < jobs.size(); ++i) {
    const std::string& name = jobs[i].name;
    if (i > 0 && jobs[i - 1].name == name) {
      return absl::InvalidArgumentError(
          absl::StrCat("the artifact says WEIR_JOB(", name, ", ...) twice"));
    }
    if (IsOfThisProgram(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the artifact has a job \"", name,
                       "\", and so has this program itself; give it another name in WEIR_JOB"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<RegisteredJob>> SharedObjectLoader::Open(const std::string& path) {
  job_registry_internal::Collector collector;
  // All symbols now: what is missing must not show in the middle of a job.
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
    const char* const why = dlerror();
    return absl::InvalidArgumentError(absl::StrCat("the artifact cannot be loaded: ",
                                                   why == nullptr ? "no reason is given" : why));
  }
  std::vector<RegisteredJob> jobs = collector.Jobs();
  WEIR_RETURN_IF_ERROR(CheckNames(jobs));
  return jobs;
}

void SharedObjectLoader::Load(const BlobKey& key, const std::string& path,
                              const JobSubmission& submission,
                              absl::AnyInvocable<void(absl::Status)> done) {
  auto found = artifacts_.find(key.hex());
  if (found == artifacts_.end()) {
    absl::StatusOr<std::vector<RegisteredJob>> jobs = Open(path);
    if (!jobs.ok()) return done(jobs.status());
    found = artifacts_.emplace(key.hex(), *std::move(jobs)).first;
  }
  done(FindJobOfArtifact(found->second, submission.job_name).status());
}

absl::StatusOr<JobGraph> SharedObjectLoader::Build(const JobSubmission& submission) const {
  if (submission.artifact.empty()) return BuildJobGraph(submission.job_name, submission.arguments);
  const auto found = artifacts_.find(submission.artifact);
  if (found == artifacts_.end()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the artifact ", submission.artifact, " is not loaded"));
  }
  WEIR_ASSIGN_OR_RETURN(const RegisteredJob job,
                        FindJobOfArtifact(found->second, submission.job_name));
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, BuildJobGraph(job, submission.arguments));
  graph.artifact = submission.artifact;
  return graph;
}

absl::StatusOr<RegisteredJob> FindJobOfArtifact(const std::vector<RegisteredJob>& jobs,
                                                const std::string& name) {
  std::vector<std::string> names;
  for (const RegisteredJob& job : jobs) {
    if (job.name == name) return job;
    names.push_back(job.name);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no job \"", name, "\" in the artifact; its jobs: ", absl::StrJoin(names, ", ")));
}

}  // namespace weir::cli
