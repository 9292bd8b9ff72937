#include "cli/progress_printer.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "gtest/gtest.h"

namespace weir::cli {
namespace {

JobProgress Running() {
  JobProgress progress;
  progress.state = JobState::kRunning;
  progress.source_rows = 1234567;
  progress.source_bytes = 4'200'000;
  progress.source_bytes_total = 8'400'000;
  progress.watermark = EventTime::FromSeconds(1'779'271'872);
  return progress;
}

// What `write` prints.
template <class Write>
std::string Printed(Write write) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* const out = open_memstream(&text, &size);
  write(out);
  std::fclose(out);
  std::string result(text, size);
  std::free(text);
  return result;
}

TEST(FormatProgress, SaysHowFar) {
  EXPECT_EQ(
      FormatProgress("job", Running(), {.rows_per_second = 87'100, .bytes_per_second = 300'000}),
      "job  1,234,567 rows  87.1k rows/s  50% of 8.4 MB  0:14 to go  event time "
      "2026-05-20T10:11:12Z");
}

TEST(FormatProgress, NamesWhatWasSetAside) {
  JobProgress progress = Running();
  progress.watermark = EventTime::Min();
  progress.source_bytes_total = 0;
  progress.malformed = 3;
  progress.late = 1000;
  EXPECT_EQ(FormatProgress("job", progress, {}),
            "job  1,234,567 rows  0 rows/s  4.2 MB  3 malformed  1,000 late");
}

TEST(FormatProgress, CountsCheckpoints) {
  JobProgress progress = Running();
  progress.watermark = EventTime::Min();
  progress.checkpoints = 2;
  EXPECT_EQ(FormatProgress("job", progress, {}),
            "job  1,234,567 rows  0 rows/s  50% of 8.4 MB  2 checkpoints");
  progress.state = JobState::kRestarting;
  EXPECT_EQ(FormatProgress("job", progress, {}), "job  restarting");
}

TEST(ProgressPrinter, SaysEachRestartOnce) {
  JobProgress progress = Running();
  const std::string said = Printed([&](std::FILE* out) {
    ProgressPrinter printer("job", out, {});
    printer.OnProgress(progress, absl::Seconds(1));
    progress.restarts = 1;
    progress.last_failure = "disk\x1b full";
    printer.OnProgress(progress, absl::Seconds(2));
    printer.OnProgress(progress, absl::Seconds(3));
  });
  EXPECT_EQ(said, "job: restart 1: disk\\x1b full\n");
}

TEST(FormatProgress, SaysWhatItWaitsFor) {
  JobProgress progress;
  EXPECT_EQ(FormatProgress("job", progress, {}), "job  waiting");
  progress.waiting_for = "4 slots";
  EXPECT_EQ(FormatProgress("job", progress, {}), "job  waiting for 4 slots");
}

TEST(FormatProgress, ShowsNoNumbersBeforeThereAreAny) {
  JobProgress progress;
  progress.state = JobState::kRunning;
  progress.source_bytes_total = 8'400'000;
  EXPECT_EQ(FormatProgress("job", progress, {}), "job  no rows yet");
}

TEST(FormatProgress, NeverClaimsToBeDoneEarly) {
  JobProgress progress = Running();
  progress.source_bytes = 8'399'999;
  EXPECT_NE(FormatProgress("job", progress, {}).find("99% of"), std::string::npos);
  progress.source_bytes = 9'000'000;
  EXPECT_NE(FormatProgress("job", progress, {}).find("100% of"), std::string::npos);
}

TEST(RateMeter, LooksAtTheLastSamples) {
  RateMeter meter;
  EXPECT_EQ(meter.Update(absl::Seconds(2), 200, 20).rows_per_second, 100);
  RateMeter::Rates rates;
  for (int i = 3; i <= 40; ++i)
    rates = meter.Update(absl::Seconds(i), 200 + 1000 * (i - 2), 20 * i);
  EXPECT_EQ(rates.rows_per_second, 1000);
  EXPECT_EQ(rates.bytes_per_second, 20);
}

TEST(ProgressPrinter, OverwritesItsLineOnATerminal) {
  const std::string text = Printed([](std::FILE* out) {
    ProgressPrinter printer("job", out, {.terminal = true, .columns_max = 11});
    printer.OnProgress(Running(), absl::Seconds(1));
    printer.Say("cancelling");
    printer.OnProgress(Running(), absl::Seconds(2));
  });
  EXPECT_EQ(text, "\r\x1b[Kjob  1,234\r\x1b[Kcancelling\n\r\x1b[Kjob  1,234\r\x1b[K");
}

TEST(ProgressPrinter, LogsNowAndThenElsewhere) {
  const std::string text = Printed([](std::FILE* out) {
    ProgressPrinter printer("job", out, {.terminal = false});
    for (int i = 1; i <= 100; ++i) printer.OnProgress(Running(), absl::Milliseconds(110) * i);
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace weir::cli
