// ClientArtifact: the shared object that a user names with --artifact, in the client: read, looked at, and loaded, which runs the
// user's own code, to know its jobs.
#ifndef WEIR_CLI_CLIENT_ARTIFACT_H_
#define WEIR_CLI_CLIENT_ARTIFACT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/api/job_registry.h"

namespace weir::cli {

struct ClientArtifact {
  std::string key;  // BlobKey::hex().
  std::shared_ptr<const std::string> bytes;
  std::vector<RegisteredJob> jobs;
};

// `path` is absolute. Errors name it: NotFound, or InvalidArgument.
absl::StatusOr<ClientArtifact> OpenArtifact(const std::string& path);

}  // namespace weir::cli

#endif  // WEIR_CLI_CLIENT_ARTIFACT_H_
