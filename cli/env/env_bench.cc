// What the production Env costs: a Post, a round trip between two executors, a frame through an in-process stream.
//
//   ./bazelw run //cli/env:env_bench
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "cli/env/production_env.h"
#include "core/base/check.h"

namespace weir {
namespace {

void AwaitTrue(const std::atomic<bool>& flag) {
  while (!flag.load(std::memory_order_acquire)) std::this_thread::yield();
}

// Returns when everything that was posted before has run.
void Drain(Executor& executor) {
  std::atomic<bool> done{false};
  executor.Post([&] { done.store(true, std::memory_order_release); });
  AwaitTrue(done);
}

// The poster is the executor itself: no other thread takes the lock.
void BM_PostUncontended(benchmark::State& state) {
  ProductionEnv env;
  auto executor = env.NewExecutor("target", ExecutorKind::kWorker);
  constexpr int kBatch = 1'000;
  std::atomic<bool> done{false};
  executor->Post([&] {
    for (auto _ : state) {
      for (int i = 0; i < kBatch; ++i) executor->Post([] {});
      state.PauseTiming();
      done.store(true, std::memory_order_release);
      state.ResumeTiming();
    }
  });
  AwaitTrue(done);
  Drain(*executor);
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(BM_PostUncontended)->Iterations(1'000);

// The executor runs what another thread posts at the same time: queueing, waking, running, destroying.
void BM_PostAndRun(benchmark::State& state) {
  ProductionEnv env;
  auto executor = env.NewExecutor("target", ExecutorKind::kWorker);
  constexpr int kBatch = 100'000;
  int64_t count = 0;
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) executor->Post([&count] { ++count; });
    Drain(*executor);
  }
  state.SetItemsProcessed(count);
}
BENCHMARK(BM_PostAndRun)->UseRealTime();

void BM_RoundTripBetweenExecutors(benchmark::State& state) {
  ProductionEnv env;
  auto ping = env.NewExecutor("ping", ExecutorKind::kWorker);
  auto pong = env.NewExecutor("pong", ExecutorKind::kWorker);
  constexpr int kTrips = 10'000;
  struct Game {
    Executor* ping;
    Executor* pong;
    int left = 0;
    std::atomic<bool> done{false};
    void Hit() {
      if (left-- == 0) return done.store(true, std::memory_order_release);
      pong->Post([this] { ping->Post([this] { Hit(); }); });
    }
  };
  for (auto _ : state) {
    Game game{ping.get(), pong.get(), kTrips};
    ping->Post([&] { game.Hit(); });
    AwaitTrue(game.done);
    Drain(*ping);
  }
  state.SetItemsProcessed(state.iterations() * kTrips);
}
BENCHMARK(BM_RoundTripBetweenExecutors)->UseRealTime();

void BM_SetAndCancelTimer(benchmark::State& state) {
  ProductionEnv env;
  auto executor = env.NewExecutor("target", ExecutorKind::kWorker);
  for (auto _ : state) {
    const TimerId timer = executor->PostAfter(absl::Hours(1), [] {});
    executor->CancelTimer(timer);
  }
}
BENCHMARK(BM_SetAndCancelTimer);

// Frames go back to the sender. Without that, 32 KiB that one thread allocates and another frees cost more than the stream.
class FramePool {
 public:
  explicit FramePool(size_t frame_bytes) : frame_bytes_(frame_bytes) {}
  std::string Take() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (frames_.empty()) return std::string(frame_bytes_, 'x');
    std::string frame = std::move(frames_.back());
    frames_.pop_back();
    return frame;
  }
  void Put(std::string frame) {
    std::lock_guard<std::mutex> lock(mutex_);
    frames_.push_back(std::move(frame));
  }

 private:
  const size_t frame_bytes_;
  std::mutex mutex_;
  std::vector<std::string> frames_;
};

// Grants one for each frame, as a gate does that hands each frame on.
struct Sink final : StreamReceiverHandler, ServerHandler {
  Sink(Executor* executor, int64_t window, FramePool* pool)
      : executor(executor), window(window), pool(pool) {}

  void OnFrame(Lane, FrameBytes frame) override {
    bytes += static_cast<int64_t>(frame.size());
    pool->Put(std::move(frame).Flatten());
    receiver->Grant(1);
  }
  void OnFinished() override { done.store(true, std::memory_order_release); }
  void OnBroken(absl::Status why) override { WEIR_CHECK_OK(why); }
  void OnCall(std::string_view, std::string, CallReply reply) override { reply(""); }
  absl::StatusOr<Accepted> OnOpenStream(std::string) override {
    Accepted accepted;
    accepted.handler = this;
    accepted.executor = executor;
    accepted.on_accepted = [this](std::unique_ptr<StreamReceiver> opened) {
      receiver = std::move(opened);
      receiver->Grant(window);
    };
    return accepted;
  }

  Executor* const executor;
  const int64_t window;
  FramePool* const pool;
  std::unique_ptr<StreamReceiver> receiver;
  int64_t bytes = 0;
  std::atomic<bool> done{false};
};

struct Source final : StreamSenderHandler {
  Source(int64_t frames, FramePool* pool) : left(frames), pool(pool) {}

  void OnCredit() override {
    while (left > 0 && sender->credit() > 0) {
      --left;
      sender->Send(Lane::kFifo, pool->Take());
    }
    if (left == 0 && !std::exchange(finished, true)) sender->Finish();
  }
  void OnBroken(absl::Status why) override { WEIR_CHECK_OK(why); }

  int64_t left;
  FramePool* const pool;
  bool finished = false;
  std::unique_ptr<StreamSender> sender;
};

// Arguments: window in frames, bytes of a frame. Nobody touches the bytes: this is the overhead per frame.
void BM_FramesThroughAStream(benchmark::State& state) {
  ProductionEnv env;
  auto from = env.NewExecutor("from", ExecutorKind::kWorker);
  auto to = env.NewExecutor("to", ExecutorKind::kWorker);
  constexpr int64_t kFrames = 100'000;
  for (auto _ : state) {
    FramePool pool(static_cast<size_t>(state.range(1)));
    Sink sink(to.get(), state.range(0), &pool);
    Source source(kFrames, &pool);
    auto server = env.network().Serve("sink", to.get(), &sink);
    WEIR_CHECK_OK(server);
    from->Post([&] { source.sender = env.network().OpenStream("sink", "", from.get(), &source); });
    AwaitTrue(sink.done);
    from->Post([&] { source.sender.reset(); });
    Drain(*from);
    to->Post([&] {
      sink.receiver.reset();
      server->reset();
    });
    Drain(*to);
  }
  state.SetItemsProcessed(state.iterations() * kFrames);
}
BENCHMARK(BM_FramesThroughAStream)
    ->ArgsProduct({{2, 8, 64}, {0, 32 << 10}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
