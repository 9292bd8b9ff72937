#include "sim/event_loop.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "sim/recorder.h"
#include "sim/schedule.h"
#include "sim/sim_random.h"
#include "sim/virtual_time.h"

namespace weir::sim {
namespace {

using Log = std::vector<std::string>;

constexpr int64_t kCost = 10;

class EventLoopTest : public testing::Test {
 protected:
  void Start(std::optional<ScheduleKind> kind, uint64_t seed = 1, int64_t spin_limit = 1000) {
    schedule_ = std::make_unique<Schedule>(&draws_, Seed(seed), kind);
    loop_ = std::make_unique<EventLoop>(&time_, schedule_.get(), &recorder_, spin_limit);
    machine_ = loop_->AddMachine("machine");
  }

  uint32_t NewExecutor(const std::string& name, int64_t cost = kCost) {
    return loop_->AddExecutor(machine_, name, cost);
  }
  Closure Say(const std::string& what) {
    return [this, what] { log_.push_back(what + "@" + std::to_string(time_.instant)); };
  }
  void RunToEnd() {
    while (loop_->Step(kNever - 1) == EventLoop::StepResult::kTurn) {
    }
  }

  VirtualTime time_;
  Recorder recorder_{nullptr};
  WorldDraws draws_{&recorder_, &time_};
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<EventLoop> loop_;
  uint32_t machine_ = 0;
  Log log_;
};

TEST_F(EventLoopTest, ATurnKeepsItsMachineForItsBaseCost) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  const uint32_t b = NewExecutor("b");
  loop_->Post(a, Say("a1"));
  loop_->Post(a, Say("a2"));
  loop_->Post(b, Say("b1"));
  RunToEnd();
  EXPECT_EQ(log_, (Log{"a1@0", "b1@10", "a2@20"}));
}

TEST_F(EventLoopTest, ChargesOverlapWithOtherExecutors) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  const uint32_t b = NewExecutor("b");
  loop_->Post(a, [&] { loop_->Charge(1000); });
  loop_->Post(a, Say("a"));
  loop_->Post(b, Say("b"));
  RunToEnd();
  EXPECT_EQ(log_, (Log{"b@10", "a@1010"}));
}

TEST_F(EventLoopTest, WhatATurnDoesIsReleasedWhenItsChargesEnd) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  const uint32_t b = NewExecutor("b");
  Lanes lanes;
  loop_->Post(a, [&] {
    loop_->Post(b, Say("post"));
    loop_->PostAfter(b, 5, Say("early timer"));
    loop_->PostAfter(b, 2000, Say("timer"));
    loop_->Depart(&lanes, LaneUse::kFifo, 500, [&] { loop_->Post(b, Say("message")); });
    loop_->Charge(1000);
    EXPECT_EQ(loop_->now(), 1010);
  });
  RunToEnd();
  EXPECT_EQ(log_, (Log{"post@1010", "early timer@1020", "message@1510", "timer@2010"}));
}

TEST_F(EventLoopTest, TimersThatBecomeDueWithinATurnFireInTheirOrder) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  loop_->Post(a, [&] {
    loop_->PostAfter(a, 300, Say("300"));
    loop_->PostAfter(a, 200, Say("200"));
    loop_->Charge(250);
    loop_->Post(a, Say("post"));
    loop_->Charge(250);
  });
  RunToEnd();
  EXPECT_EQ(log_, (Log{"200@510", "post@520", "300@530"}));
}

TEST_F(EventLoopTest, ALongTurnDoesNotHoldUpTheMessagesOfOthers) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  const uint32_t b = NewExecutor("b");
  Lanes lanes;
  loop_->Post(a, [&] {
    loop_->Depart(&lanes, LaneUse::kFifo, 5, [&] { loop_->Post(b, Say("from a")); });
    loop_->Charge(1000);
  });
  loop_->Post(
      b, [&] { loop_->Depart(&lanes, LaneUse::kFifo, 5, [&] { loop_->Post(b, Say("from b")); }); });
  RunToEnd();
  EXPECT_EQ(log_, (Log{"from b@25", "from a@1015"}));
}

TEST_F(EventLoopTest, MessagesKeepTheOrderOfTheirLanes) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  Lanes lanes;
  const auto send = [&](LaneUse use, int64_t delay, const std::string& name) {
    loop_->Depart(&lanes, use, delay, [this, a, name] { loop_->Post(a, Say(name)); });
  };
  send(LaneUse::kBoth, 100, "open");
  send(LaneUse::kFifo, 500, "fifo");
  send(LaneUse::kUrgent, 50, "urgent");
  send(LaneUse::kFifo, 50, "fifo 2");
  send(LaneUse::kBoth, 50, "finish");
  RunToEnd();
  EXPECT_EQ(log_, (Log{"open@100", "urgent@110", "fifo@500", "fifo 2@510", "finish@520"}));
}

