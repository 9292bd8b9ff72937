#include "core/cluster/split_assigner.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using Readers = SplitAssigner::Readers;

std::vector<SourceSplit> Splits(uint32_t count) {
  std::vector<SourceSplit> splits;
  for (uint32_t i = 0; i < count; ++i)
    splits.push_back({.id = SplitId(i), .payload = absl::StrCat("split ", i)});
  return splits;
}

SplitAssigner Started(uint32_t splits, int readers) {
  SplitAssigner assigner(Splits(splits), readers);
  Readers all;
  for (int i = 0; i < readers; ++i) all.insert(i);
  EXPECT_TRUE(assigner.Restore(all, nullptr).ok());
  EXPECT_EQ(assigner.OnStart(all).empty(), splits > 0);
  return assigner;
}

// "0+1" is split 1 to reader 0, "0." is that there are no more.
std::string Text(const SplitAssigner::Events& events) {
  std::string text;
  for (const auto& [reader, event] : events) {
    absl::StrAppend(&text, text.empty() ? "" : " ", reader);
    if (event.add_split) {
      absl::StrAppend(&text, "+", event.add_split->id.value());
      EXPECT_EQ(event.add_split->payload, absl::StrCat("split ", event.add_split->id.value()));
    }
    if (event.no_more_splits) absl::StrAppend(&text, ".");
  }
  return text;
}

std::vector<uint32_t> Pending(const SplitAssigner& assigner) {
  std::vector<uint32_t> ids;
  for (const SourceSplit& split : assigner.pending()) ids.push_back(split.id.value());
  return ids;
}

// A checkpoint of `splits` splits: with[i] are with reader i.
OperatorRestore Checkpoint(uint32_t splits, const std::vector<std::vector<uint32_t>>& with,
                           const std::vector<uint32_t>& finished,
                           const std::vector<uint32_t>& pending) {
  OperatorRestore restore;
  for (const std::vector<uint32_t>& reader : with) {
    SubtaskRestore& subtask = restore.subtasks.emplace_back();
    for (const uint32_t id : reader) {
      proto::ReaderSplitSnapshot& split = subtask.splits.emplace_back();
      split.set_id(id);
      split.set_payload(absl::StrCat("split ", id));
    }
  }
  restore.enumerator.emplace().set_split_count(splits);
  for (const uint32_t id : finished) restore.enumerator->add_finished(id);
  for (const uint32_t id : pending) {
    proto::PendingSplit& split = *restore.enumerator->add_pending();
    split.set_id(id);
    split.set_payload(absl::StrCat("split ", id));
  }
  return restore;
}

TEST(SplitAssignerTest, GivesSplitsInOrderToWhoAsksAndTellsAllWhenTheLastIsGone) {
  SplitAssigner assigner = Started(2, 3);
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+0");
  EXPECT_EQ(Text(assigner.OnRequest(0)), "0+1. 1. 2.");
  EXPECT_TRUE(assigner.pending().empty());
  EXPECT_EQ(Text(assigner.OnRequest(2)), "") << "everybody has been told";
}

TEST(SplitAssignerTest, ASourceWithoutSplitsEndsAtTheStart) {
  SplitAssigner assigner(Splits(0), 2);
  ASSERT_TRUE(assigner.Restore({0, 1}, nullptr).ok());
  EXPECT_EQ(Text(assigner.OnStart({0, 1})), "0. 1.");
}

TEST(SplitAssignerTest, GoesOnFromACheckpoint) {
  const OperatorRestore restored = Checkpoint(5, {{3}, {}}, {0, 1}, {2, 4});
  SplitAssigner assigner(restored, 2);
  ASSERT_TRUE(assigner.Restore({0, 1}, &restored).ok());
  EXPECT_EQ(Text(assigner.OnStart({0, 1})), "");
  EXPECT_EQ(Pending(assigner), (std::vector<uint32_t>{2, 4}));
  EXPECT_EQ(assigner.finished(), (std::vector<SplitId>{SplitId(0), SplitId(1)}));
  EXPECT_EQ(assigner.split_count(), 5u);
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+2");
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+4. 0.");
}

