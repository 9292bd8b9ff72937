// Who can reach a process: loopback addresses are this machine's alone; any other one needs TLS, or the user's word. Pure.
#ifndef WEIR_CLI_PROCESS_EXPOSURE_H_
#define WEIR_CLI_PROCESS_EXPOSURE_H_

#include <string_view>

#include "absl/status/status.h"

namespace weir::cli {

// "localhost", 127.0.0.0/8, ::1.
bool IsLoopback(std::string_view host);

// InvalidArgument, with the remedies, if `host` is for others, nothing is encrypted and `insecure` was not given. `key` is the
// option that set the host.
// InvalidArgument if a JobManager at `job_manager_host` could not reach a TaskManager that says it is at `host`. Pure.
absl::Status CheckCanBeReached(std::string_view host, std::string_view job_manager_host);

absl::Status CheckExposure(std::string_view key, std::string_view host, bool tls, bool insecure);

}  // namespace weir::cli

#endif  // WEIR_CLI_PROCESS_EXPOSURE_H_
