// What a client learns about a job: its progress while it runs and its result at the end. Pure data.
#ifndef WEIR_CORE_CLUSTER_JOB_RESULT_H_
#define WEIR_CORE_CLUSTER_JOB_RESULT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/checkpoint/checkpoint_coordinator.h"
#include "core/cluster/restart_strategy.h"
#include "core/operators/metric_group.h"
#include "core/operators/sink.h"
#include "core/types/event_time.h"

namespace weir {

// Flink's JobStatus. kSuspended: stopped with a checkpoint, to go on from there.
enum class JobState : uint8_t {
  kCreated,
  kRunning,
  kRestarting,
  kFailing,
  kFailed,
  kCancelling,
  kCanceled,
  kFinished,
  kSuspended
};

std::string_view JobStateName(JobState state);  // "CREATED", "RUNNING", ...
// The other way; kFailed for a name there is none of.
JobState JobStateOf(std::string_view name);
// Nothing follows it: FAILED, CANCELED, FINISHED or SUSPENDED.
bool IsEndState(JobState state);

struct JobSubmission {
  std::string job_name;  // As registered with WEIR_JOB.
  std::string artifact;  // BlobKey of the shared object that has the job; "": the program itself.
  std::vector<std::pair<std::string, std::string>> arguments;
  int parallelism = 0;            // 0: from the job's code, else the number of slots.
  uint64_t job_graph_digest = 0;  // Of the graph that the client has built; 0: it has built none.
  std::string run_id;             // SinkRun::run_id. All that say nothing count as one run.

  CheckpointOptions checkpoints{.durable = false};
  std::string
      checkpoint_folder;  // Absolute, on storage that all processes share; used if checkpoints.durable.
  std::string restore;  // Absolute: a checkpoint folder or manifest to begin from; "" for none.
  // What happens after a failure. Without durable checkpoints the job would begin anew, so it does not.
  RestartStrategy restart_strategy;
};

struct JobProgress {
  JobState state = JobState::kCreated;
  std::string waiting_for;  // Not empty while a job in kCreated waits, e.g. for slots.
  int64_t source_rows = 0;  // Rows that left the sources.
  int64_t source_bytes = 0;
  uint64_t source_bytes_total = 0;  // 0: unknown.
  int64_t sink_rows = 0;
  int64_t malformed = 0;
  int64_t late = 0;
  EventTime watermark = EventTime::Min();  // The smallest at any sink.
  uint64_t checkpoints = 0;                // Completed.
  CheckpointId restored_from;              // As in JobResult.
  int restarts = 0;
  std::string last_failure;      // Why the job restarts.
  CheckpointId last_checkpoint;  // The newest that is durable; 0: none.
  int parallelism = 0;  // The greatest of any operator. 0, as below: the job is not planned yet.
  int tasks = 0;        // Subtasks.
  int tasks_running = 0;
  int tasks_ended = 0;
  int slots = 0;  // That it takes.
};

// The metrics of one node of the JobGraph, summed over its subtasks.
struct NodeReport {
  std::string name;
  std::string uid;
  std::string kind;  // "source", "operator", "sink".
  int parallelism = 1;
  int vertex = 0;  // Nodes of one vertex are chained.
  MetricGroup metrics;
  std::string first_malformed_place;  // "/var/log/dpkg.log, byte 1234"; "" if none or unknown.
  std::string first_late_place;
};

struct JobResult {
  JobState state = JobState::kFailed;
  absl::Status
      status;  // Why it failed or was cancelled: operator, uid, subtask, place and cause in the message.
  absl::Duration runtime;
  std::vector<NodeReport> nodes;
  std::vector<SinkReport> sinks;
  std::vector<std::string> warnings;  // What went wrong without harm to the results.
  uint64_t checkpoints = 0;           // Completed.
  CheckpointId last_checkpoint;       // The newest that is durable; 0: none.
  CheckpointId restored_from;         // The checkpoint the job began from; 0 if it began anew.
  int restarts = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_RESULT_H_
