#include "cli/process/exposure.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"

namespace weir::cli {

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "::1" || host == "[::1]") return true;
  in_addr address{};
  // Only whole dotted addresses: "127.evil.example" is a name.
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

absl::Status CheckExposure(std::string_view key, std::string_view host, bool tls, bool insecure) {
  if (IsLoopback(host) || tls || insecure) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(key), " is ", ToAbsl(host),
                   ", which other machines can reach, and nothing would be encrypted: whoever can "
                   "connect could run code here. Set "
                   "security.ssl.enabled with security.ssl.ca, .certificate and .key; or, in a "
                   "network that you trust, give --insecure"));
}

absl::Status CheckCanBeReached(std::string_view host, std::string_view job_manager_host) {
  const bool all_interfaces = host == "0.0.0.0" || host == "::" || host == "[::]";
  if (!all_interfaces && (!IsLoopback(host) || IsLoopback(job_manager_host)))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "taskmanager.host is ", ToAbsl(host), ", where the JobManager at ", ToAbsl(job_manager_host),
      " cannot reach this TaskManager; give the name or address of this machine with "
      "--host=HOST"));
}

}  // namespace weir::cli
