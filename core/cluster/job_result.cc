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

}  // namespace weir
