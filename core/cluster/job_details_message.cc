#include "core/cluster/job_details_message.h"

#include <string>

#include "core/cluster/metrics_message.h"

namespace weir {
namespace {

NodeReport FromMessage(const proto::NodeReportMessage& message) {
  return {.name = message.name(),
          .uid = message.uid(),
          .kind = message.kind(),
          .parallelism = message.parallelism(),
          .vertex = message.vertex(),
          .metrics = weir::FromMessage(message.metrics()),
          .first_malformed_place = message.first_malformed_place(),
          .first_late_place = message.first_late_place()};
}

SinkReport FromMessage(const proto::SinkReportMessage& message) {
  return {.where = message.where(),
          .first_rows = {message.first_rows().begin(), message.first_rows().end()}};
}

}  // namespace

proto::NodeReportMessage ToMessage(const NodeReport& report) {
  proto::NodeReportMessage message;
  message.set_name(report.name);
  message.set_uid(report.uid);
  message.set_kind(report.kind);
  message.set_parallelism(report.parallelism);
  message.set_vertex(report.vertex);
  *message.mutable_metrics() = ToMessage(NodeId(), report.metrics);
  message.set_first_malformed_place(report.first_malformed_place);
  message.set_first_late_place(report.first_late_place);
  return message;
}

proto::SinkReportMessage ToMessage(const SinkReport& report) {
  proto::SinkReportMessage message;
  message.set_where(report.where);
  for (const std::string& row : report.first_rows) message.add_first_rows(row);
  return message;
}

void FillOverview(const JobProgress& progress, proto::JobOverview* overview) {
  overview->set_state(std::string(JobStateName(progress.state)));
  overview->set_parallelism(progress.parallelism);
  overview->set_tasks(progress.tasks);
  overview->set_tasks_running(progress.tasks_running);
  overview->set_tasks_ended(progress.tasks_ended);
  overview->set_slots(progress.slots);
  overview->set_restarts(static_cast<uint32_t>(progress.restarts));
  overview->set_waiting_for(progress.waiting_for);
}

proto::GetJobStatusResponse ToMessage(const JobProgress& progress) {
  proto::GetJobStatusResponse status;
  status.set_state(std::string(JobStateName(progress.state)));
  status.set_summary(progress.waiting_for.empty() ? progress.last_failure : progress.waiting_for);
  status.set_checkpoints(progress.checkpoints);
  status.set_restored_from(progress.restored_from.value());
  status.set_restarts(static_cast<uint32_t>(progress.restarts));
  status.set_malformed(progress.malformed);
  status.set_late(progress.late);
  status.set_waiting_for(progress.waiting_for);
  status.set_last_failure(progress.last_failure);
  status.set_source_rows(progress.source_rows);
  status.set_source_bytes(progress.source_bytes);
  status.set_source_bytes_total(progress.source_bytes_total);
  status.set_sink_rows(progress.sink_rows);
  status.set_watermark_micros(progress.watermark.micros());
  return status;
}

proto::GetJobStatusResponse StatusOfEnded(const proto::JobDetails& details) {
  proto::GetJobStatusResponse status;
  status.set_ended(true);
  status.set_state(details.overview().state());
  status.set_summary(details.overview().summary());
  status.set_checkpoints(details.checkpoints());
  status.set_restored_from(details.restored_from());
  status.set_restarts(details.overview().restarts());
  status.set_last_failure(details.last_failure());
  for (const proto::NodeReportMessage& node : details.nodes()) {
    status.set_malformed(status.malformed() + node.metrics().malformed().count());
    status.set_late(status.late() + node.metrics().late().count());
  }
  return status;
}

JobProgress ToJobProgress(const proto::GetJobStatusResponse& status) {
  JobProgress progress;
  progress.state = JobStateOf(status.state());
  progress.waiting_for = status.waiting_for();
  progress.source_rows = status.source_rows();
  progress.source_bytes = status.source_bytes();
  progress.source_bytes_total = status.source_bytes_total();
  progress.sink_rows = status.sink_rows();
  progress.malformed = status.malformed();
  progress.late = status.late();
  progress.watermark = EventTime::FromMicros(status.watermark_micros());
  progress.checkpoints = status.checkpoints();
  progress.restored_from = CheckpointId(status.restored_from());
  progress.restarts = static_cast<int>(status.restarts());
  progress.last_failure = status.last_failure();
  return progress;
}

JobResult ToJobResult(const proto::JobDetails& details) {
  JobResult result;
  result.state = JobStateOf(details.overview().state());
  if (result.state == JobState::kFailed)
    result.status = absl::UnknownError(details.overview().summary());
  result.runtime = absl::Nanoseconds(details.runtime_ns());
  for (const proto::NodeReportMessage& node : details.nodes())
    result.nodes.push_back(FromMessage(node));
  for (const proto::SinkReportMessage& sink : details.sinks())
    result.sinks.push_back(FromMessage(sink));
  result.warnings = {details.warnings().begin(), details.warnings().end()};
  result.checkpoints = details.checkpoints();
  result.last_checkpoint = CheckpointId(details.last_checkpoint());
  result.restored_from = CheckpointId(details.restored_from());
  result.restarts = static_cast<int>(details.overview().restarts());
  return result;
}

}  // namespace weir
