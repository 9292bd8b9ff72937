// A manifest with everything in it: a source with splits in every place, keyed and operator state on two subtasks, a sink with
// committables. Testonly; pure.
#ifndef WEIR_CORE_CHECKPOINT_TESTING_MANIFEST_UNDER_TEST_H_
#define WEIR_CORE_CHECKPOINT_TESTING_MANIFEST_UNDER_TEST_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/key_group.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/manifest.h"
#include "core/proto/manifest.pb.h"

namespace weir {

inline proto::StateDeclaration KeyedStateUnderTest() {
  proto::StateDeclaration state;
  state.set_name("counts");
  state.set_kind(proto::STATE_KIND_KEYED);
  state.set_view("reducing");
  state.set_key_schema("string");
  state.set_value_schema("struct{count:i64}");
  return state;
}

inline proto::StateDeclaration ListStateUnderTest(std::string name, proto::StateKind kind) {
  proto::StateDeclaration state;
  state.set_name(std::move(name));
  state.set_kind(kind);
  state.set_view("list");
  state.set_value_schema("string");
  return state;
}

// The keyed operator "count" on `parallelism` subtasks, with one file each.
inline void AddKeyedSnapshots(JobAttempt attempt, CheckpointId checkpoint, int parallelism,
                              int max_parallelism,
                              std::map<SubtaskId, proto::SubtaskSnapshot>& snapshots) {
  for (int i = 0; i < parallelism; ++i) {
    const SubtaskId subtask(static_cast<uint32_t>(i));
    proto::OperatorSnapshot& op = *snapshots[subtask].add_operators();
    op.set_uid("count");
    *op.add_states() = KeyedStateUnderTest();
    *op.add_states() = ListStateUnderTest("split", proto::STATE_KIND_LIST_SPLIT);
    *op.add_states() = ListStateUnderTest("union", proto::STATE_KIND_LIST_UNION);
    *op.add_states() = ListStateUnderTest("broadcast", proto::STATE_KIND_BROADCAST);
    proto::SubtaskStateSnapshot& state = *op.mutable_state();
    state.set_index(subtask.value());
    state.set_watermark_micros(1000 + i);
    const KeyGroupRange share = KeyGroupRangeForSubtask(i, max_parallelism, parallelism);
    proto::KeyedStateSnapshot& keyed = *state.add_keyed();
    keyed.set_key_groups_begin(share.begin);
    keyed.set_key_groups_end(share.end);
    proto::StateFile& file = *keyed.add_files();
    file.set_name(StateFileName(checkpoint, attempt, subtask, 0));
    keyed.set_content_hash(0x2122232425262728 + static_cast<uint64_t>(i));
    file.set_size_bytes(100);
    file.set_checksum(0x1122334455667788 + static_cast<uint64_t>(i));
    for (const char* name : {"split", "union", "broadcast"}) {
      proto::OperatorStateSnapshot& list = *state.add_operator_states();
      list.set_name(name);
      list.add_elements("a" + std::to_string(i));
      list.add_elements("b" + std::to_string(i));
    }
  }
}

inline proto::CheckpointManifest ManifestUnderTest(int parallelism = 2, int max_parallelism = 8) {
  const JobAttempt attempt = {LeaderEpoch(3), AttemptNumber(2)};
  const CheckpointId checkpoint(7);
  std::map<SubtaskId, proto::SubtaskSnapshot> snapshots;
  AddKeyedSnapshots(attempt, checkpoint, parallelism, max_parallelism, snapshots);

  proto::OperatorSnapshot& source = *snapshots[SubtaskId(0)].add_operators();
  source.set_uid("logs");
  proto::ReaderSplitSnapshot& split = *source.mutable_state()->add_splits();
  split.set_id(1);
  split.set_payload("b.log");
  split.set_position("at 17");
  source.mutable_state()->add_finished_splits(0);
  proto::OperatorSnapshot& sink = *snapshots[SubtaskId(1)].add_operators();
  sink.set_uid("out");
  sink.mutable_state()->add_committables("part-7");
  sink.mutable_state()->set_ended(true);

  proto::EnumeratorSnapshot enumerator;
  enumerator.set_split_count(3);
  enumerator.set_state("listed");
  proto::PendingSplit& pending = *enumerator.add_pending();
  pending.set_id(2);
  pending.set_payload("c.log");

  ManifestHeader header;
  header.checkpoint = checkpoint;
  header.job = JobId("job-1");
  header.job_name = "package_activity";
  header.job_graph_digest = 0x0102030405060708;
  header.attempt = attempt;
  return BuildManifest(header,
                       {{"out", "file sink", 1, max_parallelism},
                        {"logs", "log files", 1, max_parallelism, enumerator},
                        {"count", "count per day", parallelism, max_parallelism}},
                       snapshots)
      .value();
}

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_TESTING_MANIFEST_UNDER_TEST_H_
