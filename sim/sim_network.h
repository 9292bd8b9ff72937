// SimNetwork: the Network of a simulated process.
//
// Messages take drawn delays and keep the order of their connection (sim/connection.h). An address
// is looked up when the request or the opening arrives, so a message to a process that is not there
// yet may find it. Process names are the dialing ends; addresses are free text.
#ifndef WEIR_SIM_SIM_NETWORK_H_
#define WEIR_SIM_SIM_NETWORK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/env/network.h"
#include "sim/network_model.h"

namespace weir::sim {

class SimNetwork final : public Network {
 public:
  // `model` outlives this object and everything made by it.
  SimNetwork(NetworkModel* model, std::string process, uint32_t machine)
      : model_(model), process_(std::move(process)), machine_(machine) {}

  absl::StatusOr<std::unique_ptr<Server>> Serve(const Address& address, Executor* executor,
                                                ServerHandler* handler) override;
  std::unique_ptr<CallHandle> Call(
      const Address& to, std::string_view method, std::string request, absl::Duration deadline,
      Executor* executor, absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_reply) override;
  std::unique_ptr<StreamSender> OpenStream(const Address& to, std::string hello, Executor* executor,
                                           StreamSenderHandler* handler) override;

 private:
  NetworkModel* model_;
  std::string process_;
  uint32_t machine_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_NETWORK_H_
