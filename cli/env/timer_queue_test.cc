#include "cli/env/timer_queue.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace weir {
namespace {

class TimerQueueTest : public testing::Test {
 protected:
  Closure Log(char name) {
    return [this, name] { log_ += name; };
  }
  // Runs what is due at `now_ns`.
  void RunDue(int64_t now_ns) {
    while (std::optional<TimerId> timer = queue_.NextDue(now_ns)) queue_.TakeDue (*timer)();
  }

  TimerQueue queue_;
  std::string log_;
};

TEST_F(TimerQueueTest, OrdersByTimeThenBySetting) {
  queue_.Add(20, Log('c'));
  queue_.Add(10, Log('a'));
  queue_.Add(20, Log('d'));
  queue_.Add(10, Log('b'));
  queue_.Add(30, Log('e'));
  EXPECT_EQ(queue_.next_time_ns(), 10);
  RunDue(9);
  EXPECT_EQ(log_, "");
  RunDue(20);
  EXPECT_EQ(log_, "abcd");
  EXPECT_TRUE(queue_.has_pending());
  RunDue(30);
  EXPECT_EQ(log_, "abcde");
  EXPECT_FALSE(queue_.has_pending());
}

TEST_F(TimerQueueTest, CancelsPendingAndDueOnce) {
  const TimerId pending = queue_.Add(10, Log('a'));
  const TimerId due = queue_.Add(5, Log('b'));
  EXPECT_EQ(queue_.NextDue(5), due);
  EXPECT_TRUE(queue_.Cancel(pending));
  EXPECT_FALSE(queue_.Cancel(pending));
  EXPECT_TRUE(queue_.Cancel(due));
  EXPECT_FALSE(queue_.Cancel(due));
  EXPECT_FALSE(queue_.TakeDue(due)) << "it was cancelled";
  EXPECT_FALSE(queue_.has_pending());
}

TEST_F(TimerQueueTest, KnowsNoOtherTimers) {
  EXPECT_FALSE(queue_.Cancel(TimerId()));
  EXPECT_FALSE(queue_.Cancel(TimerId(99)));
  const TimerId timer = queue_.Add(1, Log('a'));
  EXPECT_NE(timer, TimerId()) << "0 is no timer";
  RunDue(1);
  EXPECT_FALSE(queue_.Cancel(timer));
}

}  // namespace
}  // namespace weir
