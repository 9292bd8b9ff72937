// One-way streams of 32 KiB frames through a GrpcNetwork against a bare gRPC stream of the same
// bytes, in one run and one process, in turns. The bare receiver makes a std::string of each frame,
// the other leaves it where it is. Run by hand on a quiet machine:
//   grpc_stream_bench [frames] [frame bytes] [rounds]
// The last lines are the ratios of the medians, of time and of processor time, which says more on a
// machine that is not quiet. Above 1.3 is too slow.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cli/env/thread_executor.h"
#include "core/base/check.h"
#include "tests/grpc/bare_stream.h"
#include "transport/grpc/grpc_network.h"

namespace weir {
namespace {

constexpr int64_t kWindow = 16;

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of all threads of this process.
double ProcessorSeconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Signal {
 public:
  void Set() {
    std::lock_guard<std::mutex> lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  void Await() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

// --- Through the Network, with a window of credit.

class Receiver final : public ServerHandler, public StreamReceiverHandler {
 public:
  explicit Receiver(Executor* executor) : executor_(executor) {}

  void OnCall(std::string_view, std::string, CallReply reply) override {
    reply(absl::UnimplementedError("none"));
  }
  absl::StatusOr<Accepted> OnOpenStream(std::string) override {
    Accepted accepted;
    accepted.handler = this;
    accepted.executor = executor_;
    accepted.on_accepted = [this](std::unique_ptr<StreamReceiver> receiver) {
      receiver_ = std::move(receiver);
      receiver_->Grant(kWindow);
    };
    return accepted;
  }
  void OnFrame(Lane, FrameBytes frame) override {
    bytes_ += frame.size();
    // As the runtime does: half a window at a time.
    if (++taken_ % (kWindow / 2) == 0) receiver_->Grant(kWindow / 2);
  }
  void OnFinished() override {
    receiver_.reset();
    done.Set();
  }
  void OnBroken(absl::Status why) override { WEIR_CHECK(false) << why; }

  Signal done;
  size_t bytes() const { return bytes_; }

 private:
  Executor* const executor_;
  std::unique_ptr<StreamReceiver> receiver_;
  int64_t taken_ = 0;
  size_t bytes_ = 0;
};

class Sender final : public StreamSenderHandler {
 public:
  Sender(int frames, size_t frame_bytes) : left_(frames), frame_(frame_bytes, 'x') {}
  void OnCredit() override {
    while (left_ > 0 && sender->credit() > 0) {
      --left_;
      sender->Send(Lane::kFifo, FrameBytes(frame_));
    }
    if (left_ == 0) {
      left_ = -1;
      sender->Finish();
    }
  }
  void OnBroken(absl::Status why) override { WEIR_CHECK(false) << why; }

  std::unique_ptr<StreamSender> sender;

 private:
  int left_;
  const std::string frame_;
};

double TimeNetwork(int frames, size_t frame_bytes) {
  GrpcNetwork client_network, server_network;
  ThreadExecutor client("client", ExecutorKind::kWorker, LifeId(1));
  ThreadExecutor server("server", ExecutorKind::kWorker, LifeId(1));
  Receiver receiver(&server);
  auto served = server_network.Serve("127.0.0.1:0", &server, &receiver);
  WEIR_CHECK_OK(served);
  Sender sender(frames, frame_bytes);
  const double start = Seconds();
  client.Post([&] {
    sender.sender = client_network.OpenStream((*served)->address(), "bench", &client, &sender);
  });
  receiver.done.Await();
  const double seconds = Seconds() - start;
  WEIR_CHECK_EQ(receiver.bytes(), static_cast<size_t>(frames) * frame_bytes);
  client.Shutdown();
  server.Shutdown();
  sender.sender.reset();
  served->reset();
  return seconds;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Times {
  std::vector<double> wall;
  std::vector<double> processor;
};

void Measure(const char* name, int frames, size_t frame_bytes,
             double (*time)(int frames, size_t frame_bytes), Times& times) {
  const double before = ProcessorSeconds();
  const double seconds = time(frames, frame_bytes);
  times.processor.push_back(ProcessorSeconds() - before);
  times.wall.push_back(seconds);
  const double megabytes = static_cast<double>(frames) * static_cast<double>(frame_bytes) / 1e6;
  std::printf("%-10s %7.0f frames/s  %5.0f MB/s  %5.1f us of processor per frame\n", name,
              frames / seconds, megabytes / seconds, times.processor.back() / frames * 1e6);
}

int Run(int frames, size_t frame_bytes, int rounds) {
  Times network, bare;
  TimeBareStream(frames / 4, frame_bytes);
  TimeNetwork(frames / 4, frame_bytes);
  for (int round = 0; round < rounds; ++round) {
    Measure("bare gRPC", frames, frame_bytes, TimeBareStream, bare);
    Measure("Network", frames, frame_bytes, TimeNetwork, network);
  }
  std::printf("Network / bare gRPC, time:           %.2f (limit 1.3)\n",
              Median(network.wall) / Median(bare.wall));
  std::printf("Network / bare gRPC, processor time: %.2f\n",
              Median(network.processor) / Median(bare.processor));
  return 0;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  const int frames = argc > 1 ? std::atoi(argv[1]) : 40'000;
  const int frame_bytes = argc > 2 ? std::atoi(argv[2]) : 32 << 10;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 7;
  return weir::Run(frames, static_cast<size_t>(frame_bytes), rounds);
}
