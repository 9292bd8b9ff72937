#include "cli/process/private_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace weir::cli {

absl::StatusOr<PrivateFolder> PrivateFolder::Create() {
  const char* const where = std::getenv("TMPDIR");
  std::string path =
      absl::StrCat(where != nullptr && where[0] == '/' ? where : "/tmp", "/weir-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot make a folder ", path, ": ", std::strerror(errno)));
  }
  return PrivateFolder(std::move(path));
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace weir::cli
