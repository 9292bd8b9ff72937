// Which job a user means: by its id, an unambiguous beginning of it, or its name. Pure.
#ifndef WEIR_CLI_JOB_SELECTION_H_
#define WEIR_CLI_JOB_SELECTION_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "core/proto/control.pb.h"

namespace weir::cli {

// The job of `jobs` that `text` means. Where several could be meant, the only one of them that has not ended, or if all of them have
// and it is their name, the one that began last. NotFound if there is none, InvalidArgument that lists them if there are several.
absl::StatusOr<proto::JobOverview> SelectJob(const proto::ListJobsResponse& jobs,
                                             std::string_view text);

}  // namespace weir::cli

#endif  // WEIR_CLI_JOB_SELECTION_H_
