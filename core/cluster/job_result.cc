#include "core/cluster/job_result.h"

namespace weir {

std::string_view JobStateName(JobState state) {
  switch (state) {
    case JobState::kCreated:
      return "CREATED";
    case JobState::kRunning:
      return "RUNNING";
    case JobState::kRestarting:
      return "RESTARTING";
    case JobState::kSuspended:
      return "SUSPENDED";
    case JobState::kFailing:
      return "FAILING";
    case JobState::kFailed:
      return "FAILED";
    case JobState::kCancelling:
      return "CANCELLING";
    case JobState::kCanceled:
      return "CANCELED";
    case JobState::kFinished:
      return "FINISHED";
  }
  return "UNKNOWN";
}

JobState JobStateOf(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(JobState::kSuspended); ++i) {
    if (JobStateName(static_cast<JobState>(i)) == name) return static_cast<JobState>(i);
  }
  return JobState::kFailed;
}

bool IsEndState(JobState state) {
  return state == JobState::kFinished || state == JobState::kFailed ||
         state == JobState::kCanceled || state == JobState::kSuspended;
}

}  // namespace weir
