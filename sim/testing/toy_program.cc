#include "sim/testing/toy_program.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/check.h"
#include "core/env/env.h"

namespace weir::sim {

// Its control executor serves, calls and sends; its worker takes frames; its I/O executor writes.
class ToyProcess final : public ServerHandler, StreamSenderHandler, StreamReceiverHandler {
 public:
  ToyProcess(Env* env, std::string name, std::string next, std::vector<std::string>* events)
      : env_(env),
        name_(std::move(name)),
        next_(std::move(next)),
        events_(events),
        control_(env->NewExecutor("control", ExecutorKind::kControl)),
        worker_(env->NewExecutor("worker", ExecutorKind::kWorker)),
        io_(env->NewExecutor("io", ExecutorKind::kIo)) {
    control_->Post([this] { Start(); });
  }

  bool done() const {
    return calls_answered_ == ToyProgram::kCalls && frames_written_ == ToyProgram::kFrames;
  }

 private:
  void Log(std::string_view what, int number) {
    events_->push_back(absl::StrCat(name_, " ", std::string(what), " #", number));
  }

  void Start() {
    auto server = env_->network().Serve(name_, control_.get(), this);
    WEIR_CHECK_OK(server);
    server_ = *std::move(server);
    CallNext();
    // By then the others serve as well.
    control_->PostAfter(absl::Milliseconds(50), [this] {
      sender_ = env_->network().OpenStream(next_, "frames", control_.get(), this);
    });
  }

  void CallNext() {
    const int64_t pause =
        env_->random().UniformInclusive({RandomStream::kWorkload, "toy.pause", 0}, 100, 5000);
    control_->PostAfter(absl::Microseconds(pause), [this] {
      call_ = env_->network().Call(next_, "Ping", std::to_string(calls_answered_),
                                   absl::Milliseconds(100), control_.get(),
                                   [this](absl::StatusOr<std::string> reply) { OnReply(reply); });
    });
  }

  void OnReply(const absl::StatusOr<std::string>& reply) {
    if (reply.ok()) Log(*reply, calls_answered_++);
    if (calls_answered_ < ToyProgram::kCalls) CallNext();
  }

  void OnCall(std::string_view method, std::string request, CallReply reply) override {
    Log(method, std::stoi(request));
    worker_->Post([this, reply = std::move(reply)]() mutable {
      worker_->Charge(absl::Microseconds(300));
      reply(absl::StrCat("answered by ", name_));
    });
  }

  void OnCredit() override {
    while (sender_->credit() > 0 && frames_sent_ < ToyProgram::kFrames) {
      sender_->Send(Lane::kFifo, absl::StrCat("frame ", frames_sent_++, " of ", name_));
    }
    if (frames_sent_ == ToyProgram::kFrames && !std::exchange(finished_, true)) sender_->Finish();
  }

  absl::StatusOr<Accepted> OnOpenStream(std::string hello) override {
    WEIR_CHECK_EQ(hello, "frames");
    return Accepted{.handler = this,
                    .executor = worker_.get(),
                    .on_accepted = [this](std::unique_ptr<StreamReceiver> receiver) {
                      receiver_ = std::move(receiver);
                      receiver_->Grant(4);
                    }};
  }

  void OnFrame(Lane /*lane*/, FrameBytes frame) override {
    worker_->Charge(absl::Microseconds(20));
    io_->Post([this, frame = std::move(frame).Flatten()] { Write(frame); });
    receiver_->Grant(1);
  }
  void OnFinished() override { Log("finished", 0); }
  void OnBroken(absl::Status why) override { Log(why.ToString(), 0); }

  void Write(const std::string& frame) {
    FileSystem& files = env_->file_system();
    auto file = files.Create("/shared/log", CreateMode::kAppend);
    WEIR_CHECK_OK(file);
    WEIR_CHECK_OK((*file)->Append(absl::StrCat(name_, ": ", frame, "\n")));
    WEIR_CHECK_OK((*file)->Sync());
    Log("wrote", frames_written_++);
  }

  Env* const env_;
  const std::string name_;
  const std::string next_;
  std::vector<std::string>* const events_;
  int calls_answered_ = 0;
  int frames_sent_ = 0;
  int frames_written_ = 0;
  bool finished_ = false;
  // Destroyed last to first: what the network calls goes before the executors do.
  std::unique_ptr<Executor> control_;
  std::unique_ptr<Executor> worker_;
  std::unique_ptr<Executor> io_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<StreamReceiver> receiver_;
  std::unique_ptr<StreamSender> sender_;
  std::unique_ptr<CallHandle> call_;
};

ToyProgram::ToyProgram(SimWorld* world) : world_(world) {
  constexpr std::string_view kNames[] = {"a", "b", "c"};
  for (int i = 0; i < 3; ++i) {
    processes_.push_back(std::make_unique<ToyProcess>(&world_->HostEnv(kNames[i]),
                                                      std::string(kNames[i]),
                                                      std::string(kNames[(i + 1) % 3]), &events_));
  }
}

ToyProgram::~ToyProgram() = default;

absl::Status ToyProgram::Run() {
  return world_->RunUntil(
      [this] {
        return std::all_of(processes_.begin(), processes_.end(),
                           [](const auto& process) { return process->done(); });
      },
      absl::Minutes(1));
}

}  // namespace weir::sim
