#include "cli/summary_printer.h"

#include <string_view>

#include "absl/time/time.h"
#include "cli/csv_table.h"
#include "cli/human_text.h"
#include "cli/paths.h"
#include "core/operators/metric_group.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

constexpr size_t kExcerptColumnsMax = 100;
constexpr std::string_view kIndent = "  ";

// "  read       4,096 rows ..."
std::string Line(std::string_view label, const std::string& text) {
  return fmt::format("{}{:<10} {}\n", kIndent, label, text);
}

int64_t RowsRead(const JobResult& result) {
  int64_t rows = 0;
  for (const NodeReport& node : result.nodes) {
    if (node.kind == "source") rows += node.metrics.num_records_out;
  }
  return rows;
}

std::string FormatRead(const JobResult& result) {
  const int64_t rows = RowsRead(result);
  int64_t bytes = 0;
  for (const NodeReport& node : result.nodes) {
    if (node.kind == "source") bytes += node.metrics.num_bytes_in;
  }
  std::string text = FormatCountOf(rows, "row");
  if (bytes > 0) text += ", " + FormatBytes(static_cast<uint64_t>(bytes));
  const double seconds = absl::ToDoubleSeconds(result.runtime);
  if (rows > 0 && seconds > 0) {
    text += fmt::format(" ({} rows/s)", FormatRate(static_cast<double>(rows) / seconds));
  }
  return Line("read", text);
}

std::string FormatSetAside(std::string_view label, const SetAsideRecords& records,
                           const std::string& place, const NodeReport& node) {
  std::string text =
      Line(label, fmt::format("{} at {}", FormatCountOf(records.count, "row"), node.name));
  if (!place.empty()) text += Line("", "first: " + EscapeForTerminal(place, 400));
  const std::string reason = EscapeForTerminal(records.first_reason, 200);
  const std::string excerpt = EscapeForTerminal(records.first_excerpt, kExcerptColumnsMax);
  if (!reason.empty()) {
    text += Line("", fmt::format("{}: '{}'", reason, excerpt));
  } else if (!excerpt.empty()) {
    text += Line("", fmt::format("'{}'", excerpt));
  }
  return text;
}

std::string FormatAllSetAside(const JobResult& result) {
  std::string text;
  for (const NodeReport& node : result.nodes) {
    const MetricGroup& metrics = node.metrics;
    if (metrics.malformed.count > 0) {
      text += FormatSetAside("malformed", metrics.malformed, node.first_malformed_place, node);
    }
    if (metrics.late.count > 0) {
      text += FormatSetAside("late", metrics.late, node.first_late_place, node);
    }
    if (metrics.implausible_event_times > 0) {
      text += Line("odd times",
                   fmt::format("{} at {} with an event time outside the plausible range",
                               FormatCountOf(metrics.implausible_event_times, "row"), node.name));
    }
  }
  return text.empty() ? Line("set aside", "nothing: no malformed and no late rows") : text;
}

std::string FormatOutput(const JobResult& result, const SummaryOptions& options) {
  int64_t rows = 0;
  for (const NodeReport& node : result.nodes) {
    if (node.kind == "sink") rows += node.metrics.num_records_in;
  }
  std::string text = Line("wrote", FormatCountOf(rows, "row"));
  for (const SinkReport& sink : result.sinks) {
    if (sink.where.empty()) continue;
    text += Line("output", EscapeForTerminal(ShortPath(sink.where, options.user_directory), 400));
  }
  return text;
}

std::string FormatFirstRows(const JobResult& result) {
  std::string text;
  for (const SinkReport& sink : result.sinks) {
    if (sink.first_rows.empty()) continue;
    text += "\n" + FormatCsvTable(sink.first_rows, kIndent);
  }
  return text;
}

// What it took to get here.
std::string FormatRecovery(const JobResult& result) {
  if (result.checkpoints == 0 && result.restarts == 0 && result.restored_from.value() == 0)
    return "";
  std::string text = FormatCountOf(static_cast<int64_t>(result.checkpoints), "checkpoint");
  if (result.restored_from.value() > 0) {
    text += fmt::format(", restored from checkpoint {}", result.restored_from.value());
  }
  if (result.restarts > 0) text += ", " + FormatCountOf(result.restarts, "restart");
  return Line("recovery", text);
}

}  // namespace

std::string FormatSummary(const std::string& job, const JobResult& result,
                          const SummaryOptions& options) {
  std::string text = fmt::format("{} {} after {}\n", job, JobStateName(result.state),
                                 FormatElapsed(result.runtime));
  const bool finished = result.state == JobState::kFinished;
  if (!finished && RowsRead(result) == 0) return text;  // As good as never started.
  text += FormatRead(result);
  if (!finished) {
    text += Line("output", "not complete: only what a checkpoint has committed is visible");
    return text + FormatRecovery(result) + FormatAllSetAside(result);
  }
  return text + FormatOutput(result, options) + FormatRecovery(result) + FormatAllSetAside(result) +
         FormatFirstRows(result);
}

}  // namespace weir::cli
