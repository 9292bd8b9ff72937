#include "cli/job_details_printer.h"

#include <string_view>
#include <vector>

#include "cli/human_text.h"
#include "cli/job_list_printer.h"
#include "cli/text_table.h"
#include "core/types/event_time.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

constexpr size_t kLineColumnsMax = 1000;
constexpr size_t kNameColumnsMax = 40;

// "  state        RUNNING". Further lines of `text` stand below its first.
std::string Line(std::string_view label, std::string_view text) {
  std::string lines;
  do {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    lines += fmt::format("  {:<12} {}\n", lines.empty() ? label : "",
                         EscapeForTerminal(line, kLineColumnsMax));
  } while (!text.empty());
  return lines;
}

std::string WatermarkText(int64_t micros) {
  const EventTime watermark = EventTime::FromMicros(micros);
  if (watermark == EventTime::Min()) return "-";
  if (watermark == EventTime::Max()) return "end";
  return watermark.ToString();
}

std::string TasksText(const proto::JobOverview& job) {
  std::string text = fmt::format("{}, greatest parallelism {}", FormatCountOf(job.tasks(), "task"),
                                 job.parallelism());
  if (job.slots() > 0) text += ", in " + FormatCountOf(job.slots(), "slot");
  if (job.ended()) return text;
  return text +
         fmt::format("; {} running, {} at their end", job.tasks_running(), job.tasks_ended());
}

std::string CheckpointsText(const proto::JobDetails& details) {
  std::string text = FormatCount(static_cast<int64_t>(details.checkpoints()));
  if (details.last_checkpoint() > 0)
    text += fmt::format(", the newest is {}", details.last_checkpoint());
  text += " in " + details.checkpoint_folder();
  if (details.restored_from() > 0)
    text += fmt::format("; restored from {}", details.restored_from());
  return text;
}

std::string OperatorTable(const proto::JobDetails& details) {
  std::vector<std::vector<std::string>> table = {
      {"operator", "uid", "kind", "parallelism", "in", "out", "late", "malformed", "watermark"}};
  for (const proto::NodeReportMessage& node : details.nodes()) {
    const proto::NodeMetrics& metrics = node.metrics();
    table.push_back(
        {EscapeForTerminal(node.name(), kNameColumnsMax),
         EscapeForTerminal(node.uid(), kNameColumnsMax), node.kind(),
         fmt::format("{}", node.parallelism()), fmt::format("{}", metrics.num_records_in()),
         fmt::format("{}", metrics.num_records_out()), fmt::format("{}", metrics.late().count()),
         fmt::format("{}", metrics.malformed().count()),
         WatermarkText(metrics.current_input_watermark())});
  }
  return FormatTable(table, "  ");
}

nlohmann::ordered_json SetAsideAsJson(const proto::SetAsideRecords& records,
                                      const std::string& place) {
  nlohmann::ordered_json json = {{"count", records.count()}};
  if (records.count() == 0) return json;
  json["firstPlace"] = place;
  json["firstReason"] = records.first_reason();
  json["firstExcerpt"] = records.first_excerpt();
  return json;
}

nlohmann::ordered_json NodeAsJson(const proto::NodeReportMessage& node) {
  const proto::NodeMetrics& metrics = node.metrics();
  const EventTime watermark = EventTime::FromMicros(metrics.current_input_watermark());
  nlohmann::ordered_json json = {
      {"name", node.name()},
      {"uid", node.uid()},
      {"kind", node.kind()},
      {"vertex", node.vertex()},
      {"parallelism", node.parallelism()},
      {"numRecordsIn", metrics.num_records_in()},
      {"numRecordsOut", metrics.num_records_out()},
      {"numBytesIn", metrics.num_bytes_in()},
      {"numBytesOut", metrics.num_bytes_out()},
      {"currentInputWatermark", nullptr},
      {"late", SetAsideAsJson(metrics.late(), node.first_late_place())},
      {"malformed", SetAsideAsJson(metrics.malformed(), node.first_malformed_place())}};
  if (watermark != EventTime::Min())
    json["currentInputWatermark"] = watermark == EventTime::Max() ? "end" : watermark.ToString();
  return json;
}

}  // namespace

std::string FormatJobDetails(const proto::GetJobDetailsResponse& response) {
  const proto::JobDetails& details = response.details();
  const proto::JobOverview& job = details.overview();
  std::string text = fmt::format("{}  {}\n", EscapeForTerminal(job.job_id(), 128),
                                 EscapeForTerminal(job.job_name(), kNameColumnsMax));
  text += Line("state", job.state() + (job.waiting_for().empty() ? "" : ": " + job.waiting_for()));
  text += Line("started", StartTimeOf(job) + (job.ended() ? ", took " : ", ") +
                              DurationOf(job, response.now_us()) + (job.ended() ? "" : " ago"));
  for (const proto::Argument& argument : details.arguments())
    text += Line("argument", "--" + argument.name() + "=" + argument.value());
  if (job.tasks() > 0) text += Line("tasks", TasksText(job));
  if (!details.checkpoint_folder().empty()) text += Line("checkpoints", CheckpointsText(details));
  if (job.restarts() > 0) text += Line("restarts", fmt::format("{}", job.restarts()));
  if (!details.last_failure().empty() && job.state() != "CANCELED")
    text += Line("last failure", details.last_failure());
  for (const proto::SlotsOfJob& slots : details.slots())
    text += Line("slots", fmt::format("{} at {}", slots.slots(), slots.address()));
  for (const proto::SinkReportMessage& sink : details.sinks()) {
    if (!sink.where().empty()) text += Line("output", sink.where());
  }
  for (const std::string& warning : details.warnings()) text += Line("warning", warning);
  if (details.nodes_size() > 0) text += "\n" + OperatorTable(details);
  return text;
}

std::string FormatJobDetailsAsJson(const proto::GetJobDetailsResponse& response) {
  const proto::JobDetails& details = response.details();
  nlohmann::ordered_json json = OverviewAsJson(details.overview(), response.now_us());
  json["leaderEpoch"] = response.leader_epoch();
  json["arguments"] = nlohmann::ordered_json::object();
  for (const proto::Argument& argument : details.arguments())
    json["arguments"][argument.name()] = argument.value();
  json["checkpoints"] = {{"completed", details.checkpoints()},
                         {"newest", details.last_checkpoint()},
                         {"folder", details.checkpoint_folder()},
                         {"restoredFrom", details.restored_from()}};
  json["lastFailure"] = details.last_failure();
  json["slots"] = nlohmann::ordered_json::array();
  for (const proto::SlotsOfJob& slots : details.slots())
    json["slots"].push_back({{"taskManager", slots.address()}, {"slots", slots.slots()}});
  json["output"] = nlohmann::ordered_json::array();
  for (const proto::SinkReportMessage& sink : details.sinks())
    if (!sink.where().empty()) json["output"].push_back(sink.where());
  json["warnings"] = nlohmann::ordered_json::array();
  for (const std::string& warning : details.warnings()) json["warnings"].push_back(warning);
  json["operators"] = nlohmann::ordered_json::array();
  for (const proto::NodeReportMessage& node : details.nodes())
    json["operators"].push_back(NodeAsJson(node));
  return Dump(json);
}

}  // namespace weir::cli
