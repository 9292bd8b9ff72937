#include "sim/sim_network.h"

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "sim/sim_call.h"
#include "sim/sim_executor.h"
#include "sim/sim_stream.h"
#include "sim/virtual_time.h"

namespace weir::sim {
namespace {

class SimServer final : public Server {
 public:
  SimServer(ServerTable* servers, Address address, uint64_t id)
      : servers_(servers), address_(std::move(address)), id_(id) {}
  ~SimServer() override { servers_->Remove(address_, id_); }

  const Address& address() const override { return address_; }

 private:
  ServerTable* servers_;
  Address address_;
  uint64_t id_;
};

class SimCallHandle final : public CallHandle {
 public:
  explicit SimCallHandle(std::shared_ptr<SimCall> call) : call_(std::move(call)) {}
  ~SimCallHandle() override { call_->Drop(); }

 private:
  const std::shared_ptr<SimCall> call_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> SimNetwork::Serve(const Address& address,
                                                          Executor* executor,
                                                          ServerHandler* handler) {
  WEIR_CHECK(handler != nullptr);
  const uint64_t id = model_->servers.Add(address, machine_, IndexOf(executor), handler);
  if (id == 0) {
    return absl::AlreadyExistsError(absl::StrCat("serve ", address, ": somebody serves there"));
  }
  return std::make_unique<SimServer>(&model_->servers, address, id);
}

std::unique_ptr<CallHandle> SimNetwork::Call(
    const Address& to, std::string_view method, std::string request, absl::Duration deadline,
    Executor* executor, absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_reply) {
  WEIR_CHECK(deadline > absl::ZeroDuration()) << "a call without a deadline: " << method;
  Connection* const connection =
      model_->connections.Find(process_, machine_, to, ConnectionKind::kCalls);
  auto call =
      std::make_shared<SimCall>(model_->loop, &model_->servers, connection, ++model_->last_call_id,
                                to, IndexOf(executor), std::move(on_reply));
  model_->calls.Add(*call);
  call->Start(method, std::move(request), ToNanoseconds(deadline));
  if (model_->on_call && !model_->loop->muted()) model_->on_call(machine_, method);
  return std::make_unique<SimCallHandle>(std::move(call));
}

std::unique_ptr<StreamSender> SimNetwork::OpenStream(const Address& to, std::string hello,
                                                     Executor* executor,
                                                     StreamSenderHandler* handler) {
  WEIR_CHECK(handler != nullptr);
  Connection* const connection =
      model_->connections.Find(process_, machine_, to, ConnectionKind::kStreams);
  auto stream = std::make_shared<SimStream>(model_, connection, to, IndexOf(executor), handler);
  model_->streams.Add(*stream);
  return stream->Open(std::move(hello));
}

}  // namespace weir::sim
