// The in-process network on executors that a test steps by hand: what moves, what is queued, what happens to what was dropped.
#include "transport/inprocess/inprocess_network.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Runs closures when told; timers never fire.
class SteppedExecutor final : public Executor {
 public:
  void Post(Closure closure) override {
    if (!down_) queue_.push_back(std::move(closure));
  }
  TimerId PostAfter(absl::Duration, Closure closure) override {
    if (!down_) timers_.push_back(std::move(closure));
    return TimerId(timers_.size());
  }
  bool CancelTimer(TimerId timer) override {
    Closure& closure = timers_.at(timer.value() - 1);
    return static_cast<bool>(std::exchange(closure, nullptr));
  }
  void Charge(absl::Duration) override {}
  bool IsCurrent() const override { return true; }
  void Shutdown() override {
    down_ = true;
    auto dropped = std::exchange(queue_, {});
    auto timers = std::exchange(timers_, {});
  }
  ExecutorKind kind() const override { return ExecutorKind::kControl; }
  LifeId life() const override { return LifeId(1); }
  std::string_view name() const override { return "stepped"; }

  // Runs what is queued now; returns how many closures that were.
  int Step() {
    auto batch = std::exchange(queue_, {});
    for (Closure& closure : batch) {
      closure();
      closure = nullptr;
    }
    return static_cast<int>(batch.size());
  }

 private:
  std::deque<Closure> queue_;
  std::vector<Closure> timers_;
  bool down_ = false;
};

struct Peer final : ServerHandler, StreamReceiverHandler, StreamSenderHandler {
  void OnCall(std::string_view, std::string request, CallReply reply) override {
    request_data = request.data();
    request_size = request.size();
    held = std::move(reply);
  }
  absl::StatusOr<Accepted> OnOpenStream(std::string) override {
    Accepted accepted;
    accepted.handler = this;
    accepted.executor = executor;
    accepted.on_accepted = [this](std::unique_ptr<StreamReceiver> opened) {
      receiver = std::move(opened);
    };
    return accepted;
  }
  void OnFrame(Lane, FrameBytes frame) override { frames.push_back(std::move(frame).Flatten()); }
  void OnFinished() override { frames.push_back("finished"); }
  void OnCredit() override {}
  void OnBroken(absl::Status status) override { broken = std::move(status); }

  Executor* executor = nullptr;
  std::optional<CallReply> held;
  const void* request_data = nullptr;
  size_t request_size = 0;
  std::vector<std::string> frames;
  std::optional<absl::Status> broken;
  std::unique_ptr<StreamReceiver> receiver;
};

class InProcessNetworkTest : public testing::Test {
 protected:
  InProcessNetworkTest() {
    in_.executor = &there_;
    server_ = *network_.Serve("server", &there_, &in_);
  }

  std::unique_ptr<CallHandle> Call(std::string request = "") {
    return network_.Call("server", "Echo", std::move(request), absl::Seconds(1), &here_,
                         [this](absl::StatusOr<std::string> response) { outcome_ = response; });
  }
  std::unique_ptr<StreamSender> OpenAccepted(int64_t credit) {
    auto sender = network_.OpenStream("server", "", &here_, &out_);
    there_.Step();  // OnOpenStream.
    there_.Step();  // on_accepted.
    in_.receiver->Grant(credit);
    here_.Step();
    EXPECT_EQ(sender->credit(), credit);
    return sender;
  }

  InProcessNetwork network_;
  SteppedExecutor here_;
  SteppedExecutor there_;
  Peer out_;
  Peer in_;
  std::unique_ptr<Server> server_;
  std::optional<absl::StatusOr<std::string>> outcome_;
};

TEST_F(InProcessNetworkTest, MovesFrames) {
  auto sender = OpenAccepted(1);
  std::string frame(32 << 10, 'x');
  const void* const data = frame.data();
  sender->Send(Lane::kFifo, std::move(frame));
  there_.Step();
  ASSERT_EQ(in_.frames.size(), 1u);
  EXPECT_EQ(in_.frames[0].data(), data);
}

