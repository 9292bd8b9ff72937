#include "cli/env/posix_error.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case EMLINK:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
      return absl::StatusCode::kResourceExhausted;
    case EBUSY:
    case EISDIR:
    case ELOOP:
    case ENOTDIR:
    case ENOTEMPTY:
    case ETXTBSY:
    case EXDEV:
      return absl::StatusCode::kFailedPrecondition;
    case EINVAL:
    case ENAMETOOLONG:
      return absl::StatusCode::kInvalidArgument;
    case EWOULDBLOCK:
      return absl::StatusCode::kUnavailable;
    case EIO:
    case ESTALE:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kUnknown;
  }
}

}  // namespace

absl::Status PosixError(int error, std::string_view operation, std::string_view path) {
  return absl::Status(CodeOf(error), absl::StrCat(ToAbsl(operation), " ", ToAbsl(path), ": ",
                                                  std::generic_category().message(error)));
}

}  // namespace weir
