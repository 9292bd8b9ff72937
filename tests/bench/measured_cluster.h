// MeasuredCluster: a cluster that runs jobs one after another and says what each took: in one thread, as TaskManagers of one process
// over the in-process network, or as TaskManagers in processes of their own over gRPC on the loopback interface.
#ifndef WEIR_TESTS_BENCH_MEASURED_CLUSTER_H_
#define WEIR_TESTS_BENCH_MEASURED_CLUSTER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "core/cluster/job_graph_provider.h"
#include "core/cluster/job_result.h"

namespace weir::bench {

struct Cost {
  double seconds = 0;    // From the submission to the result.
  double processor = 0;  // Seconds of all processes of the cluster.
};

class MeasuredCluster {
 public:
  virtual ~MeasuredCluster() = default;
  // The job must finish with `rows` rows in its sinks: CHECKed.
  virtual Cost Run(const JobSubmission& submission, int64_t rows) = 0;
};

// Everything on one worker thread.
std::unique_ptr<MeasuredCluster> NewOneThread(JobGraphProvider provider);
// Two TaskManagers of one worker and one slot each.
std::unique_ptr<MeasuredCluster> NewOneProcess(JobGraphProvider provider);
// So many TaskManagers of one worker each, in processes of this program, which calls ServeTaskManager first of all. Two slots in all.
std::unique_ptr<MeasuredCluster> NewProcesses(JobGraphProvider provider, int task_managers);

// If this process was started to be a TaskManager: is one until its parent has gone, and then exits.
void ServeTaskManager(int argc, char** argv, JobGraphProvider provider);

}  // namespace weir::bench

#endif  // WEIR_TESTS_BENCH_MEASURED_CLUSTER_H_
