// The in-process network between threads, with everything being destroyed while its peer is at work. Meant for tsan and asan.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "cli/env/thread_executor.h"
#include "gtest/gtest.h"
#include "transport/inprocess/inprocess_network.h"

namespace weir {
namespace {

// Sends whenever it may, and calls all the time.
struct Client final : StreamSenderHandler {
  Client(InProcessNetwork* network, Executor* executor) : network(network), executor(executor) {}

  void Start() {
    sender = network->OpenStream("server", "hello", executor, this);
    Call();
  }
  void Call() {
    call = network->Call("server", "Echo", "x", absl::Milliseconds(1), executor,
                         [this](absl::StatusOr<std::string>) { Call(); });
  }
  void OnCredit() override {
    while (sender->credit() > 0) sender->Send(Lane::kFifo, std::string(100, 'x'));
    sender->Send(Lane::kUrgent, "u");
  }
  void OnBroken(absl::Status) override { sender.reset(); }

  InProcessNetwork* const network;
  Executor* const executor;
  std::unique_ptr<StreamSender> sender;
  std::unique_ptr<CallHandle> call;
};

// Grants for each frame and answers every other call.
struct Host final : ServerHandler, StreamReceiverHandler {
  explicit Host(Executor* executor) : executor(executor) {}

  void OnCall(std::string_view, std::string request, CallReply reply) override {
    if (++calls % 2 == 0) reply(std::move(request));
  }
  absl::StatusOr<Accepted> OnOpenStream(std::string) override {
    Accepted accepted;
    accepted.handler = this;
    accepted.executor = executor;
    // The host may be gone by then, and the stream with it.
    accepted.on_accepted =
        [this, alive = std::weak_ptr<int>(alive)](std::unique_ptr<StreamReceiver> opened) {
          if (alive.expired()) return;
          receiver = std::move(opened);
          receiver->Grant(4);
        };
    return accepted;
  }
  void OnFrame(Lane lane, FrameBytes) override {
    ++frames;
    if (lane == Lane::kFifo) receiver->Grant(1);
  }
  void OnFinished() override {}
  void OnBroken(absl::Status) override { receiver.reset(); }

  Executor* const executor;
  const std::shared_ptr<int> alive = std::make_shared<int>(0);
  int calls = 0;
  std::atomic<int> frames{0};
  std::unique_ptr<Server> server;
  std::unique_ptr<StreamReceiver> receiver;
};

std::unique_ptr<ThreadExecutor> NewExecutor(const char* name) {
  return std::make_unique<ThreadExecutor>(name, ExecutorKind::kWorker, LifeId(1));
}

void RunOn(Executor& executor, const std::function<void()>& closure) {
  std::atomic<bool> done{false};
  executor.Post([&] {
    closure();
    done = true;
  });
  while (!done) std::this_thread::yield();
}

class InProcessStressTest : public testing::TestWithParam<int> {};

// One process side ends while the other is at work, in every order of "objects on their executor" and "executor first".
TEST_P(InProcessStressTest, EitherSideMayEndAtAnyTime) {
  const bool client_first = (GetParam() & 1) != 0;
  const bool shutdown_first = (GetParam() & 2) != 0;
  for (int round = 0; round < 50; ++round) {
    InProcessNetwork network;
    auto client_executor = NewExecutor("client");
    auto host_executor = NewExecutor("host");
    auto host = std::make_unique<Host>(host_executor.get());
    auto client = std::make_unique<Client>(&network, client_executor.get());
    RunOn(*host_executor,
          [&] { host->server = *network.Serve("server", host_executor.get(), host.get()); });
    RunOn(*client_executor, [&] { client->Start(); });
    while (host->frames < round) std::this_thread::yield();
    const auto end_client = [&] {
      if (shutdown_first) client_executor->Shutdown();
      if (!shutdown_first) RunOn(*client_executor, [&] { client.reset(); });
      client.reset();
      client_executor.reset();
    };
    const auto end_host = [&] {
      if (shutdown_first) host_executor->Shutdown();
      if (!shutdown_first) RunOn(*host_executor, [&] { host.reset(); });
      host.reset();
      host_executor.reset();
    };
    if (client_first) end_client();
    end_host();
    if (!client_first) end_client();
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, InProcessStressTest, testing::Range(0, 4));

}  // namespace
}  // namespace weir
