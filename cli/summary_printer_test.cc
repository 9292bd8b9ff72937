#include "cli/summary_printer.h"

#include "gtest/gtest.h"

namespace weir::cli {
namespace {

NodeReport Node(std::string name, std::string kind, int64_t in, int64_t out) {
  NodeReport node;
  node.name = std::move(name);
  node.kind = std::move(kind);
  node.metrics.num_records_in = in;
  node.metrics.num_records_out = out;
  return node;
}

JobResult Finished() {
  JobResult result;
  result.state = JobState::kFinished;
  result.runtime = absl::Milliseconds(1200);
  result.nodes = {Node("package log", "source", 0, 123456), Node("count", "operator", 123456, 312),
                  Node("csv", "sink", 312, 0)};
  result.nodes[0].metrics.num_bytes_in = 8'400'000;
  result.sinks = {{.where = "/home/me/weir-out/package_activity",
                   .first_rows = {"window_start,window_end,action,count",
                                  "2026-05-20T10:00:00Z,2026-05-20T11:00:00Z,install,12",
                                  "2026-05-20T10:00:00Z,2026-05-20T11:00:00Z,status,345"}}};
  return result;
}

const SummaryOptions kAtHome = {.user_directory = "/home/me"};

TEST(FormatSummary, OfAFinishedJob) {
  EXPECT_EQ(FormatSummary("package_activity", Finished(), kAtHome),
            R"(package_activity FINISHED after 1.2 s
  read       123,456 rows, 8.4 MB (103k rows/s)
  wrote      312 rows
  output     weir-out/package_activity
  set aside  nothing: no malformed and no late rows

  window_start          window_end            action   count
  2026-05-20T10:00:00Z  2026-05-20T11:00:00Z  install     12
  2026-05-20T10:00:00Z  2026-05-20T11:00:00Z  status     345
)");
}

TEST(FormatSummary, NamesWhatWasSetAside) {
  JobResult result = Finished();
  result.sinks = {};
  SetAsideRecords& malformed = result.nodes[0].metrics.malformed;
  malformed.count = 3;
  malformed.first_excerpt = "garbage \x1b[31m\xFF";
  malformed.first_reason = "fewer than 3 fields";
  result.nodes[0].first_malformed_place = "/var/log/dpkg.log, byte 1234";
  result.nodes[1].metrics.late.count = 1;
  result.nodes[1].metrics.late.first_excerpt = "{action=install}";
  result.nodes[1].metrics.late.first_reason = "its window ended at 2026-05-20T11:00:00Z";
  result.nodes[1].first_late_place = "/var/log/dpkg.log, byte 99";
  result.nodes[1].metrics.implausible_event_times = 2;
  EXPECT_EQ(FormatSummary("package_activity", result, kAtHome),
            R"(package_activity FINISHED after 1.2 s
  read       123,456 rows, 8.4 MB (103k rows/s)
  wrote      312 rows
  malformed  3 rows at package log
             first: /var/log/dpkg.log, byte 1234
             fewer than 3 fields: 'garbage \x1b[31m\xff'
  late       1 row at count
             first: /var/log/dpkg.log, byte 99
             its window ended at 2026-05-20T11:00:00Z: '{action=install}'
  odd times  2 rows at count with an event time outside the plausible range
)");
}

TEST(FormatSummary, SaysWhatItTook) {
  JobResult result = Finished();
  result.checkpoints = 3;
  const auto line = [&] {
    const std::string text = FormatSummary("package_activity", result, kAtHome);
    const size_t begin = text.find("  recovery");
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_EQ(line(), "  recovery   3 checkpoints");
  result.restored_from = CheckpointId(7);
  result.restarts = 1;
  EXPECT_EQ(line(), "  recovery   3 checkpoints, restored from checkpoint 7, 1 restart");
}

TEST(FormatSummary, OfACancelledJob) {
  JobResult result = Finished();
  result.state = JobState::kCanceled;
  EXPECT_EQ(FormatSummary("package_activity", result, kAtHome),
            R"(package_activity CANCELED after 1.2 s
  read       123,456 rows, 8.4 MB (103k rows/s)
  output     not complete: only what a checkpoint has committed is visible
  set aside  nothing: no malformed and no late rows
)");
}

TEST(FormatSummary, OfAJobThatReadNothing) {
  JobResult result;
  result.state = JobState::kFailed;
  result.nodes = {Node("lines", "source", 0, 0)};
  EXPECT_EQ(FormatSummary("word_count", result, kAtHome), "word_count FAILED after 0 ms\n");
}

}  // namespace
}  // namespace weir::cli
