// JobRun: one job on a cluster inside this process, from submission to result, with its progress on stderr. The main thread
// calls Run() and waits in it for signals; everything that is printed meanwhile comes from one executor.
#ifndef WEIR_CLI_JOB_RUN_H_
#define WEIR_CLI_JOB_RUN_H_

#include <memory>

#include "absl/time/time.h"
#include "cli/progress_printer.h"
#include "core/cluster/job_graph_provider.h"
#include "core/cluster/job_result.h"
#include "core/cluster/mini_cluster.h"
#include "core/env/env.h"
#include "core/env/executor.h"

namespace weir::cli {

class JobRun {
 public:
  // `env` and `printer` must outlive the run.
  JobRun(Env& env, ProgressPrinter& printer);

  // Blocks until the job has ended. The first Ctrl-C (or SIGTERM) stops it with a checkpoint, the second one ends the process.
  JobResult Run(JobSubmission submission, JobGraphProvider provider, MiniClusterOptions options);

 private:
  Env& env_;
  ProgressPrinter& printer_;
  // Owns printer_, done_ and result_ while the job runs.
  const std::unique_ptr<Executor> executor_;
  bool done_ = false;
  JobResult result_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_JOB_RUN_H_
