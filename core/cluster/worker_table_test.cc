#include "core/cluster/worker_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WorkerTableTest : public testing::Test {
 protected:
  WorkerTableTest() { table_.set_leader(LeaderEpoch(3)); }

  // Asks for the job's worker on `host` and returns what was asked for.
  WorkerTable::Worker Ask(const std::string& job, const Address& host) {
    const WorkerTable::Resolution found = table_.Resolve(job, {host}, {host});
    return found.to_start.size() == 1 ? found.to_start.front() : WorkerTable::Worker();
  }
  static WorkerTable::Worker At(WorkerTable::Worker worker, const Address& address) {
    worker.address = address;
    return worker;
  }

  WorkerTable table_;
};

TEST_F(WorkerTableTest, ATaskManagerThatStartsNoWorkersRunsTheJobItself) {
  const WorkerTable::Resolution found = table_.Resolve("job", {"a", "b", "a"}, {});
  EXPECT_THAT(found.addresses, ElementsAre("a", "b", "a"));
  EXPECT_EQ(found.missing, 0);
  EXPECT_THAT(found.to_start, IsEmpty());
}

TEST_F(WorkerTableTest, AsksOnceForAWorkerPerHostAndGivesAddressesWhenAllAreThere) {
  WorkerTable::Resolution found = table_.Resolve("job", {"s1", "s2", "s1"}, {"s1", "s2"});
  ASSERT_THAT(found.to_start, SizeIs(2));
  EXPECT_EQ(found.missing, 2);
  EXPECT_THAT(found.addresses, IsEmpty());
  const WorkerTable::Worker one = At(found.to_start[0], "w1");
  const WorkerTable::Worker two = At(found.to_start[1], "w2");
  EXPECT_LT(one.token, two.token);
  EXPECT_TRUE(table_.OnRegistered(one, false));
  found = table_.Resolve("job", {"s1", "s2", "s1"}, {"s1", "s2"});
  EXPECT_THAT(found.to_start, IsEmpty());
  EXPECT_EQ(found.missing, 1);
  EXPECT_TRUE(table_.OnRegistered(two, false));
  found = table_.Resolve("job", {"s1", "s2", "s1"}, {"s1", "s2"});
  EXPECT_THAT(found.addresses, ElementsAre("w1", "w2", "w1"));
}

TEST_F(WorkerTableTest, EachJobHasItsOwnWorker) {
  const WorkerTable::Worker one = Ask("one", "s");
  const WorkerTable::Worker two = Ask("two", "s");
  EXPECT_NE(one.token, two.token);
  ASSERT_TRUE(table_.OnRegistered(At(one, "w1"), false));
  EXPECT_EQ(table_.Resolve("two", {"s"}, {"s"}).missing, 1);
  EXPECT_EQ(table_.At("w1")->job, "one");
  EXPECT_EQ(table_.At("w2"), nullptr);
  EXPECT_EQ(table_.At(""), nullptr) << "one that has not registered has no address";
}

TEST_F(WorkerTableTest, RefusesTheWorkerBeforeThisOne) {
  const WorkerTable::Worker old = Ask("job", "s");
  ASSERT_TRUE(table_.Forget("s", "job", old.token).has_value());
  const WorkerTable::Worker young = Ask("job", "s");
  EXPECT_GT(young.token, old.token);
  EXPECT_FALSE(table_.OnRegistered(At(old, "w"), true));
  EXPECT_FALSE(table_.Forget("s", "job", old.token).has_value());
  EXPECT_TRUE(table_.OnRegistered(At(young, "w"), false));
}

TEST_F(WorkerTableTest, TokensOfALaterLeaderAreGreater) {
  std::string last;
  for (int i = 0; i < 300; ++i) {
    const WorkerTable::Worker worker = Ask("job", "s");
    ASSERT_GT(worker.token, last);
    last = worker.token;
    table_.Forget("s", "job", worker.token);
  }
  WorkerTable next;
  next.set_leader(LeaderEpoch(17));
  EXPECT_GT(next.Resolve("job", {"s"}, {"s"}).to_start.front().token, last);
}

TEST_F(WorkerTableTest, ANewJobManagerTakesOverWhatItWants) {
  const WorkerTable::Worker found = {
      .supervisor = "s", .job = "job", .token = "00000001-00000005", .address = "w"};
  EXPECT_FALSE(table_.OnRegistered(found, false));
  EXPECT_TRUE(table_.OnRegistered(found, true));
  EXPECT_THAT(table_.Resolve("job", {"s"}, {"s"}).addresses, ElementsAre("w"));
}

TEST_F(WorkerTableTest, WhatATaskManagerHasStartedIsNotAskedForAgain) {
  table_.OnStarted({.supervisor = "s", .job = "job", .token = "00000001-00000005", .address = ""});
  const WorkerTable::Resolution found = table_.Resolve("job", {"s"}, {"s"});
  EXPECT_THAT(found.to_start, IsEmpty());
  EXPECT_EQ(found.missing, 1);
}

TEST_F(WorkerTableTest, EndsWorkersOnHostsWhereTheJobHasNoSlots) {
  const WorkerTable::Worker old = Ask("job", "s1");
  const WorkerTable::Resolution found = table_.Resolve("job", {"s2"}, {"s1", "s2"});
  ASSERT_THAT(found.to_end, SizeIs(1));
  EXPECT_EQ(found.to_end.front().token, old.token);
  EXPECT_EQ(table_.Find("job", "s1"), nullptr);
}

TEST_F(WorkerTableTest, ForgetsByJobAndByTaskManager) {
  Ask("one", "s1");
  Ask("two", "s1");
  table_.Resolve("three", {"s1", "s2"}, {"s1", "s2"});
  EXPECT_THAT(table_.ForgetJob("one"), SizeIs(1));
  EXPECT_THAT(table_.ForgetSupervisor("s1"), SizeIs(2));
  EXPECT_EQ(table_.Find("two", "s1"), nullptr);
  EXPECT_NE(table_.Find("three", "s2"), nullptr);
}

}  // namespace
}  // namespace weir