TEST_F(EventLoopTest, StepStopsAtTheLimit) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  loop_->PostAfter(a, 100, Say("late"));
  loop_->PostAfter(a, kNever, Say("never"));
  EXPECT_EQ(loop_->Step(99), EventLoop::StepResult::kLimit);
  EXPECT_EQ(loop_->Step(100), EventLoop::StepResult::kTurn);
  EXPECT_EQ(loop_->Step(kNever - 1), EventLoop::StepResult::kIdle);
  EXPECT_EQ(log_, (Log{"late@100"}));
}

TEST_F(EventLoopTest, CancelledTimersDoNotKeepTheWorldBusy) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(loop_->CancelTimer(a, loop_->PostAfter(a, 1000 + i, Say("cancelled"))));
  }
  EXPECT_EQ(loop_->Step(kNever - 1), EventLoop::StepResult::kIdle);
  EXPECT_EQ(time_.instant, 0);
}

TEST_F(EventLoopTest, ATimerOfAnotherExecutorIsNotCancelled) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("a");
  const uint32_t b = NewExecutor("b");
  const TimerId timer = loop_->PostAfter(a, 1, Say("a"));
  EXPECT_FALSE(loop_->CancelTimer(b, timer));
  RunToEnd();
  EXPECT_EQ(log_, (Log{"a@1"}));
}

TEST_F(EventLoopTest, ASpinNamesItsExecutors) {
  Start(ScheduleKind::kFifo);
  const uint32_t a = NewExecutor("looper", 0);
  NewExecutor("bystander", 0);
  auto again = std::make_shared<std::function<void()>>();
  *again = [this, a, weak = std::weak_ptr(again)] {
    loop_->Post(a, [self = weak.lock()] { (*self)(); });
  };
  loop_->Post(a, [again] { (*again)(); });
  EventLoop::StepResult result = EventLoop::StepResult::kTurn;
  while (result == EventLoop::StepResult::kTurn) result = loop_->Step(kNever - 1);
  EXPECT_EQ(result, EventLoop::StepResult::kSpin);
  EXPECT_NE(loop_->DescribeSpin().find("looper"), std::string::npos) << loop_->DescribeSpin();
  EXPECT_EQ(loop_->DescribeSpin().find("bystander"), std::string::npos);
  loop_->EndExecutor(a);
}

// Runs ten closures of each of three executors that are always ready.
class ScheduleTest : public EventLoopTest {
 protected:
  std::string Interleave(ScheduleKind kind, uint64_t seed) {
    time_ = {};
    Start(kind, seed);
    std::string order;
    for (char name : {'a', 'b', 'c'}) {
      const uint32_t executor = NewExecutor(std::string(1, name));
      for (int i = 0; i < 10; ++i) loop_->Post(executor, [&order, name] { order += name; });
    }
    RunToEnd();
    EXPECT_EQ(order.size(), 30u);
    loop_.reset();
    return order;
  }
};

TEST_F(ScheduleTest, FifoIsFair) {
  const std::string order = Interleave(ScheduleKind::kFifo, 1);
  for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], "abc"[i % 3]) << order;
}

TEST_F(ScheduleTest, UniformDiffersBySeed) {
  EXPECT_EQ(Interleave(ScheduleKind::kUniform, 1), Interleave(ScheduleKind::kUniform, 1));
  EXPECT_NE(Interleave(ScheduleKind::kUniform, 1), Interleave(ScheduleKind::kUniform, 2));
}

TEST_F(ScheduleTest, PrioritiesStarveAndChange) {
  int starved = 0;
  int changed = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const std::string order = Interleave(ScheduleKind::kPriority, seed);
    // The cost of one turn is over when the next one starts, so that the first stays ahead.
    const bool one_first = order.substr(0, 10) == std::string(10, order[0]);
    one_first ? ++starved : ++changed;
  }
  EXPECT_GT(starved, 20) << "no executor ever runs ahead of the others";
  EXPECT_GT(changed, 20) << "priorities never change";
}

TEST_F(ScheduleTest, EachKindIsDrawn) {
  int counts[3] = {};
  for (uint64_t seed = 0; seed < 300; ++seed) {
    ++counts[static_cast<int>(Schedule(&draws_, Seed(seed), std::nullopt).kind())];
  }
  for (int count : counts) EXPECT_GT(count, 60);
}

}  // namespace
}  // namespace weir::sim
