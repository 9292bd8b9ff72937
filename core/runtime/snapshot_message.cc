#include "core/runtime/snapshot_message.h"

#include <string>
#include <utility>

namespace weir {

proto::SubtaskStateSnapshot ToMessage(int subtask_index, bool ended,
                                      const OperatorSnapshot& snapshot) {
  proto::SubtaskStateSnapshot message;
  message.set_index(static_cast<uint32_t>(subtask_index));
  message.set_ended(ended);
  message.set_watermark_micros(snapshot.watermark.micros());
  for (const ListState& list : snapshot.lists) {
    proto::OperatorStateSnapshot* out = message.add_operator_states();
    out->set_name(list.name);
    for (const std::string& element : list.elements) out->add_elements(element);
  }
  for (const ReaderSplit& split : snapshot.splits) {
    proto::ReaderSplitSnapshot* out = message.add_splits();
    out->set_id(split.id.value());
    out->set_payload(split.payload);
    out->set_position(split.position);
  }
  for (const SplitId& id : snapshot.finished_splits) message.add_finished_splits(id.value());
  for (const std::string& committable : snapshot.committables)
    message.add_committables(committable);
  return message;
}

void AddDeclarations(const std::vector<StateDeclaration>& tables, const OperatorSnapshot& snapshot,
                     proto::OperatorSnapshot& message) {
  for (const StateDeclaration& table : tables) {
    proto::StateDeclaration* out = message.add_states();
    out->set_name(table.name);
    out->set_kind(proto::STATE_KIND_KEYED);
    out->set_view(StateKindName(table.kind));
    out->set_key_schema(table.key_schema.ToString());
    out->set_namespace_schema(table.namespace_schema.ToString());
    out->set_value_schema(table.value_schema.ToString());
  }
  for (const ListState& list : snapshot.lists) {
    proto::StateDeclaration* out = message.add_states();
    out->set_name(list.name);
    out->set_kind(list.to_all ? proto::STATE_KIND_LIST_UNION : proto::STATE_KIND_LIST_SPLIT);
    out->set_view("list");
    out->set_value_schema("string");
  }
}

OperatorSnapshot FromMessage(const proto::SubtaskStateSnapshot& message) {
  OperatorSnapshot snapshot;
  snapshot.watermark = EventTime::FromMicros(message.watermark_micros());
  for (const proto::OperatorStateSnapshot& in : message.operator_states()) {
    ListState list;
    list.name = in.name();
    list.elements.assign(in.elements().begin(), in.elements().end());
    snapshot.lists.push_back(std::move(list));
  }
  for (const proto::ReaderSplitSnapshot& in : message.splits()) {
    snapshot.splits.push_back(
        {.id = SplitId(in.id()), .payload = in.payload(), .position = in.position()});
  }
  for (const uint32_t id : message.finished_splits())
    snapshot.finished_splits.push_back(SplitId(id));
  snapshot.committables.assign(message.committables().begin(), message.committables().end());
  return snapshot;
}

}  // namespace weir