TEST_F(InProcessNetworkTest, MovesRequestsAndResponses) {
  std::string request(1'000, 'x');
  const void* const data = request.data();
  auto call = Call(std::move(request));
  there_.Step();
  EXPECT_EQ(in_.request_data, data);
  (*in_.held)("response");
  here_.Step();
  EXPECT_EQ(**outcome_, "response");
}

TEST_F(InProcessNetworkTest, QueuesOneDrainForManyFrames) {
  auto sender = OpenAccepted(100);
  for (int i = 0; i < 100; ++i) sender->Send(Lane::kFifo, "x");
  sender->Finish();
  EXPECT_EQ(there_.Step(), 1);
  EXPECT_EQ(in_.frames.size(), 101u);
}

TEST_F(InProcessNetworkTest, QueuesOneDrainForManyGrants) {
  auto sender = OpenAccepted(1);
  for (int i = 0; i < 100; ++i) in_.receiver->Grant(2);
  EXPECT_EQ(here_.Step(), 1);
  EXPECT_EQ(sender->credit(), 201);
}

TEST_F(InProcessNetworkTest, UrgentFramesOvertake) {
  auto sender = OpenAccepted(2);
  sender->Send(Lane::kFifo, "a");
  sender->Send(Lane::kFifo, "b");
  sender->Send(Lane::kUrgent, "cancel");
  there_.Step();
  EXPECT_THAT(in_.frames, ElementsAre("cancel", "a", "b"));
}

TEST_F(InProcessNetworkTest, BothEndsMayShareAnExecutor) {
  in_.executor = &here_;
  auto sender = network_.OpenStream("server", "", &here_, &out_);
  there_.Step();
  here_.Step();
  in_.receiver->Grant(1);
  here_.Step();
  sender->Send(Lane::kFifo, "x");
  sender->Finish();
  EXPECT_TRUE(in_.frames.empty()) << "nothing runs inside Send";
  here_.Step();
  EXPECT_THAT(in_.frames, ElementsAre("x", "finished"));
}

TEST_F(InProcessNetworkTest, ADroppedReplyIsKnownAtOnce) {
  auto call = Call();
  there_.Step();
  in_.held.reset();
  here_.Step();
  ASSERT_TRUE(outcome_.has_value());
  EXPECT_EQ(outcome_->status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(outcome_->status().ToString(), HasSubstr("Echo to server"));
}

TEST_F(InProcessNetworkTest, ACallThatWasQueuedAtShutdownIsKnownAtOnce) {
  auto call = Call();
  there_.Shutdown();
  here_.Step();
  ASSERT_TRUE(outcome_.has_value());
  EXPECT_EQ(outcome_->status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(InProcessNetworkTest, ACallToAServerThatWasShutDownIsKnownAtOnce) {
  there_.Shutdown();
  auto call = Call();
  auto sender = network_.OpenStream("server", "", &here_, &out_);
  here_.Step();
  ASSERT_TRUE(outcome_.has_value());
  EXPECT_EQ(outcome_->status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(out_.broken->code(), absl::StatusCode::kUnavailable);
}

// A process that answers one call by another, its own answer held by on_reply, has no cycle to leak.
TEST_F(InProcessNetworkTest, AnOnReplyMayHoldItsHandleAndAnotherReply) {
  auto token = std::make_shared<int>(0);
  auto outer = Call();
  there_.Step();
  auto handle = std::make_shared<std::unique_ptr<CallHandle>>();
  *handle = network_.Call("server", "Inner", "", absl::Seconds(1), &there_,
                          [handle, token, reply = std::move(*in_.held)](
                              absl::StatusOr<std::string> response) mutable { reply(response); });
  handle.reset();
  there_.Shutdown();
  EXPECT_EQ(token.use_count(), 1) << "on_reply lives on after its executor";
  here_.Step();
  EXPECT_EQ(outcome_->status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(InProcessNetworkTest, TheCalleeSeesNoHandleThatWasDropped) {
  auto call = Call();
  there_.Step();
  call.reset();
  (*in_.held)("answer");
  EXPECT_EQ(here_.Step(), 0) << "nobody waits for this answer";
}

TEST_F(InProcessNetworkTest, FramesOfAStreamThatEndedAreFreed) {
  auto sender = OpenAccepted(10);
  in_.receiver.reset();
  sender->Send(Lane::kFifo, "x");
  EXPECT_EQ(there_.Step(), 0);
  here_.Step();
  ASSERT_TRUE(out_.broken.has_value());
  EXPECT_THAT(out_.broken->ToString(), HasSubstr("the receiver closed it"));
}

TEST_F(InProcessNetworkTest, ALostConnectionMayBeSeenByNobody) {
  auto sender = OpenAccepted(10);
  network_.LoseStreams("server", false, false);
  sender->Send(Lane::kFifo, "x");
  in_.receiver->Grant(1);
  here_.Step();
  there_.Step();
  EXPECT_TRUE(in_.frames.empty());
  EXPECT_EQ(sender->credit(), 9);
  EXPECT_FALSE(out_.broken.has_value());
  EXPECT_FALSE(in_.broken.has_value());
}

TEST_F(InProcessNetworkTest, RemembersOnlyStreamsThatLive) {
  for (int i = 0; i < 1'000; ++i) {
    auto sender = network_.OpenStream("server", "", &here_, &out_);
    sender.reset();
    there_.Step();
    there_.Step();
    in_.receiver.reset();
  }
  auto live = OpenAccepted(1);
  out_.broken.reset();
  network_.LoseStreams("server", true, true);
  here_.Step();
  EXPECT_TRUE(out_.broken.has_value());
}

TEST_F(InProcessNetworkTest, DiesOfASecondAnswer) {
  auto call = Call();
  there_.Step();
  (*in_.held)("one");
  EXPECT_DEATH((*in_.held)("two"), "called twice");
}

}  // namespace
}  // namespace weir
