// RpcClient: typed calls of one actor. Keeps the calls that are under way; destroying it (on the actor's executor, or after that has
// shut down) drops their replies, so callbacks may use the actor freely.
#ifndef WEIR_CORE_CLUSTER_RPC_CLIENT_H_
#define WEIR_CORE_CLUSTER_RPC_CLIENT_H_

#include <cstdint>
#include <map>
#include <memory>
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

class RpcClient {
 public:
  RpcClient(Network& network, Executor* executor) : network_(network), executor_(executor) {}

  // Calls `method` at `to` with a protobuf message; `on_reply` gets the response, the callee's error, Unavailable or
  // DeadlineExceeded.
  template <class Response, class Request>
  void Call(const Address& to, std::string_view method, const Request& request,
            absl::Duration deadline, absl::AnyInvocable<void(absl::StatusOr<Response>)> on_reply) {
    const uint64_t id = next_id_++;
    // The entry comes first: a network may answer before Call returns the handle.
    std::unique_ptr<CallHandle>& handle = under_way_[id];
    handle = network_.Call(to, method, request.SerializeAsString(), deadline, executor_,
                           [this, id, method = std::string(method), on_reply = std::move(on_reply)](
                               absl::StatusOr<std::string> bytes) mutable {
                             auto done = std::move(on_reply);
                             // Destroys this closure, too, once it returns: nothing of it is used below.
                             auto finished = under_way_.extract(id);
                             if (!bytes.ok()) return done(bytes.status());
                             Response response;
                             if (!response.ParseFromString(*bytes)) {
                               return done(absl::DataLossError(absl::StrCat(
                                   "the response to ", method, " is not a valid message")));
                             }
                             done(std::move(response));
                           });
  }

  size_t calls_under_way() const { return under_way_.size(); }

 private:
  Network& network_;
  Executor* const executor_;
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::unique_ptr<CallHandle>> under_way_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_RPC_CLIENT_H_
