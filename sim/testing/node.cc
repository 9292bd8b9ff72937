#include "sim/testing/node.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/check.h"

namespace weir::sim {
namespace {

constexpr absl::Duration kPeriod = absl::Milliseconds(100);
constexpr size_t kFrameBytes = 1000;

std::string CodeOf(const absl::Status& status) {
  return status.ok() ? "ok" : absl::StatusCodeToString(status.code());
}

}  // namespace

class Node::Receiver final : public StreamReceiverHandler {
 public:
  explicit Receiver(Node* node) : node_(node) {}
  void OnFrame(Lane /*lane*/, FrameBytes frame) override {
    WEIR_CHECK_EQ(frame.pieces().ToString(), std::string(kFrameBytes, 'x'));
    node_->See("frame");
    if (!frame.pieces().in_one_piece()) node_->See("cut frame");
    receiver_->Grant(1);
  }
  void OnFinished() override { node_->See("finished"); }
  void OnBroken(absl::Status why) override { node_->See(absl::StrCat("receiver ", CodeOf(why))); }

  void Accept(std::unique_ptr<StreamReceiver> receiver) {
    receiver_ = std::move(receiver);
    receiver_->Grant(4);
  }

 private:
  Node* node_;
  std::unique_ptr<StreamReceiver> receiver_;
};

Node::Node(Env* env, std::string name, std::string peer, Journal* journal)
    : env_(env),
      name_(std::move(name)),
      peer_(std::move(peer)),
      journal_(journal),
      last_monotonic_(env->clock().Monotonic()),
      last_wall_(env->clock().Wall()),
      control_(env->NewExecutor("control", ExecutorKind::kControl)),
      io_(env->NewExecutor("io", ExecutorKind::kIo)) {
  See("starts");
  control_->Post([this] { Start(); });
}

Node::~Node() { See("ends"); }

void Node::See(std::string_view what) {
  journal_->Add(absl::StrCat(name_, " ", std::string(what)));
}

void Node::Start() {
  auto server = env_->network().Serve(name_, control_.get(), this);
  WEIR_CHECK_OK(server);
  server_ = *std::move(server);
  Tick();
}

void Node::Tick() {
  const absl::Duration monotonic = env_->clock().Monotonic();
  const absl::Time wall = env_->clock().Wall();
  if (monotonic < last_monotonic_) See("monotonic clock goes back");
  if (monotonic - last_monotonic_ > 2 * kPeriod) See("late");
  if (absl::AbsDuration((wall - last_wall_) - (monotonic - last_monotonic_)) >
      absl::Microseconds(1)) {
    See("wall clock jumps");
  }
  last_monotonic_ = monotonic;
  last_wall_ = wall;
  See("tick");
  CallPeer();
  SendFrame();
  io_->Post([this, monotonic] {
    if (env_->clock().Monotonic() - monotonic > 2 * kPeriod) See("files late");
    WriteFiles();
  });
  control_->PostAfter(kPeriod, [this] { Tick(); });
}

void Node::CallPeer() {
  const uint64_t id = ++last_call_;
  calls_[id] = env_->network().Call(peer_, "Ping", "are you there", absl::Seconds(1),
                                    control_.get(), [this, id](absl::StatusOr<std::string> reply) {
                                      See(absl::StrCat("call ", CodeOf(reply.status())));
                                      calls_.erase(id);
                                    });
}

void Node::SendFrame() {
  if (sender_ == nullptr || sender_broken_) {
    sender_broken_ = false;
    sender_ = env_->network().OpenStream(peer_, name_, control_.get(), this);
  } else if (sender_->credit() > 0) {
    sender_->Send(Lane::kFifo, std::string(kFrameBytes, 'x'));
  }
}

void Node::WriteFiles() {
  WriteFile("/log");
  WriteFile(absl::StrCat("/shared/", name_));
}

void Node::WriteFile(const std::string& path) {
  FileSystem& files = env_->file_system();
  auto file = files.Create(path, CreateMode::kAppend);
  absl::Status status = file.status();
  if (status.ok()) status = (*file)->Append("another line\n");
  if (status.ok()) status = (*file)->Sync();
  See(absl::StrCat("write ", CodeOf(status)));
  auto reader = files.OpenForRead(path);
  status = reader.status();
  if (status.ok()) status = (*reader)->ReadAt(0, 1 << 20).status();
  See(absl::StrCat("read ", CodeOf(status)));
}

void Node::OnCall(std::string_view /*method*/, std::string /*request*/, CallReply reply) {
  See("called");
  reply("yes");
}

absl::StatusOr<ServerHandler::Accepted> Node::OnOpenStream(std::string /*hello*/) {
  See("accepts");
  auto receiver = std::make_shared<Receiver>(this);
  receivers_[++last_receiver_] = receiver;
  return Accepted{.handler = receiver.get(),
                  .executor = control_.get(),
                  .on_accepted = [receiver](std::unique_ptr<StreamReceiver> accepted) {
                    receiver->Accept(std::move(accepted));
                  }};
}

void Node::OnBroken(absl::Status why) {
  See(absl::StrCat("sender ", CodeOf(why)));
  sender_broken_ = true;
}

}  // namespace weir::sim
