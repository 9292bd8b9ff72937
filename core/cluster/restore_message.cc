#include "core/cluster/restore_message.h"

namespace weir {

proto::SubtaskRestore ToMessage(const JobGraph& graph, const ExecutionGraph& plan,
                                SubtaskId subtask, const RestorePlan& restore) {
  proto::SubtaskRestore message;
  message.set_subtask(subtask.value());
  const PlannedSubtask& planned = plan.subtask(subtask);
  for (const NodeId node : plan.vertex(planned.vertex).nodes) {
    auto found = restore.operators.find(graph.node(node).uid);
    if (found == restore.operators.end()) continue;
    const SubtaskRestore& from = found->second.subtasks[static_cast<size_t>(planned.index)];
    proto::OperatorRestore* op = message.add_operators();
    op->set_uid(graph.node(node).uid);
    proto::SubtaskStateSnapshot* state = op->mutable_state();
    state->set_index(static_cast<uint32_t>(planned.index));
    state->set_ended(from.ended);
    state->set_watermark_micros(from.watermark_micros);
    for (const KeyedRead& read : from.keyed) {
      proto::KeyedStateSnapshot* keyed = state->add_keyed();
      keyed->set_key_groups_begin(read.wanted.begin);
      keyed->set_key_groups_end(read.wanted.end);
      for (const proto::StateFile& file : read.files) *keyed->add_files() = file;
      if (read.content_hash.has_value()) keyed->set_content_hash(*read.content_hash);
    }
    for (const proto::OperatorStateSnapshot& list : from.operator_states)
      *state->add_operator_states() = list;
    for (const proto::ReaderSplitSnapshot& split : from.splits) *state->add_splits() = split;
    for (const std::string& committable : from.committables) state->add_committables(committable);
  }
  return message;
}

}  // namespace weir
