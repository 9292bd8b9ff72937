#include "core/env/testing/network_contract.h"

#include <utility>

namespace weir {

std::string Describe(const absl::Status& status) {
  return absl::StatusCodeToString(status.code()) + ": " +
         std::string(status.message().data(), status.message().size());
}

void ReceiverProbe::OnFrame(Lane lane, FrameBytes frame) {
  EXPECT_NE(receiver, nullptr) << "a frame before on_accepted or after destruction";
  const std::string bytes = frame.pieces().ToString();
  EXPECT_EQ(bytes.size(), frame.size());
  Log((lane == Lane::kFifo ? "frame:" : "urgent:") + bytes);
  if (keep_frames) frames.push_back(std::move(frame));
  if (receiver && lane == Lane::kFifo && grant_per_frame > 0) receiver->Grant(grant_per_frame);
  if (on_frame) on_frame();
}

void ReceiverProbe::Log(std::string event) {
  EXPECT_TRUE(executor->IsCurrent());
  EXPECT_FALSE(ended()) << event << " after the end of the stream";
  const bool end = event == "finished" || event.rfind("broken:", 0) == 0;
  log.Add(std::move(event));
  if (end && on_end) on_end();
}

ServerHandler::Accepted ReceiverProbe::Accept() {
  ServerHandler::Accepted accepted;
  accepted.handler = this;
  accepted.executor = executor;
  accepted.on_accepted = [this](std::unique_ptr<StreamReceiver> opened) {
    EXPECT_EQ(log.size(), 0) << "on_accepted comes first";
    Log("accepted");
    receiver = std::move(opened);
    if (grant_at_accept > 0) receiver->Grant(grant_at_accept);
  };
  return accepted;
}

bool ReceiverProbe::ended() const {
  const std::vector<std::string> events = log.events();
  return !events.empty() && (events.back() == "finished" || events.back().rfind("broken:", 0) == 0);
}

void SenderProbe::OnCredit() {
  EXPECT_TRUE(executor->IsCurrent());
  EXPECT_FALSE(broken()) << "OnCredit after OnBroken";
  log.Add("credit:" + std::to_string(sender->credit()));
  if (on_credit) on_credit();
}

void SenderProbe::OnBroken(absl::Status why) {
  EXPECT_TRUE(executor->IsCurrent());
  EXPECT_FALSE(broken()) << "OnBroken twice";
  log.Add("broken:" + Describe(why));
  if (on_broken) on_broken();
}

bool SenderProbe::broken() const {
  const std::vector<std::string> events = log.events();
  return !events.empty() && events.back().rfind("broken:", 0) == 0;
}

void ServerProbe::OnCall(std::string_view method, std::string request, CallReply reply) {
  EXPECT_TRUE(executor->IsCurrent());
  if (on_call) return on_call(method, std::move(request), std::move(reply));
  reply(absl::UnimplementedError("no such method"));
}

absl::StatusOr<ServerHandler::Accepted> ServerProbe::OnOpenStream(std::string hello) {
  EXPECT_TRUE(executor->IsCurrent());
  if (on_open) return on_open(std::move(hello));
  return absl::UnimplementedError("no streams here");
}

void NetworkContract::SetUp() {
  client_ = &NewExecutor(env(), "client", ExecutorKind::kControl);
  host_ = &NewExecutor(peer(), "host", ExecutorKind::kControl);
  channel_ = &NewExecutor(peer(), "channel", ExecutorKind::kWorker);
}

void NetworkContract::TearDown() {
  // Handlers and executors outlive what the network returned for them; nothing runs once the
  // executors are down.
  ShutdownExecutors();
  calls_.clear();
  for (auto& sender : senders_) sender->sender.reset();
  for (auto& receiver : receivers_) receiver->receiver.reset();
  for (auto& server : servers_) server->server.reset();
}

ServerProbe& NetworkContract::Serve(const Address& address) {
  ServerProbe& probe = *servers_.emplace_back(std::make_unique<ServerProbe>(host_));
  RunOn(*host_, [&] {
    auto server = peer().network().Serve(address, host_, &probe);
    ASSERT_TRUE(server.ok()) << server.status();
    address_ = (*server)->address();
    probe.server = *std::move(server);
  });
  return probe;
}

void NetworkContract::Call(const Address& to, const std::string& name, const std::string& method,
                           const std::string& request, absl::Duration deadline) {
  RunOn(*client_, [&] {
    auto returned = std::make_shared<bool>(false);
    calls_.push_back(env().network().Call(
        to, method, request, deadline, client_,
        [this, name, returned](absl::StatusOr<std::string> response) {
          EXPECT_TRUE(client_->IsCurrent());
          EXPECT_TRUE(*returned) << "on_reply ran inside Call()";
          log_.Add(name + ":" + (response.ok() ? *response : Describe(response.status())));
        }));
    *returned = true;
  });
}

void NetworkContract::DropCalls() {
  RunOn(*client_, [&] { calls_.clear(); });
}

ReceiverProbe& NetworkContract::NewReceiver() {
  return *receivers_.emplace_back(std::make_unique<ReceiverProbe>(channel_));
}

SenderProbe& NetworkContract::Open(const std::string& hello, const Address& to) {
  SenderProbe& probe = *senders_.emplace_back(std::make_unique<SenderProbe>(client_));
  RunOn(*client_, [&] {
    probe.sender = env().network().OpenStream(to, hello, client_, &probe);
    EXPECT_EQ(probe.sender->credit(), 0);
    EXPECT_EQ(probe.log.size(), 0) << "the handler ran inside OpenStream()";
  });
  return probe;
}

NetworkContract::Stream NetworkContract::OpenAccepted(int64_t grant, int64_t per_frame) {
  ServerProbe& server = Serve();
  ReceiverProbe& in = NewReceiver();
  RunOn(*channel_, [&] {
    in.grant_at_accept = grant;
    in.grant_per_frame = per_frame;
  });
  RunOn(*host_, [&] { server.on_open = [&in](const std::string&) { return in.Accept(); }; });
  SenderProbe& out = Open();
  EXPECT_TRUE(RunUntil([&] { return in.log.Has("accepted"); }));
  if (grant > 0) AwaitCredit(out, grant);
  return {out, in, server};
}

void NetworkContract::Send(SenderProbe& out, Lane lane, const std::string& frame) {
  RunOn(*out.executor, [&] { out.sender->Send(lane, frame); });
}

void NetworkContract::AwaitCredit(SenderProbe& out, int64_t frames) {
  for (int tries = 0; tries < 10'000; ++tries) {
    int64_t credit = 0;
    RunOn(*out.executor, [&] { credit = out.sender->credit(); });
    if (credit >= frames) return;
    under_test().RunUntil([] { return false; }, absl::Milliseconds(1));
  }
  ADD_FAILURE() << "the sender did not get credit for " << frames << " frames";
}

void NetworkContract::Finish(SenderProbe& out) {
  RunOn(*out.executor, [&] { out.sender->Finish(); });
}

void NetworkContract::Destroy(SenderProbe& out) {
  RunOn(*out.executor, [&] { out.sender.reset(); });
}

void NetworkContract::Destroy(ReceiverProbe& in) {
  RunOn(*in.executor, [&] { in.receiver.reset(); });
}

void NetworkContract::Destroy(ServerProbe& server) {
  RunOn(*server.executor, [&] { server.server.reset(); });
}

}  // namespace weir
