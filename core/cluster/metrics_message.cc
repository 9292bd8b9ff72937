#include "core/cluster/metrics_message.h"

#include <algorithm>
#include <string>

#include "core/base/string_view.h"
#include "core/runtime/failure_position.h"

namespace weir {
namespace {

// Of a peer, which may say anything.
int64_t Count(int64_t sent) { return std::max<int64_t>(sent, 0); }

void Fill(const SetAsideRecords& from, proto::SetAsideRecords* to) {
  to->set_count(from.count);
  to->set_first_container(from.first.container);
  to->set_first_offset(from.first.offset);
  to->set_first_excerpt(from.first_excerpt);
  to->set_first_reason(from.first_reason);
}

SetAsideRecords FromMessage(const proto::SetAsideRecords& from) {
  return {.count = Count(from.count()),
          .first = {.container = from.first_container(), .offset = from.first_offset()},
          .first_excerpt = from.first_excerpt(),
          .first_reason = from.first_reason()};
}

}  // namespace

proto::NodeMetrics ToMessage(NodeId node, const MetricGroup& metrics) {
  proto::NodeMetrics message;
  message.set_node(node.value());
  message.set_num_records_in(metrics.num_records_in);
  message.set_num_records_out(metrics.num_records_out);
  message.set_num_bytes_in(metrics.num_bytes_in);
  message.set_num_bytes_out(metrics.num_bytes_out);
  message.set_current_input_watermark(metrics.current_input_watermark.micros());
  message.set_implausible_event_times(metrics.implausible_event_times);
  if (metrics.malformed.count > 0) Fill(metrics.malformed, message.mutable_malformed());
  if (metrics.late.count > 0) Fill(metrics.late, message.mutable_late());
  return message;
}

MetricGroup FromMessage(const proto::NodeMetrics& message) {
  MetricGroup group;
  group.num_records_in = Count(message.num_records_in());
  group.num_records_out = Count(message.num_records_out());
  group.num_bytes_in = Count(message.num_bytes_in());
  group.num_bytes_out = Count(message.num_bytes_out());
  group.current_input_watermark = EventTime::FromMicros(message.current_input_watermark());
  group.implausible_event_times = Count(message.implausible_event_times());
  if (message.has_malformed()) group.malformed = FromMessage(message.malformed());
  if (message.has_late()) group.late = FromMessage(message.late());
  return group;
}

proto::SubtaskMetrics ToMessage(SubtaskId subtask, const SubtaskMetricsList& metrics) {
  proto::SubtaskMetrics message;
  message.set_subtask(subtask.value());
  for (const auto& [node, group] : metrics) *message.add_nodes() = ToMessage(node, group);
  return message;
}

SubtaskMetricsList FromMessage(const proto::SubtaskMetrics& message) {
  SubtaskMetricsList metrics;
  for (const proto::NodeMetrics& in : message.nodes()) {
    metrics.push_back({NodeId(in.node()), FromMessage(in)});
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
  const absl::Status as_sent(static_cast<absl::StatusCode>(message.code()), message.message());
  // code() knows a code that there is none of as kUnknown.
  absl::Status status(as_sent.code(), as_sent.message());
  if (message.has_position()) {
    SetSourcePosition(
        {.container = message.position_container(), .offset = message.position_offset()}, status);
  }
  return status;
}

void MergeMetrics(const MetricGroup& from, MetricGroup& into) {
  into.num_records_in = AddCounts(into.num_records_in, from.num_records_in);
  into.num_records_out = AddCounts(into.num_records_out, from.num_records_out);
  into.num_bytes_in = AddCounts(into.num_bytes_in, from.num_bytes_in);
  into.num_bytes_out = AddCounts(into.num_bytes_out, from.num_bytes_out);
  into.implausible_event_times =
      AddCounts(into.implausible_event_times, from.implausible_event_times);
  into.current_input_watermark =
      std::min(into.current_input_watermark, from.current_input_watermark);
  into.malformed.Merge(from.malformed);
  into.late.Merge(from.late);
}

}  // namespace weir
