#include "cli/client_artifact.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/process/shared_object_loader.h"
#include "core/artifact/artifact_note.h"
#include "core/base/status_macros.h"
#include "core/cluster/blob_key.h"
#include "core/cluster/blob_store.h"

namespace weir::cli {
namespace {

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot be opened: ", std::strerror(errno)));
  const std::streamoff size = file.tellg();
  if (size < 0 || static_cast<uint64_t>(size) > kBlobBytesLimit)
    return absl::InvalidArgumentError("is no file, or larger than any artifact may be");
  std::string bytes(static_cast<size_t>(size), '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), size)) return absl::InvalidArgumentError("cannot be read");
  return bytes;
}

absl::StatusOr<ClientArtifact> Open(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(std::string bytes, ReadAll(path));
  WEIR_RETURN_IF_ERROR(CheckArtifact(bytes));
  ClientArtifact artifact;
  artifact.key = BlobKey::Of(bytes).hex();
  artifact.bytes = std::make_shared<const std::string>(std::move(bytes));
  WEIR_ASSIGN_OR_RETURN(artifact.jobs, SharedObjectLoader::Open(path));
  return artifact;
}

}  // namespace

absl::StatusOr<ClientArtifact> OpenArtifact(const std::string& path) {
  absl::StatusOr<ClientArtifact> artifact = Open(path);
  if (artifact.ok()) return artifact;
  return absl::Status(artifact.status().code(),
                      absl::StrCat(path, ": ", artifact.status().message()));
}

}  // namespace weir::cli
