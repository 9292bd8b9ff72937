#include "core/api/job_registry.h"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/api/did_you_mean.h"
#include "core/api/stream_execution_environment.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

using Jobs = std::map<std::string, RegisteredJob, std::less<>>;

// Never destroyed, and made on first use: WEIR_JOB runs before main(), in no particular order.
Jobs& AllJobs() {
  static Jobs& jobs = *new Jobs();
  return jobs;
}

}  // namespace

std::vector<RegisteredJob> RegisteredJobs() {
  std::vector<RegisteredJob> jobs;
  for (const auto& [name, job] : AllJobs()) jobs.push_back(job);
  return jobs;
}

absl::StatusOr<RegisteredJob> FindJob(std::string_view name) {
  const auto found = AllJobs().find(name);
  if (found != AllJobs().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [other, job] : AllJobs()) names.push_back(other);
  std::string hint = DidYouMean(name, names);
  if (hint.empty()) {
    hint = names.empty() ? "; no job is linked into this binary (WEIR_JOB in a target with "
                           "alwayslink = True)"
                         : absl::StrCat("; jobs: ", absl::StrJoin(names, ", "));
  }
  return absl::NotFoundError(absl::StrCat("there is no job \"", ToAbsl(name), "\"", hint));
}

absl::StatusOr<JobGraph> BuildJobGraph(std::string_view name, JobArgs::Submitted arguments) {
  WEIR_ASSIGN_OR_RETURN(const RegisteredJob job, FindJob(name));
  return BuildJobGraph(job, std::move(arguments));
}

absl::StatusOr<JobGraph> BuildJobGraph(const RegisteredJob& job, JobArgs::Submitted arguments) {
  const auto because = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("job \"", job.name, "\": ", why));
  };
  absl::StatusOr<JobArgs> args = JobArgs::Create(job.info.arguments, std::move(arguments));
  if (!args.ok()) return because(args.status().message());
  StreamExecutionEnvironment env(job.name, *args);
  try {
    job.builder(env, *args);
  } catch (const JobArgumentError& error) {
    return because(error.what());
  } catch (const std::exception& error) {
    return because(absl::StrCat("its builder threw: ", error.what()));
  } catch (...) {
    return because("its builder threw something that is no std::exception");
  }
  return env.BuildJobGraph();
}

namespace job_registry_internal {

namespace {

Collector*& TheCollector() {
  static Collector* collector = nullptr;
  return collector;
}

}  // namespace

Collector::Collector() {
  WEIR_CHECK(TheCollector() == nullptr);
  TheCollector() = this;
}

Collector::~Collector() {
  WEIR_CHECK(TheCollector() == this);
  TheCollector() = nullptr;
}

std::vector<RegisteredJob> Collector::Jobs() const {
  std::vector<RegisteredJob> jobs = jobs_;
  std::stable_sort(jobs.begin(), jobs.end(),
                   [](const RegisteredJob& a, const RegisteredJob& b) { return a.name < b.name; });
  return jobs;
}

bool Register(std::string_view name, JobBuilder builder, JobInfo info) {
  RegisteredJob job{std::string(name), builder, std::move(info)};
  if (Collector* const collector = TheCollector(); collector != nullptr) {
    collector->jobs_.push_back(std::move(job));
    return true;
  }
  const bool is_new = AllJobs().emplace(std::string(name), std::move(job)).second;
  WEIR_CHECK(is_new) << "WEIR_JOB(" << name << ", ...) twice";
  return true;
}

}  // namespace job_registry_internal
}  // namespace weir
