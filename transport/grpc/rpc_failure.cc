#include "transport/grpc/rpc_failure.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"

namespace weir::remote {
namespace {

// What to do about `message`, or nothing.
std::string_view Remedy(const std::string& told, bool tls) {
  const std::string message = absl::AsciiStrToLower(told);
  if (absl::StrContains(message, "certificate verify failed")) {
    return "; the other side's certificate is not signed by the CA given here, or has expired: "
           "give "
           "both sides certificates of one CA";
  }
  if (absl::StrContains(message, "is not in peer certificate")) {
    return "; the other side's certificate does not name this host: add it as a subject "
           "alternative name";
  }
  if (absl::StrContains(message, "wrong version number")) {
    return "; the other side does not speak TLS, this one does: configure both alike";
  }
  if (tls && (absl::StrContains(message, "handshake") ||
              absl::StrContains(message, "socket closed") || absl::StrContains(message, "reset"))) {
    return "; the TLS handshake did not succeed: check that the other side speaks TLS, trusts the "
           "certificate given here, and that one is given if it requires client certificates";
  }
  if (!tls && (absl::StrContains(message, "socket closed") || absl::StrContains(message, "reset") ||
               absl::StrContains(message, "goaway"))) {
    return "; if this happens on every attempt, the other side may require TLS: configure both "
           "alike";
  }
  return "";
}

}  // namespace

absl::Status RpcFailure(std::string_view what, const ::grpc::Status& status, bool tls,
                        bool has_spoken) {
  const std::string& message = status.error_message();
  switch (status.error_code()) {
    case ::grpc::StatusCode::OK:
    case ::grpc::StatusCode::CANCELLED:
      return absl::UnavailableError(absl::StrCat(ToAbsl(what), ": the other side closed it"));
    case ::grpc::StatusCode::UNIMPLEMENTED:
      return absl::UnavailableError(absl::StrCat(
          ToAbsl(what), ": no Weir process of this release answers there (", message, ")"));
    case ::grpc::StatusCode::RESOURCE_EXHAUSTED:
      return absl::ResourceExhaustedError(absl::StrCat(ToAbsl(what), ": ", message));
    case ::grpc::StatusCode::UNAUTHENTICATED:
      return absl::UnauthenticatedError(absl::StrCat(ToAbsl(what), ": ", message));
    case ::grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::DeadlineExceededError(absl::StrCat(ToAbsl(what), ": ", message));
    default:
      return absl::UnavailableError(absl::StrCat(ToAbsl(what), ": ", message,
                                                 has_spoken ? "" : ToAbsl(Remedy(message, tls))));
  }
}

}  // namespace weir::remote
