// Metrics as messages. Pure.
#ifndef WEIR_CORE_CLUSTER_METRICS_MESSAGE_H_
#define WEIR_CORE_CLUSTER_METRICS_MESSAGE_H_

#include "absl/status/status.h"
#include "core/operators/metric_group.h"
#include "core/proto/control.pb.h"
#include "core/runtime/subtask.h"

namespace weir {

proto::SubtaskMetrics ToMessage(SubtaskId subtask, const SubtaskMetricsList& metrics);
SubtaskMetricsList FromMessage(const proto::SubtaskMetrics& message);

proto::NodeMetrics ToMessage(NodeId node, const MetricGroup& metrics);
MetricGroup FromMessage(const proto::NodeMetrics& message);

proto::Status ToMessage(const absl::Status& status);
absl::Status FromMessage(const proto::Status& message);

// Sums counters; the watermark is the smallest.
void MergeMetrics(const MetricGroup& from, MetricGroup& into);

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_METRICS_MESSAGE_H_
