// JobSubmissions as messages: what clients send, and what the job registry keeps. Pure.
#ifndef WEIR_CORE_CLUSTER_SUBMISSION_MESSAGE_H_
#define WEIR_CORE_CLUSTER_SUBMISSION_MESSAGE_H_

#include "absl/status/statusor.h"
#include "core/cluster/job_result.h"
#include "core/proto/manifest.pb.h"

namespace weir {

proto::JobSubmissionMessage ToMessage(const JobSubmission& submission);

// InvalidArgument, naming the field, for what no JobSubmission says.
absl::StatusOr<JobSubmission> FromMessage(const proto::JobSubmissionMessage& message);

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_SUBMISSION_MESSAGE_H_
