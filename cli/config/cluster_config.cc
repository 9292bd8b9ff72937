#include "cli/config/cluster_config.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/config/config_options.h"

namespace weir::cli {

ClusterTimeouts ToTimeouts(const Config& config) {
  return {.heartbeat_interval = config.Duration(kHeartbeatInterval),
          .heartbeat_timeout = config.Duration(kHeartbeatTimeout),
          .ask_timeout = config.Duration(kRpcAskTimeout),
          .deploy_timeout = config.Duration(kRpcDeployTimeout),
          .release_timeout = config.Duration(kTaskCancellationTimeout),
          .retry_delay = config.Duration(kRpcRetryDelay)};
}

TaskManagerOptions ToTaskManagerOptions(const Config& config, int slots) {
  TaskManagerOptions options;
  options.slots = slots;
  options.record_bytes_max = static_cast<size_t>(config.Integer(kRecordSizeMax));
  return options;
}

Address JobManagerAddress(const Config& config) {
  return ToAddress(config.String(kJobManagerRpcAddress), config.Integer(kJobManagerRpcPort));
}

Address ToAddress(const std::string& host, int64_t port) {
  const bool bare_ipv6 = absl::StrContains(host, ':') && host.front() != '[';
  return bare_ipv6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

}  // namespace weir::cli
