// JobGraphProvider: builds the JobGraph of a submission. Every process of a cluster has the same one; digests prove it. Pure:
// a function of the submission alone. NotFound for an unknown job, InvalidArgument for arguments that do not fit.
#ifndef WEIR_CORE_CLUSTER_JOB_GRAPH_PROVIDER_H_
#define WEIR_CORE_CLUSTER_JOB_GRAPH_PROVIDER_H_

#include <functional>

#include "absl/status/statusor.h"
#include "core/cluster/job_result.h"
#include "core/graph/job_graph.h"

namespace weir {

using JobGraphProvider = std::function<absl::StatusOr<JobGraph>(const JobSubmission&)>;

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_GRAPH_PROVIDER_H_
