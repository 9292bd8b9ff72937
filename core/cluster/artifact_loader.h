// ArtifactLoader: makes the jobs of an artifact (a shared object that a client has sent) known to the JobGraphProvider of this
// process. What that takes belongs to the composition root: it runs code that was sent. Used on the executor of the JobManager or
// TaskManager that it was given to.
#ifndef WEIR_CORE_CLUSTER_ARTIFACT_LOADER_H_
#define WEIR_CORE_CLUSTER_ARTIFACT_LOADER_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/cluster/blob_key.h"
#include "core/cluster/job_result.h"

namespace weir {

class ArtifactLoader {
 public:
  virtual ~ArtifactLoader() = default;

  // Loads the file at `path`, whose bytes have been compared with `key` and whose note fits this program. From OK on submissions of
  // its jobs that name `key` can be built here, for as long as the process lives; it may be loaded again. `submission` is what it
  // is loaded for. FailedPrecondition, InvalidArgument or NotFound: not with this file. `done` runs on the same executor, later
  // or at once.
  virtual void Load(const BlobKey& key, const std::string& path, const JobSubmission& submission,
                    absl::AnyInvocable<void(absl::Status)> done) = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_ARTIFACT_LOADER_H_
