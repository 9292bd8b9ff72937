// OperatorSnapshot: what an operator of one subtask hands over at a checkpoint barrier besides its tables, and gets back, redistributed
// over the subtasks there are then, before its first element. Small; travels inside messages. Pure data.
#ifndef WEIR_CORE_OPERATORS_OPERATOR_SNAPSHOT_H_
#define WEIR_CORE_OPERATORS_OPERATOR_SNAPSHOT_H_

#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/types/event_time.h"

namespace weir {

// Flink's operator list state.
struct ListState {
  std::string name;
  bool to_all = false;  // Restored: every subtask gets all elements (union), else an even share.
  std::vector<std::string> elements;
  friend bool operator==(const ListState&, const ListState&) = default;
};

// A split that a reader has and has not read to its end.
struct ReaderSplit {
  SplitId id;
  std::string payload;   // As it was assigned.
  std::string position;  // Where reading goes on, in the SourceOperator's encoding.
  friend bool operator==(const ReaderSplit&, const ReaderSplit&) = default;
};

struct OperatorSnapshot {
  std::vector<ListState> lists;
  std::vector<ReaderSplit> splits;
  std::vector<SplitId> finished_splits;
  // Of a sink: what is pre-committed and not known to be committed. Restored: what this subtask has to commit again.
  std::vector<std::string> committables;
  // Event time that the operator has passed on or acted on. Restored: the least of those that are merged here.
  EventTime watermark = EventTime::Min();
  friend bool operator==(const OperatorSnapshot&, const OperatorSnapshot&) = default;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_OPERATOR_SNAPSHOT_H_
