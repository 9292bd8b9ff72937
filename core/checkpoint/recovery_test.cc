#include "core/checkpoint/recovery.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/checkpoint/testing/manifest_under_test.h"
#include "core/testing/property.h"

namespace weir {
namespace {

std::vector<RestoreOperator> OperatorsUnderTest(int parallelism, int max_parallelism = 8) {
  return {{"logs", "log files", parallelism, max_parallelism, {}},
          {"count",
           "count per day",
           parallelism,
           max_parallelism,
           {KeyedStateUnderTest(), ListStateUnderTest("split", proto::STATE_KIND_LIST_SPLIT),
            ListStateUnderTest("union", proto::STATE_KIND_LIST_UNION),
            ListStateUnderTest("broadcast", proto::STATE_KIND_BROADCAST)}},
          {"out", "file sink", parallelism, max_parallelism, {}}};
}

std::vector<std::string> Elements(const SubtaskRestore& subtask, const std::string& name) {
  for (const proto::OperatorStateSnapshot& state : subtask.operator_states) {
    if (state.name() == name) return {state.elements().begin(), state.elements().end()};
  }
  return {};
}

WEIR_PROPERTY(RecoveryTest, EveryKeyGroupIsReadOnceByItsOwner) {
  const int max_parallelism = 1 << *rc::gen::inRange(0, 9);
  const int old_count = *rc::gen::inRange(2, std::max(3, max_parallelism + 1));
  const int new_count = *rc::gen::inRange(1, max_parallelism + 1);
  RC_PRE(old_count <= max_parallelism);
  const proto::CheckpointManifest manifest = ManifestUnderTest(old_count, max_parallelism);
  const auto plan = PlanRestore(manifest, OperatorsUnderTest(new_count, max_parallelism), {});
  RC_ASSERT(plan.ok());
  uint32_t next = 0;
  const OperatorRestore& count = plan->operators.at("count");
  RC_ASSERT(count.subtasks.size() == static_cast<size_t>(new_count));
  for (int i = 0; i < new_count; ++i) {
    const KeyGroupRange share = KeyGroupRangeForSubtask(i, max_parallelism, new_count);
    RC_ASSERT(next == share.begin);
    for (const KeyedRead& read : count.subtasks[static_cast<size_t>(i)].keyed) {
      RC_ASSERT(read.wanted.begin == next);
      RC_ASSERT(read.wanted.begin < read.wanted.end);
      RC_ASSERT(read.stored.begin <= read.wanted.begin);
      RC_ASSERT(read.wanted.end <= read.stored.end);
      RC_ASSERT(read.files.size() == 1u);
      RC_ASSERT(read.content_hash.has_value() == (read.wanted == read.stored));
      next = read.wanted.end;
    }
    RC_ASSERT(next == share.end);
  }
}

WEIR_PROPERTY(RecoveryTest, OperatorStateIsSharedOut) {
  const int old_count = *rc::gen::inRange(2, 9);
  const int new_count = *rc::gen::inRange(1, 9);
  const proto::CheckpointManifest manifest = ManifestUnderTest(old_count, 8);
  const auto plan = PlanRestore(manifest, OperatorsUnderTest(new_count), {});
  RC_ASSERT(plan.ok());
  std::vector<std::string> all, shared;
  for (int i = 0; i < old_count; ++i) {
    all.push_back("a" + std::to_string(i));
    all.push_back("b" + std::to_string(i));
  }
  size_t least = all.size(), most = 0;
  for (const SubtaskRestore& subtask : plan->operators.at("count").subtasks) {
    const std::vector<std::string> split = Elements(subtask, "split");
    shared.insert(shared.end(), split.begin(), split.end());
    least = std::min(least, split.size());
    most = std::max(most, split.size());
    RC_ASSERT(Elements(subtask, "union") == all);
    RC_ASSERT(Elements(subtask, "broadcast").size() == 2u);
  }
  RC_ASSERT(shared == all);
  RC_ASSERT(most - least <= 1u);
}

// Splits anywhere, parallelism changing: each comes back in one place, and committables in one subtask.
WEIR_PROPERTY(RecoveryTest, EverySplitAndCommittableIsRestoredOnce) {
  const int old_count = *rc::gen::inRange(1, 7);
  const int new_count = *rc::gen::inRange(1, 7);
  const auto places = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3 * old_count));
  proto::CheckpointManifest manifest;
  proto::OperatorState& source = *manifest.add_operators();
  source.set_uid("logs");
  source.set_parallelism(static_cast<uint32_t>(old_count));
  source.set_max_parallelism(8);
  source.mutable_enumerator()->set_split_count(static_cast<uint32_t>(places.size()));
  for (int i = 0; i < old_count; ++i) {
    source.add_subtasks()->set_index(static_cast<uint32_t>(i));
    source.mutable_subtasks(i)->add_committables("c" + std::to_string(i));
  }
  size_t pending = 0, finished = 0;
  for (uint32_t id = 0; id < places.size(); ++id) {
    proto::SubtaskStateSnapshot& reader = *source.mutable_subtasks(places[id] % old_count);
    if (places[id] < old_count) {
      source.mutable_enumerator()->add_pending()->set_id(id);
      ++pending;
    } else if (places[id] < 2 * old_count) {
      reader.add_splits()->set_id(id);
    } else {
      reader.add_finished_splits(id);
      ++finished;
    }
  }
  const auto plan = PlanRestore(manifest, {{"logs", "", new_count, 8, {}}}, {});
  RC_ASSERT(plan.ok());
  const OperatorRestore& restore = plan->operators.at("logs");
  RC_ASSERT(static_cast<size_t>(restore.enumerator->pending_size()) == pending);
  RC_ASSERT(static_cast<size_t>(restore.enumerator->finished_size()) == finished);
  std::set<uint32_t> with_readers;
  std::set<std::string> committables;
  for (const SubtaskRestore& subtask : restore.subtasks) {
    for (const auto& split : subtask.splits) RC_ASSERT(with_readers.insert(split.id()).second);
    for (const auto& c : subtask.committables) RC_ASSERT(committables.insert(c).second);
  }
  RC_ASSERT(with_readers.size() + pending + finished == places.size());
  RC_ASSERT(committables.size() == static_cast<size_t>(old_count));
}

