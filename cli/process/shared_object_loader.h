// SharedObjectLoader: loads artifacts into this process with dlopen(3), and knows their jobs from then on. An artifact runs code when it
// is loaded; whoever calls this has looked at its note (core/artifact/artifact_note.h). Nothing is ever unloaded. Belongs to one
// executor, or to the main thread of a client.
#ifndef WEIR_CLI_PROCESS_SHARED_OBJECT_LOADER_H_
#define WEIR_CLI_PROCESS_SHARED_OBJECT_LOADER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/api/job_registry.h"
#include "core/cluster/artifact_loader.h"
#include "core/cluster/job_result.h"
#include "core/graph/job_graph.h"

namespace weir::cli {

class SharedObjectLoader final : public ArtifactLoader {
 public:
  // The jobs of the shared object, which is loaded now. InvalidArgument: it cannot be loaded, has no job, has one twice, or one
  // with the name of a job that is in this program.
  static absl::StatusOr<std::vector<RegisteredJob>> Open(const std::string& path);

  // In addition InvalidArgument, with the jobs there are, if the submission's is not among them. Calls `done` at once.
  void Load(const BlobKey& key, const std::string& path, const JobSubmission& submission,
            absl::AnyInvocable<void(absl::Status)> done) override;

  // The graph of a submission: of the artifact that it names, else of this program. FailedPrecondition if the artifact is not
  // loaded; otherwise as core/api/job_registry.h.
  absl::StatusOr<JobGraph> Build(const JobSubmission& submission) const;

 private:
  std::map<std::string, std::vector<RegisteredJob>> artifacts_;  // By key.
};

// The job of that name. InvalidArgument that lists those there are.
absl::StatusOr<RegisteredJob> FindJobOfArtifact(const std::vector<RegisteredJob>& jobs,
                                                const std::string& name);

}  // namespace weir::cli

#endif  // WEIR_CLI_PROCESS_SHARED_OBJECT_LOADER_H_
