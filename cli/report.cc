#include "cli/report.h"

#include "cli/message.h"

namespace weir::cli {
namespace {

// What to do if no JobManager answers.
constexpr char kNoJobManagerRemedy[] =
    "Start one with `weir cluster`, or say where it is with --jobmanager=HOST:PORT";

}  // namespace

ExitCode ReportConfigError(const absl::Status& error) {
  PrintError(error, "See `weir config --describe`.");
  return kExitUsage;
}

ExitCode ReportClientError(const absl::Status& error) {
  if (absl::IsCancelled(error)) return kExitCancelled;
  const bool nobody = absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error);
  PrintError(error, nobody ? kNoJobManagerRemedy : "");
  return kExitFailed;
}

}  // namespace weir::cli
