#include "cli/config/network_config.h"

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/config/config_options.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

absl::StatusOr<std::string> ReadPem(const Config& config, const ConfigOption& option) {
  const std::string& path = config.String(option);
  if (path.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(kSslEnabled.key), " is true (", config.entry(kSslEnabled).where,
                     "), but ", ToAbsl(option.key), " is not set: it names a PEM file"));
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  const auto refuse = [&](const char* why) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(option.key), " (", config.entry(option).where, "): ", path, " ", why));
  };
  if (!file) return refuse("cannot be read");
  if (text.str().find("-----BEGIN ") == std::string::npos) return refuse("is no PEM file");
  return std::move(text).str();
}

}  // namespace

absl::StatusOr<GrpcNetworkOptions> ToNetworkOptions(const Config& config) {
  GrpcNetworkOptions options;
  // A record that began in a frame that was nearly full must pass.
  constexpr size_t kFrameAndEnvelopeBytes = 1 << 20;
  options.message_bytes_max =
      static_cast<size_t>(config.Integer(kRecordSizeMax)) + kFrameAndEnvelopeBytes;
  options.connect_timeout = config.Duration(kRpcConnectTimeout);
  options.keepalive_interval = config.Duration(kRpcKeepaliveInterval);
  options.keepalive_timeout = config.Duration(kRpcKeepaliveTimeout);
  if (!config.Boolean(kSslEnabled)) return options;
  options.security.require_client_certificate = config.Boolean(kSslMutual);
  WEIR_ASSIGN_OR_RETURN(options.security.ca_pem, ReadPem(config, kSslCa));
  // A client of a server that asks for none needs none.
  if (config.Boolean(kSslMutual) || !config.String(kSslCertificate).empty()) {
    WEIR_ASSIGN_OR_RETURN(options.security.certificate_pem, ReadPem(config, kSslCertificate));
    WEIR_ASSIGN_OR_RETURN(options.security.private_key_pem, ReadPem(config, kSslKey));
  }
  return options;
}

}  // namespace weir::cli
