// RpcDispatcher: methods by name for a ServerHandler. Parses requests, serializes responses; unknown methods are Unimplemented and
// bytes that do not parse are InvalidArgument. Belongs to the actor's executor.
#ifndef WEIR_CORE_CLUSTER_RPC_DISPATCHER_H_
#define WEIR_CORE_CLUSTER_RPC_DISPATCHER_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"
#include "core/env/network.h"

namespace weir {

template <class Response>
using RpcReply = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

class RpcDispatcher {
 public:
  // `handle` answers now or later, once.
  template <class Request, class Response>
  void Register(std::string method, absl::AnyInvocable<void(Request, RpcReply<Response>)> handle) {
    methods_[method] = [method, handle = std::move(handle)](std::string bytes,
                                                            CallReply reply) mutable {
      Request request;
      if (!request.ParseFromString(bytes)) {
        return reply(absl::InvalidArgumentError(
            absl::StrCat("the request of ", method, " is not a valid message")));
      }
      handle(std::move(request),
             [reply = std::move(reply)](absl::StatusOr<Response> response) mutable {
               if (!response.ok()) return reply(response.status());
               reply(response->SerializeAsString());
             });
    };
  }

  void Dispatch(std::string_view method, std::string request, CallReply reply) {
    auto found = methods_.find(method);
    if (found == methods_.end()) {
      return reply(
          absl::UnimplementedError(absl::StrCat("no method '", std::string(method), "' here")));
    }
    found->second(std::move(request), std::move(reply));
  }

 private:
  std::map<std::string, absl::AnyInvocable<void(std::string, CallReply)>, std::less<>> methods_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_RPC_DISPATCHER_H_
