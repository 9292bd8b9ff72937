#include "state/memory/memory_state_backend.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/key_group.h"
#include "core/testing/verify_state_backend.h"
#include "core/types/event_time.h"
#include "core/types/key_codec.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

std::unique_ptr<MemoryStateBackend> NewBackend(KeyGroupRange groups, int max_parallelism) {
  return std::make_unique<MemoryStateBackend>(groups, max_parallelism);
}

class ContractTest : public testing::TestWithParam<int> {};

TEST_P(ContractTest, Holds) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    const absl::Status status =
        VerifyStateBackend(NewBackend, {.max_parallelism = GetParam(), .seed = seed});
    ASSERT_TRUE(status.ok()) << status;
  }
}

INSTANTIATE_TEST_SUITE_P(MaxParallelism, ContractTest, testing::Values(1, 4, 128));

std::string Snapshot(MemoryStateBackend& backend) {
  std::string all;
  backend.BeginSnapshot();
  while (backend.snapshot_running()) {
    backend.AdvanceSnapshot(10'000);
    all += backend.TakeEmitted(1 << 20);
  }
  return all;
}

// Segments split and their directory doubles, before and during the snapshot.
TEST(MemoryStateBackendTest, SnapshotsLargeTablesWhileTheyGrow) {
  for (const int max_parallelism : {1, 4}) {
    const KeyGroupRange all = {0, static_cast<uint32_t>(max_parallelism)};
    MemoryStateBackend backend(all, max_parallelism);
    auto& table = backend.Keyed<int64_t, int64_t>("numbers");
    const auto set = [&](int64_t key, int64_t value) {
      table.Upsert(
          KeyHash(key), key, [&] { return value; }, [&](int64_t& old) { old = value; });
    };
    for (int64_t i = 0; i < 50'000; ++i) set(i, i);
    const uint64_t before = backend.ContentHash(all);
    std::string records;
    backend.BeginSnapshot();
    int64_t next = 0;
    while (backend.snapshot_running()) {
      for (int i = 0; i < 100; ++i, ++next) {
        set(next * 7 % 100'000, -next);
        table.Erase(KeyHash(next * 3), next * 3);
      }
      backend.AdvanceSnapshot(500);
      records += backend.TakeEmitted(100'000);
    }
    EXPECT_NE(backend.ContentHash(all), before);
    MemoryStateBackend restored(all, max_parallelism);
    const auto& back = restored.Keyed<int64_t, int64_t>("numbers");
    ASSERT_TRUE(restored.Restore(records).ok());
    EXPECT_EQ(back.size(), 50'000u);
    EXPECT_EQ(restored.ContentHash(all), before);
    EXPECT_EQ(restored.ContentHash(all, "numbers"), before);
  }
}

TEST(MemoryStateBackendTest, ContentHashesAddUpAndSeeEverything) {
  MemoryStateBackend backend({0, 8}, 8);
  auto& a = backend.Keyed<int64_t, int64_t>("a");
  auto& b = backend.Keyed<int64_t, int64_t>("b");
  const auto make = [] { return int64_t{7}; };
  const auto keep = [](int64_t&) {};
  for (int64_t i = 0; i < 100; ++i) a.Upsert(KeyHash(i), i, make, keep);
  const uint64_t whole = backend.ContentHash({0, 8});
  EXPECT_EQ(backend.ContentHash({0, 3}) + backend.ContentHash({3, 8}), whole);
  EXPECT_EQ(backend.ContentHash({0, 8}, "a"), whole);
  EXPECT_EQ(backend.ContentHash({0, 8}, "b"), 0u);
  for (int64_t i = 0; i < 100; ++i) b.Upsert(KeyHash(i), i, make, keep);
  EXPECT_NE(backend.ContentHash({0, 8}, "b"), whole) << "the name counts";
  a.Update(KeyHash<int64_t>(5), 5, [](int64_t& value) { ++value; });
  EXPECT_NE(backend.ContentHash({0, 8}, "a"), whole);
}

TEST(MemoryStateBackendTest, AnEmptyBackendHasAnEmptySnapshot) {
  MemoryStateBackend backend({0, 8}, 8);
  backend.BeginSnapshot();
  EXPECT_TRUE(backend.snapshot_complete());
  EXPECT_FALSE(backend.snapshot_running());
  backend.Keyed<int64_t, int64_t>("a");
  EXPECT_EQ(Snapshot(backend), "");
  EXPECT_TRUE(backend.snapshot_complete());
  EXPECT_TRUE(backend.Restore("").ok());
}

TEST(MemoryStateBackendTest, AnAbortedSnapshotLeavesNothingAndTheNextHasEverything) {
  MemoryStateBackend backend({0, 8}, 8);
  auto& table = backend.Keyed<int64_t, std::string>("a");
  for (int64_t i = 0; i < 100; ++i) {
    table.Upsert(
        KeyHash(i), i, [] { return std::string("v"); }, [](std::string&) {});
  }
  backend.BeginSnapshot();
  backend.AdvanceSnapshot(50);
  EXPECT_GT(backend.emitted_bytes(), 0u);
  backend.AbortSnapshot();
  EXPECT_EQ(backend.emitted_bytes(), 0u);
  MemoryStateBackend restored({0, 8}, 8);
  restored.Keyed<int64_t, std::string>("a");
  ASSERT_TRUE(restored.Restore(Snapshot(backend)).ok());
  EXPECT_EQ(restored.ContentHash({0, 8}), backend.ContentHash({0, 8}));
}

// Dropping a window must not emit or look at what it holds.
TEST(MemoryStateBackendTest, DroppingWhileASnapshotRunsIsLeftToTheCursor) {
  MemoryStateBackend backend({0, 8}, 8);
  auto& windows = backend.Namespaced<int64_t, EventTime, int64_t>("windows");
  const EventTime start = EventTime::FromMicros(0);
  for (int64_t i = 0; i < 10'000; ++i) {
    windows.FindOrCreate(start).Upsert(
        KeyHash(i), i, [] { return int64_t{1}; }, [](int64_t&) {});
  }
  const uint64_t before = backend.ContentHash({0, 8});
  backend.BeginSnapshot();
  windows.Drop(start);
  EXPECT_TRUE(windows.empty());
  EXPECT_EQ(backend.emitted_bytes(), 0u);
  // The same window again is another table.
  windows.FindOrCreate(start).Upsert(
      KeyHash<int64_t>(1), 1, [] { return int64_t{2}; }, [](int64_t&) {});
  std::string records;
  while (backend.snapshot_running()) {
    backend.AdvanceSnapshot(100);
    records += backend.TakeEmitted(1 << 20);
  }
  MemoryStateBackend restored({0, 8}, 8);
  restored.Namespaced<int64_t, EventTime, int64_t>("windows");
  ASSERT_TRUE(restored.Restore(records).ok());
  EXPECT_EQ(restored.ContentHash({0, 8}), before);
  EXPECT_EQ(windows.FindOrCreate(start).size(), 1u);
}

class RestoreErrorTest : public testing::Test {
 protected:
  RestoreErrorTest() : backend_({0, 8}, 8) {
    auto& table = backend_.Keyed<int64_t, int64_t>("sums");
    table.Upsert(
        KeyHash<int64_t>(1), 1, [] { return int64_t{1}; }, [](int64_t&) {});
    records_ = Snapshot(backend_);
  }
  static std::string MessageOf(const absl::Status& status, absl::StatusCode code) {
    EXPECT_EQ(status.code(), code) << status;
    return std::string(status.message());
  }

  MemoryStateBackend backend_;
  std::string records_;
};

TEST_F(RestoreErrorTest, OtherStates) {
  MemoryStateBackend none({0, 8}, 8);
  EXPECT_EQ(MessageOf(none.Restore(records_), absl::StatusCode::kFailedPrecondition),
            "the snapshot has a state 'sums', which the operator does not declare");
  MemoryStateBackend other({0, 8}, 8);
  other.Keyed<int64_t, int32_t>("sums");
  EXPECT_EQ(MessageOf(other.Restore(records_), absl::StatusCode::kFailedPrecondition),
            "state 'sums' was written with other types than it is declared with: sums: keyed, key "
            "i64, value i32");
}

TEST_F(RestoreErrorTest, TheSameEntryTwice) {
  const std::string message = MessageOf(backend_.Restore(records_), absl::StatusCode::kDataLoss);
  EXPECT_NE(message.find("state 'sums', key group"), std::string::npos) << message;
  EXPECT_NE(message.find("the key is there twice"), std::string::npos) << message;
}

TEST_F(RestoreErrorTest, DamagedBytes) {
  for (size_t i = 0; i < records_.size(); ++i) {
    std::string damaged = records_;
    damaged[i] ^= 1;
    MemoryStateBackend restored({0, 8}, 8);
    restored.Keyed<int64_t, int64_t>("sums");
    EXPECT_EQ(restored.Restore(damaged).code(), absl::StatusCode::kDataLoss) << i;
    EXPECT_EQ(restored.Restore(records_.substr(0, i)).code(),
              i == 0 ? absl::StatusCode::kOk : absl::StatusCode::kDataLoss)
        << i;
  }
}

TEST_F(RestoreErrorTest, AnotherMaxParallelism) {
  MemoryStateBackend restored({0, 16}, 16);
  restored.Keyed<int64_t, int64_t>("sums");
  EXPECT_EQ(MessageOf(restored.Restore(records_), absl::StatusCode::kDataLoss),
            "snapshot chunk at byte 0: written with max parallelism 8, this job has 16");
}

}  // namespace
}  // namespace weir
