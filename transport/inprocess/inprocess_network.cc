#include "transport/inprocess/inprocess_network.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/string_view.h"
#include "transport/inprocess/call.h"
#include "transport/inprocess/stream_core.h"
#include "transport/pending_call.h"
#include "transport/server_entry.h"

namespace weir {

using inprocess::InProcessSender;
using inprocess::StreamCore;

namespace {

// An open on its way to the server. If it is dropped, the opener hears so at once.
class OpenRequest {
 public:
  OpenRequest(std::shared_ptr<StreamCore> stream, std::string hello)
      : stream_(std::move(stream)), hello_(std::move(hello)) {}
  OpenRequest(const OpenRequest&) = delete;
  ~OpenRequest() {
    if (stream_ != nullptr) stream_->Refuse(absl::UnavailableError("the server ended"));
  }

  void Handle(const ServerEntry& server) {
    if (server.handler == nullptr) return;  // The destructor tells the opener.
    absl::StatusOr<ServerHandler::Accepted> accepted =
        server.handler->OnOpenStream(std::move(hello_));
    const std::shared_ptr<StreamCore> stream = std::exchange(stream_, nullptr);
    if (accepted.ok()) {
      stream->Accept(*std::move(accepted));
    } else {
      stream->Refuse(std::move(accepted).status());
    }
  }

 private:
  std::shared_ptr<StreamCore> stream_;
  std::string hello_;
};

}  // namespace

class InProcessNetwork::ServerImpl final : public Server {
 public:
  ServerImpl(InProcessNetwork* network, Address address, ServerPtr entry)
      : network_(network), address_(std::move(address)), entry_(std::move(entry)) {}
  ~ServerImpl() override {
    entry_->handler = nullptr;
    entry_->gate.Close();
    network_->Remove(address_);
  }
  const Address& address() const override { return address_; }

 private:
  InProcessNetwork* const network_;
  const Address address_;
  const ServerPtr entry_;
};

InProcessNetwork::InProcessNetwork() = default;
InProcessNetwork::~InProcessNetwork() {
  WEIR_CHECK(servers_.empty()) << servers_.begin()->first
                               << " is still served; the network must outlive its servers";
}

absl::StatusOr<std::unique_ptr<Server>> InProcessNetwork::Serve(const Address& address,
                                                                Executor* executor,
                                                                ServerHandler* handler) {
  auto entry = std::make_shared<ServerEntry>(executor, handler);
  std::lock_guard<std::mutex> lock(mutex_);
  if (!servers_.emplace(address, entry).second) {
    return absl::AlreadyExistsError(absl::StrCat("serve at ", address, ": somebody serves there"));
  }
  return std::make_unique<ServerImpl>(this, address, std::move(entry));
}

std::unique_ptr<CallHandle> InProcessNetwork::Call(
    const Address& to, std::string_view method, std::string request, absl::Duration deadline,
    Executor* executor, absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_reply) {
  WEIR_CHECK(deadline > absl::ZeroDuration()) << "call " << method << " to " << to;
  auto call = std::make_shared<PendingCall>(absl::StrCat(ToAbsl(method), " to ", to), executor);
  call->Start(deadline, std::move(on_reply));
  inprocess::SendCall(Find(to), call, method, std::move(request));
  return std::make_unique<PendingCallHandle>(std::move(call));
}

std::unique_ptr<StreamSender> InProcessNetwork::OpenStream(const Address& to, std::string hello,
                                                           Executor* executor,
                                                           StreamSenderHandler* handler) {
  auto stream = std::make_shared<StreamCore>(to, executor, handler);
  if (const ServerPtr server = Find(to); server != nullptr) {
    Remember(to, stream);
    // Shared, so that an open that cannot be posted ends outside the gate.
    auto open = std::make_shared<OpenRequest>(stream, std::move(hello));
    server->gate.Post([server, open] { open->Handle(*server); });
  } else {
    stream->Refuse(
        absl::UnavailableError(absl::StrCat("stream to ", to, ": nobody serves at this address")));
  }
  return std::make_unique<InProcessSender>(std::move(stream));
}

void InProcessNetwork::LoseStreams(const Address& to, bool opener_sees, bool acceptor_sees) {
  std::vector<std::shared_ptr<StreamCore>> lost;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const OpenedStream& stream : streams_) {
      if (stream.to != to) continue;
      if (auto core = stream.core.lock()) lost.push_back(std::move(core));
    }
  }
  for (const auto& stream : lost) stream->Lose(opener_sees, acceptor_sees);
}

InProcessNetwork::ServerPtr InProcessNetwork::Find(const Address& address) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto server = servers_.find(address);
  return server == servers_.end() ? nullptr : server->second;
}

void InProcessNetwork::Remove(const Address& address) {
  std::lock_guard<std::mutex> lock(mutex_);
  servers_.erase(address);
}

void InProcessNetwork::Remember(const Address& to, const std::shared_ptr<StreamCore>& stream) {
  std::lock_guard<std::mutex> lock(mutex_);
  streams_.push_back({to, stream});
  if (streams_.size() < streams_size_to_purge_) return;
  // Twice what is alive: forgetting the dead costs O(1) per open.
  std::erase_if(streams_, [](const OpenedStream& opened) { return opened.core.expired(); });
  streams_size_to_purge_ = std::max<size_t>(64, 2 * streams_.size());
}

}  // namespace weir
