// What an event of a simulated world costs: ./bazelw run //sim/testing:speed_main
//
// items_per_second counts turns, except for frames: there it counts frames, each of which is a
// send, an arrival, a turn of the receiver, and the same for the credit that comes back.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "core/base/check.h"
#include "core/env/env.h"
#include "sim/sim_world.h"

namespace weir::sim {
namespace {

constexpr int kTurns = 100'000;

SimOptions Options(const benchmark::State& state) {
  SimOptions options;
  options.schedule = static_cast<ScheduleKind>(state.range(0));
  return options;
}

// Executors that post to the next one in a ring, each machine on its own.
void BM_Post(benchmark::State& state) {
  const int ring = static_cast<int>(state.range(1));
  for (auto _ : state) {
    SimWorld world(Seed(1), Options(state));
    Env& env = world.HostEnv("host");
    std::vector<std::unique_ptr<Executor>> executors;
    for (int i = 0; i < ring; ++i) {
      executors.push_back(env.NewExecutor("e", ExecutorKind::kControl));
    }
    // Every executor starts a token, so that all are ready.
    int left = kTurns;
    std::function<void(int)> pass = [&](int at) {
      if (--left < 0) return;
      const int next = (at + 1) % ring;
      executors[next]->Post([&pass, next] { pass(next); });
    };
    for (int i = 0; i < ring; ++i) executors[i]->Post([&pass, i] { pass(i); });
    WEIR_CHECK_OK(world.RunUntilQuiescent(absl::Hours(1)));
    benchmark::DoNotOptimize(world.digest());
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_Post)->ArgsProduct({{0, 1, 2}, {1, 2, 16}});

// Many timers that set themselves again, beside as many that are cancelled.
void BM_Timers(benchmark::State& state) {
  const int timers = static_cast<int>(state.range(1));
  for (auto _ : state) {
    SimWorld world(Seed(1), Options(state));
    const auto executor = world.HostEnv("host").NewExecutor("e", ExecutorKind::kControl);
    int left = kTurns;
    std::function<void(int)> arm = [&](int id) {
      if (--left < 0) return;
      executor->CancelTimer(executor->PostAfter(absl::Seconds(10), [] {}));
      executor->PostAfter(absl::Milliseconds(1 + id % 7), [&arm, id] { arm(id); });
    };
    for (int id = 0; id < timers; ++id) executor->Post([&arm, id] { arm(id); });
    WEIR_CHECK_OK(world.RunUntilQuiescent(absl::Hours(1)));
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_Timers)->ArgsProduct({{0}, {10, 10'000}});

// One stream with a window of 16 frames of 100 bytes.
class Peer final : public ServerHandler, StreamSenderHandler, StreamReceiverHandler {
 public:
  explicit Peer(Env* env) : env_(env), executor_(env->NewExecutor("e", ExecutorKind::kControl)) {}

  void Serve() { server_ = *env_->network().Serve("peer", executor_.get(), this); }
  void Open() {
    executor_->Post(
        [this] { sender_ = env_->network().OpenStream("peer", "", executor_.get(), this); });
  }
  int received() const { return received_; }

 private:
  void OnCall(std::string_view, std::string, CallReply) override {}
  absl::StatusOr<Accepted> OnOpenStream(std::string) override {
    return Accepted{this, executor_.get(), [this](std::unique_ptr<StreamReceiver> receiver) {
                      receiver_ = std::move(receiver);
                      receiver_->Grant(16);
                    }};
  }
  void OnCredit() override {
    while (sender_->credit() > 0) sender_->Send(Lane::kFifo, std::string(100, 'x'));
  }
  void OnFrame(Lane, FrameBytes) override {
    ++received_;
    receiver_->Grant(1);
  }
  void OnFinished() override {}
  void OnBroken(absl::Status) override {}

  Env* env_;
  int received_ = 0;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<StreamReceiver> receiver_;
  std::unique_ptr<StreamSender> sender_;
};

void BM_Frames(benchmark::State& state) {
  for (auto _ : state) {
    SimWorld world(Seed(1), Options(state));
    Peer receiver(&world.HostEnv("receiver"));
    Peer sender(&world.HostEnv("sender"));
    receiver.Serve();
    sender.Open();
    WEIR_CHECK_OK(world.RunUntil([&] { return receiver.received() >= kTurns; }, absl::Hours(1)));
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_Frames)->Args({0, 0});

}  // namespace
}  // namespace weir::sim
