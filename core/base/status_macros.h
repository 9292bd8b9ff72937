// Passing errors up.
//
//   absl::Status Publish(...) {
//     WEIR_RETURN_IF_ERROR(file->Sync());
//     WEIR_ASSIGN_OR_RETURN(const Manifest manifest, ReadManifest(path));
//
// WEIR_RETURN_IF_ERROR takes an absl::Status, WEIR_ASSIGN_OR_RETURN an absl::StatusOr; the function
// around them returns either. The second declares or assigns its left side and is therefore two
// statements: it needs braces under an `if`. The left side cannot hold a comma; the expression can.

#ifndef WEIR_CORE_BASE_STATUS_MACROS_H_
#define WEIR_CORE_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define WEIR_RETURN_IF_ERROR(...)                                        \
  do {                                                                   \
    if (::absl::Status weir_status = (__VA_ARGS__); !weir_status.ok()) { \
      return weir_status;                                                \
    }                                                                    \
  } while (false)

#define WEIR_ASSIGN_OR_RETURN(lhs, ...)                                                   \
  WEIR_ASSIGN_OR_RETURN_IMPL_(WEIR_STATUS_MACROS_CONCAT_(weir_status_or_, __LINE__), lhs, \
                              (__VA_ARGS__))

#define WEIR_ASSIGN_OR_RETURN_IMPL_(status_or, lhs, expression) \
  auto status_or = expression;                                  \
  if (!status_or.ok()) return std::move(status_or).status();    \
  lhs = *std::move(status_or)

#define WEIR_STATUS_MACROS_CONCAT_(a, b) WEIR_STATUS_MACROS_CONCAT_IMPL_(a, b)
#define WEIR_STATUS_MACROS_CONCAT_IMPL_(a, b) a##b

#endif  // WEIR_CORE_BASE_STATUS_MACROS_H_
