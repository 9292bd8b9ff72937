// What clients ask about jobs, as messages and back. Pure.
#ifndef WEIR_CORE_CLUSTER_JOB_DETAILS_MESSAGE_H_
#define WEIR_CORE_CLUSTER_JOB_DETAILS_MESSAGE_H_

#include "core/cluster/job_result.h"
#include "core/proto/control.pb.h"

namespace weir {

proto::NodeReportMessage ToMessage(const NodeReport& report);
proto::SinkReportMessage ToMessage(const SinkReport& report);

// What the overview and the status of a job have in common with its progress.
void FillOverview(const JobProgress& progress, proto::JobOverview* overview);
proto::GetJobStatusResponse ToMessage(const JobProgress& progress);
// Of a job that has ended, as far as its details say.
proto::GetJobStatusResponse StatusOfEnded(const proto::JobDetails& details);

JobProgress ToJobProgress(const proto::GetJobStatusResponse& status);
// Of a job that has ended.
JobResult ToJobResult(const proto::JobDetails& details);

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_DETAILS_MESSAGE_H_