TEST(RecoveryTest, TheSameParallelismKeepsEverythingWhereItWas) {
  const auto plan = PlanRestore(ManifestUnderTest(2), OperatorsUnderTest(2), {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  const OperatorRestore& count = plan->operators.at("count");
  EXPECT_EQ(Elements(count.subtasks[1], "split"), (std::vector<std::string>{"a1", "b1"}));
  EXPECT_EQ(count.subtasks[1].watermark_micros, 1001);
  EXPECT_TRUE(plan->new_uids.empty());
  EXPECT_TRUE(plan->dropped_uids.empty());
  const auto other = PlanRestore(ManifestUnderTest(2), OperatorsUnderTest(3), {});
  EXPECT_EQ(other->operators.at("count").subtasks[2].watermark_micros, 1000);
  EXPECT_TRUE(other->operators.at("out").subtasks[2].ended);
}

TEST(RecoveryTest, StateThatNobodyTakesIsRefusedUnlessAllowed) {
  std::vector<RestoreOperator> operators = OperatorsUnderTest(2);
  operators[1].uid = "recount";
  const proto::CheckpointManifest manifest = ManifestUnderTest();
  EXPECT_EQ(PlanRestore(manifest, operators, {}).status(),
            absl::FailedPreconditionError(
                "the checkpoint holds state of operator 'count per day' (uid 'count'), which the "
                "job does not have; put it back, or leave its state behind with "
                "--allow-non-restored-state"));
  const auto plan = PlanRestore(manifest, operators, {.allow_non_restored_state = true});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->dropped_uids, std::vector<std::string>{"count"});
  EXPECT_EQ(plan->new_uids, std::vector<std::string>{"recount"});

  operators = OperatorsUnderTest(2);
  operators[1].states.erase(operators[1].states.begin());
  EXPECT_TRUE(absl::IsFailedPrecondition(PlanRestore(manifest, operators, {}).status()));
  EXPECT_EQ(PlanRestore(manifest, operators, {.allow_non_restored_state = true})
                ->operators.at("count")
                .dropped_states,
            std::vector<std::string>{"counts"});
}

TEST(RecoveryTest, RefusesOtherSchemasAndMaxParallelism) {
  const proto::CheckpointManifest manifest = ManifestUnderTest();
  std::vector<RestoreOperator> operators = OperatorsUnderTest(2);
  operators[1].states[0].set_value_schema("i64");
  EXPECT_EQ(
      PlanRestore(manifest, operators, {}).status().message(),
      "operator 'count per day' (uid 'count'), state 'counts': the checkpoint holds reducing, key "
      "string, value struct{count:i64}, the job declares reducing, key string, value i64; change "
      "it back, or give the new state another name");
  operators = OperatorsUnderTest(2, 16);
  EXPECT_TRUE(absl::IsFailedPrecondition(PlanRestore(manifest, operators, {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(PlanRestore(manifest, OperatorsUnderTest(9), {}).status()));
}

TEST(RecoveryTest, ASplitInTwoPlacesOrNoneIsDataLoss) {
  proto::CheckpointManifest manifest = ManifestUnderTest();
  proto::OperatorState& source = *manifest.mutable_operators(1);
  ASSERT_EQ(source.uid(), "logs");
  EXPECT_TRUE(CheckSplits(source).ok());
  proto::OperatorState twice = source;
  twice.mutable_enumerator()->add_pending()->set_id(1);
  EXPECT_EQ(CheckSplits(twice).message(),
            "source 'logs', split 1 of 3: the checkpoint has it twice, pending and with reader 0");
  proto::OperatorState lost = source;
  lost.mutable_subtasks(0)->clear_splits();
  EXPECT_EQ(CheckSplits(lost).message(),
            "source 'logs', split 1 of 3: the checkpoint does not have it: not pending, with no "
            "reader, not finished");
  proto::OperatorState stranger = source;
  stranger.mutable_subtasks(0)->add_finished_splits(3);
  EXPECT_TRUE(absl::IsDataLoss(CheckSplits(stranger)));
}

}  // namespace
}  // namespace weir
