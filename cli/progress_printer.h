// ProgressPrinter: says on stderr how far a running job is: one line that is overwritten in place
// on a terminal, a log line every few seconds elsewhere. Belongs to the thread that runs the
// command.
#ifndef WEIR_CLI_PROGRESS_PRINTER_H_
#define WEIR_CLI_PROGRESS_PRINTER_H_

#include <cstddef>
#include <cstdio>
#include <string>

#include "absl/time/time.h"
#include "core/cluster/job_result.h"

namespace weir::cli {

struct ProgressPrinterOptions {
  bool terminal = false;                           // Overwrite one line.
  size_t columns_max = 80;                         // Of the terminal.
  absl::Duration log_interval = absl::Seconds(5);  // Elsewhere.
};

// Rows per second and time to go, from what was said over the last seconds.
class RateMeter {
 public:
  struct Rates {
    double rows_per_second = 0;
    double bytes_per_second = 0;
  };
  // `elapsed`: since the job was submitted; never goes back.
  Rates Update(absl::Duration elapsed, int64_t rows, int64_t bytes);

 private:
  struct Sample {
    absl::Duration at;
    int64_t rows = 0;
    int64_t bytes = 0;
  };
  static constexpr size_t kSamples = 16;
  Sample samples_[kSamples];
  size_t count_ = 0;
};

// "word_count  1,234 rows  87.1k rows/s  12% of 8.4 MB  0:12 to go  event time 2026-05-20T10:11:12Z
// 2 checkpoints  3 malformed". Pure.
std::string FormatProgress(const std::string& job, const JobProgress& progress,
                           const RateMeter::Rates& rates);

class ProgressPrinter {
 public:
  // `out` must outlive the printer.
  ProgressPrinter(std::string job, std::FILE* out, ProgressPrinterOptions options);
  // Clears the line.
  ~ProgressPrinter();
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  void OnProgress(const JobProgress& progress, absl::Duration elapsed);
  // Prints a line of its own, e.g. that the job is being cancelled.
  void Say(const std::string& line);
  // Takes the progress line off the terminal.
  void Clear();

 private:
  const std::string job_;
  std::FILE* const out_;
  const ProgressPrinterOptions options_;
  RateMeter meter_;
  bool shown_ = false;
  int restarts_ = 0;  // That were said.
  absl::Duration next_log_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_PROGRESS_PRINTER_H_
