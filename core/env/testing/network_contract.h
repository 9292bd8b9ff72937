// NetworkCallContract and NetworkStreamContract: what core/env/network.h promises, for every Env
// without network faults. Instantiate both with an EnvFactory and depend on
// //core/env/testing:network_contract.
//
// The fixture owns the handlers and what the network returned for them, so that nothing a test left
// behind is called after it: TearDown shuts the executors down first. Fields of the probes marked
// (executor) are touched on that executor only.
#ifndef WEIR_CORE_ENV_TESTING_NETWORK_CONTRACT_H_
#define WEIR_CORE_ENV_TESTING_NETWORK_CONTRACT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/env/testing/env_under_test.h"
#include "core/env/testing/event_log.h"

namespace weir {

// "CODE: message", as the probes log it.
std::string Describe(const absl::Status& status);

// The receiving half of one stream. Logs "accepted", "frame:<bytes>", "urgent:<bytes>", "finished",
// "broken:CODE: why".
class ReceiverProbe : public StreamReceiverHandler {
 public:
  explicit ReceiverProbe(Executor* executor) : executor(executor) {}

  void OnFrame(Lane lane, FrameBytes frame) override;
  void OnFinished() override { Log("finished"); }
  void OnBroken(absl::Status why) override { Log("broken:" + Describe(why)); }

  // What OnOpenStream returns to accept with this probe.
  ServerHandler::Accepted Accept();

  // True once the last of its events was an end of the stream.
  bool ended() const;

  Executor* const executor;
  EventLog log;
  int64_t grant_at_accept = 0;     // (executor)
  int64_t grant_per_frame = 0;     // (executor)
  bool keep_frames = false;        // (executor)
  std::vector<FrameBytes> frames;  // (executor) All, if they are kept.
  std::function<void()> on_frame;  // (executor) After the frame was logged and granted for.
  std::function<void()> on_end;    // (executor)
  std::unique_ptr<StreamReceiver> receiver;  // (executor)

 private:
  void Log(std::string event);
};

// The sending half. Logs "credit:<credit()>" and "broken:CODE: why".
class SenderProbe : public StreamSenderHandler {
 public:
  explicit SenderProbe(Executor* executor) : executor(executor) {}

  void OnCredit() override;
  void OnBroken(absl::Status why) override;

  bool broken() const;

  Executor* const executor;
  EventLog log;
  std::function<void()> on_credit;       // (executor)
  std::function<void()> on_broken;       // (executor)
  std::unique_ptr<StreamSender> sender;  // (executor)
};

// Serves with two closures. Unset ones answer Unimplemented.
class ServerProbe : public ServerHandler {
 public:
  explicit ServerProbe(Executor* executor) : executor(executor) {}

  void OnCall(std::string_view method, std::string request, CallReply reply) override;
  absl::StatusOr<Accepted> OnOpenStream(std::string hello) override;

  Executor* const executor;
  std::function<void(std::string_view method, std::string request, CallReply reply)>
      on_call;                                                         // (executor)
  std::function<absl::StatusOr<Accepted>(std::string hello)> on_open;  // (executor)
  std::unique_ptr<Server> server;                                      // (executor)
};

class NetworkContract : public EnvContractTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Serves at `address` in peer() and returns once it does. The test's server is at address() after
  // Serve().
  ServerProbe& Serve() { return Serve(under_test().address()); }
  ServerProbe& Serve(const Address& address);
  const Address& address() const { return address_; }

  // Starts a call from env(); its outcome is logged as "<name>:<response>" or "<name>:CODE: why" in
  // log().
  void Call(const Address& to, const std::string& name, const std::string& method,
            const std::string& request, absl::Duration deadline = absl::Minutes(1));
  void Call(const std::string& name) { Call(address_, name, "Echo", name); }
  // Destroys the handles of all calls so far, on client().
  void DropCalls();

  ReceiverProbe& NewReceiver();
  // Opens a stream from env() and returns once OpenStream has returned.
  SenderProbe& Open(const std::string& hello, const Address& to);
  SenderProbe& Open(const std::string& hello = "hello") { return Open(hello, address_); }
  // Serve() and Open() with a receiver that grants `grant` frames when it accepts and `per_frame`
  // for each.
  struct Stream {
    SenderProbe& out;
    ReceiverProbe& in;
    ServerProbe& server;
  };
  Stream OpenAccepted(int64_t grant, int64_t per_frame);

  void Send(SenderProbe& out, Lane lane, const std::string& frame);
  // Returns when the sender has credit for `frames`.
  void AwaitCredit(SenderProbe& out, int64_t frames);
  void Finish(SenderProbe& out);
  void Destroy(SenderProbe& out);
  void Destroy(ReceiverProbe& in);
  void Destroy(ServerProbe& server);

  // Runs calls and senders, in env().
  Executor& client() { return *client_; }
  // Runs the ServerHandlers, in peer().
  Executor& host() { return *host_; }
  // Runs the StreamReceiverHandlers, in peer().
  Executor& channel() { return *channel_; }
  EventLog& log() { return log_; }

 private:
  EventLog log_;
  Address address_;
  Executor* client_ = nullptr;
  Executor* host_ = nullptr;
  Executor* channel_ = nullptr;
  std::vector<std::unique_ptr<ServerProbe>> servers_;
  std::vector<std::unique_ptr<ReceiverProbe>> receivers_;
  std::vector<std::unique_ptr<SenderProbe>> senders_;
  std::vector<std::unique_ptr<CallHandle>> calls_;  // Touched on client().
};

class NetworkCallContract : public NetworkContract {};
class NetworkStreamContract : public NetworkContract {};

}  // namespace weir

#endif  // WEIR_CORE_ENV_TESTING_NETWORK_CONTRACT_H_