TEST(SplitAssignerTest, WithoutACheckpointAllThatAReaderHadComesBack) {
  SplitAssigner assigner = Started(4, 2);
  assigner.OnRequest(0);
  assigner.OnRequest(1);
  assigner.OnRequest(0);
  assigner.OnStop({0});
  ASSERT_TRUE(assigner.Restore({0}, nullptr).ok());
  EXPECT_EQ(Pending(assigner), (std::vector<uint32_t>{0, 2, 3}));
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+0") << "who runs on may have it";
  EXPECT_EQ(Text(assigner.OnStart({0})), "");
  EXPECT_EQ(Text(assigner.OnRequest(0)), "0+2");
}

TEST(SplitAssignerTest, OnlyWhatWasAssignedAfterTheCheckpointComesBack) {
  SplitAssigner assigner = Started(6, 2);
  for (const int reader : {0, 1, 0, 0, 1}) assigner.OnRequest(reader);  // 0: 0 2 3; 1: 1 4.
  // Then reader 0 had read split 0 and was in split 2.
  const OperatorRestore restored = Checkpoint(6, {{2}, {1}}, {0}, {3, 4, 5});
  assigner.OnStop({0});
  ASSERT_TRUE(assigner.Restore({0}, &restored).ok());
  EXPECT_EQ(Pending(assigner), (std::vector<uint32_t>{3, 5})) << "split 4 is with reader 1";
  EXPECT_EQ(assigner.finished(), (std::vector<SplitId>{SplitId(0)}));
  assigner.OnStart({0});
  EXPECT_EQ(Text(assigner.OnRequest(0)), "0+3");
  // And from the same checkpoint again.
  assigner.OnStop({0});
  ASSERT_TRUE(assigner.Restore({0}, &restored).ok());
  EXPECT_EQ(Pending(assigner), (std::vector<uint32_t>{3, 5}));
  EXPECT_EQ(assigner.finished(), (std::vector<SplitId>{SplitId(0)}));
}

TEST(SplitAssignerTest, AReaderThatWasToldGetsNothingThatComesBack) {
  SplitAssigner assigner = Started(2, 3);
  assigner.OnRequest(0);
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+1. 0. 2.");
  assigner.OnStop({1});
  ASSERT_TRUE(assigner.Restore({1}, nullptr).ok());
  EXPECT_EQ(Text(assigner.OnStart({1})), "");
  EXPECT_EQ(Text(assigner.OnRequest(0)), "") << "its event time has moved on";
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+1.") << "the others know";
}

TEST(SplitAssignerTest, WhoDoesNotRunIsToldWhenItStarts) {
  SplitAssigner assigner = Started(1, 2);
  assigner.OnStop({0});
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+0.");
  ASSERT_TRUE(assigner.Restore({0}, nullptr).ok());
  EXPECT_EQ(Text(assigner.OnStart({0})), "0.");
}

TEST(SplitAssignerTest, AReaderMayAskBeforeAllAreKnownToRun) {
  SplitAssigner assigner(Splits(2), 2);
  ASSERT_TRUE(assigner.Restore({0, 1}, nullptr).ok());
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+0");
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+1.");
  EXPECT_EQ(Text(assigner.OnStart({0, 1})), "0.");
}

TEST(SplitAssignerTest, ReadersOfAnotherParallelismRestartFromTheirShare) {
  // Taken by one reader; a restore gives each of two its share.
  const OperatorRestore restored = Checkpoint(5, {{1}, {2}}, {0}, {3, 4});
  SplitAssigner assigner(restored, 2);
  ASSERT_TRUE(assigner.Restore({0, 1}, &restored).ok());
  assigner.OnStart({0, 1});
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+3");
  EXPECT_EQ(Text(assigner.OnRequest(0)), "0+4. 1.");
  assigner.OnStop({1});
  ASSERT_TRUE(assigner.Restore({1}, &restored).ok());
  EXPECT_EQ(Pending(assigner), std::vector<uint32_t>{3}) << "1 and 4 are with reader 0, 2 with it";
  EXPECT_EQ(Text(assigner.OnStart({1})), "");
  EXPECT_EQ(Text(assigner.OnRequest(1)), "1+3.");
}

TEST(SplitAssignerTest, RefusesACheckpointThatGivesAwayWhatAnotherReaderHas) {
  SplitAssigner assigner = Started(2, 2);
  assigner.OnRequest(1);
  assigner.OnStop({0});
  const OperatorRestore restored = Checkpoint(2, {{0}, {}}, {}, {1});
  const absl::Status status = assigner.Restore({0}, &restored);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(status.message(),
            "split 0 is with reader 0 in the checkpoint, and another reader has it or has read it");
}

}  // namespace
}  // namespace weir
