#include "core/cluster/metrics_message.h"

#include <algorithm>
#include <string>

#include "core/base/string_view.h"
#include "core/runtime/failure_position.h"

namespace weir {
namespace {

void Fill(const SetAsideRecords& from, proto::SetAsideRecords* to) {
  to->set_count(from.count);
  to->set_first_container(from.first.container);
  to->set_first_offset(from.first.offset);
  to->set_first_excerpt(from.first_excerpt);
  to->set_first_reason(from.first_reason);
}

SetAsideRecords FromMessage(const proto::SetAsideRecords& from) {
  return {.count = from.count(),
          .first = {.container = from.first_container(), .offset = from.first_offset()},
          .first_excerpt = from.first_excerpt(),
          .first_reason = from.first_reason()};
}

}  // namespace

proto::SubtaskMetrics ToMessage(SubtaskId subtask, const SubtaskMetricsList& metrics) {
  proto::SubtaskMetrics message;
  message.set_subtask(subtask.value());
  for (const auto& [node, group] : metrics) {
    proto::NodeMetrics* out = message.add_nodes();
    out->set_node(node.value());
    out->set_num_records_in(group.num_records_in);
    out->set_num_records_out(group.num_records_out);
    out->set_num_bytes_in(group.num_bytes_in);
    out->set_num_bytes_out(group.num_bytes_out);
    out->set_current_input_watermark(group.current_input_watermark.micros());
    out->set_implausible_event_times(group.implausible_event_times);
    if (group.malformed.count > 0) Fill(group.malformed, out->mutable_malformed());
    if (group.late.count > 0) Fill(group.late, out->mutable_late());
  }
  return message;
}

SubtaskMetricsList FromMessage(const proto::SubtaskMetrics& message) {
  SubtaskMetricsList metrics;
  for (const proto::NodeMetrics& in : message.nodes()) {
    MetricGroup group;
    group.num_records_in = in.num_records_in();
    group.num_records_out = in.num_records_out();
    group.num_bytes_in = in.num_bytes_in();
    group.num_bytes_out = in.num_bytes_out();
    group.current_input_watermark = EventTime::FromMicros(in.current_input_watermark());
    group.implausible_event_times = in.implausible_event_times();
    if (in.has_malformed()) group.malformed = FromMessage(in.malformed());
    if (in.has_late()) group.late = FromMessage(in.late());
    metrics.push_back({NodeId(in.node()), std::move(group)});
  }
  return metrics;
}

proto::Status ToMessage(const absl::Status& status) {
  proto::Status message;
  message.set_code(static_cast<int>(status.code()));
  message.set_message(std::string(status.message()));
  const SourcePosition position = GetSourcePosition(status);
  message.set_has_position(position.known());
  message.set_position_container(position.container);
  message.set_position_offset(position.offset);
  return message;
}

absl::Status FromMessage(const proto::Status& message) {
  absl::Status status(static_cast<absl::StatusCode>(message.code()), message.message());
  if (message.has_position()) {
    SetSourcePosition(
        {.container = message.position_container(), .offset = message.position_offset()}, status);
  }
  return status;
}

void MergeMetrics(const MetricGroup& from, MetricGroup& into) {
  into.num_records_in += from.num_records_in;
  into.num_records_out += from.num_records_out;
  into.num_bytes_in += from.num_bytes_in;
  into.num_bytes_out += from.num_bytes_out;
  into.implausible_event_times += from.implausible_event_times;
  into.current_input_watermark =
      std::min(into.current_input_watermark, from.current_input_watermark);
  into.malformed.Merge(from.malformed);
  into.late.Merge(from.late);
}

}  // namespace weir
