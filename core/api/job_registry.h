// The jobs that are linked into this binary. WEIR_JOB registers one before main(); nothing is added later, so every executor may
// read. Those of a shared object that is loaded later go to whoever loads it. The builder describes the job on `env`; it is a pure function of `args`: no clock, files or other environment, since
// every process of the cluster runs it and must get the same graph. It reports errors by throwing (JobArgs' getters do).
//
//   void BuildClicks(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) { ... }
//   WEIR_JOB(clicks, BuildClicks, weir::JobInfo{.description = "Counts clicks."});
#ifndef WEIR_CORE_API_JOB_REGISTRY_H_
#define WEIR_CORE_API_JOB_REGISTRY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/api/job_args.h"
#include "core/graph/job_graph.h"

namespace weir {

class StreamExecutionEnvironment;

using JobBuilder = void (*)(StreamExecutionEnvironment& env, const JobArgs& args);

struct RegisteredJob {
  std::string name;
  JobBuilder builder = nullptr;
  JobInfo info;
};

// Sorted by name.
std::vector<RegisteredJob> RegisteredJobs();

// NotFound that names the jobs that are near, or all of them.
absl::StatusOr<RegisteredJob> FindJob(std::string_view name);

// Runs the builder and validates what it built. NotFound for an unknown job; InvalidArgument for wrong arguments, for an exception
// from the builder, and for a graph that ValidateJobGraph refuses.
absl::StatusOr<JobGraph> BuildJobGraph(std::string_view name, JobArgs::Submitted arguments);

// The same for a job that was found elsewhere.
absl::StatusOr<JobGraph> BuildJobGraph(const RegisteredJob& job, JobArgs::Submitted arguments);

namespace job_registry_internal {

// While it lives WEIR_JOBs register here, in the order of their names, whatever they are called. One at a time, on the thread that
// loads the shared object.
class Collector {
 public:
  Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  ~Collector();
  std::vector<RegisteredJob> Jobs() const;

 private:
  friend bool Register(std::string_view name, JobBuilder builder, JobInfo info);
  std::vector<RegisteredJob> jobs_;
};

// Called before main(), or while there is a Collector. Before main() it dies if the name is taken.
bool Register(std::string_view name, JobBuilder builder, JobInfo info = {});

}  // namespace job_registry_internal
}  // namespace weir

// `name` is an identifier, the builder a function; a JobInfo may follow. At namespace scope of a .cc file whose target has
// alwayslink = True.
#define WEIR_JOB(name, ...)                                         \
  [[maybe_unused]] static const bool weir_job_##name##_registered = \
      ::weir::job_registry_internal::Register(#name, __VA_ARGS__)

#endif  // WEIR_CORE_API_JOB_REGISTRY_H_
