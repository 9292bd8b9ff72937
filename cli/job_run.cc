#include "cli/job_run.h"

#include <utility>

#include "cli/signals.h"
#include "core/base/check.h"

namespace weir::cli {

JobRun::JobRun(Env& env, ProgressPrinter& printer)
    : env_(env), printer_(printer), executor_(env.NewExecutor("cli", ExecutorKind::kControl)) {}

JobResult JobRun::Run(JobSubmission submission, JobGraphProvider provider,
                      MiniClusterOptions options) {
  SignalPipe pipe;
  MiniCluster cluster(env_, std::move(provider), options);
  const absl::Duration start = env_.clock().Monotonic();
  cluster.Submit(
      std::move(submission),
      [this, start](const JobProgress& progress) {
        executor_->Post([this, progress, elapsed = env_.clock().Monotonic() - start] {
          if (!done_) printer_.OnProgress(progress, elapsed);
        });
      },
      [this, &pipe](JobResult result) {
        executor_->Post([this, &pipe, result = std::move(result)]() mutable {
          done_ = true;
          result_ = std::move(result);
          printer_.Clear();
          pipe.Wake();
        });
      });
  while (pipe.Wait() == SignalPipe::Event::kSignal) {
    executor_->Post([this] {
      if (done_) return;
      printer_.Say(
          "Stopping the job with a checkpoint. Ctrl-C once more ends the program at once.");
    });
    cluster.Stop();
  }
  // Everything the executor wrote is visible from here on.
  executor_->Shutdown();
  WEIR_CHECK(done_);
  return std::move(result_);
}

}  // namespace weir::cli
