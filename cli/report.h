// How a command ends that cannot go on: what it prints, and what the process returns then.
#ifndef WEIR_CLI_REPORT_H_
#define WEIR_CLI_REPORT_H_

#include "absl/status/status.h"
#include "cli/command.h"

namespace weir::cli {

// The configuration could not be read, or does not make sense.
ExitCode ReportConfigError(const absl::Status& error);

// A call of a ClusterClient failed. Prints nothing if the user interrupted it.
ExitCode ReportClientError(const absl::Status& error);

}  // namespace weir::cli

#endif  // WEIR_CLI_REPORT_H_
