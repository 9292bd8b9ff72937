#include "cli/progress_printer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/human_text.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

// Back to the first column and erase to the end of the line; understood by every terminal that can
// move its cursor.
constexpr const char* kEraseLine = "\r\x1b[K";

std::string FormatRemaining(double seconds) {
  const int64_t whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 3600) return fmt::format("{}:{:02} to go", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02} to go", whole / 3600, whole % 3600 / 60, whole % 60);
}

// How much of the input has been read. Compressed input may turn out longer than the files are,
// hence the 99%.
std::string FormatShare(const JobProgress& progress, double bytes_per_second) {
  if (progress.source_bytes_total == 0)
    return FormatBytes(static_cast<uint64_t>(progress.source_bytes));
  const double total = static_cast<double>(progress.source_bytes_total);
  const double left = total - static_cast<double>(progress.source_bytes);
  const int percent =
      std::clamp(static_cast<int>(100 * (1 - left / total)), 0, left > 0 ? 99 : 100);
  std::string text = fmt::format("{}% of {}", percent, FormatBytes(progress.source_bytes_total));
  if (bytes_per_second > 0 && left > 0) text += "  " + FormatRemaining(left / bytes_per_second);
  return text;
}

}  // namespace

RateMeter::Rates RateMeter::Update(absl::Duration elapsed, int64_t rows, int64_t bytes) {
  // Against the oldest sample that is kept: about the last three seconds, at five samples a second.
  const Sample oldest = count_ < kSamples ? Sample{} : samples_[count_ % kSamples];
  samples_[count_ % kSamples] = {elapsed, rows, bytes};
  ++count_;
  const double seconds = absl::ToDoubleSeconds(elapsed - oldest.at);
  if (seconds <= 0) return {};
  return {.rows_per_second = static_cast<double>(rows - oldest.rows) / seconds,
          .bytes_per_second = static_cast<double>(bytes - oldest.bytes) / seconds};
}

std::string FormatProgress(const std::string& job, const JobProgress& progress,
                           const RateMeter::Rates& rates) {
  if (progress.state == JobState::kCreated) {
    const std::string& reason = progress.waiting_for;
    return fmt::format("{}  waiting{}{}", job, reason.empty() ? "" : " for ", reason);
  }
  if (progress.state == JobState::kRestarting) return fmt::format("{}  restarting", job);
  if (progress.source_rows == 0 && progress.malformed == 0) {
    return fmt::format("{}  no rows yet", job);
  }
  std::string text =
      fmt::format("{}  {}  {} rows/s  {}", job, FormatCountOf(progress.source_rows, "row"),
                  FormatRate(rates.rows_per_second), FormatShare(progress, rates.bytes_per_second));
  if (progress.watermark != EventTime::Min() && progress.watermark != EventTime::Max()) {
    // Whole seconds are enough here.
    const EventTime second = EventTime::FromSeconds(progress.watermark.micros() / 1'000'000);
    text += "  event time " + second.ToString();
  }
  if (progress.checkpoints > 0) {
    text += "  " + FormatCountOf(static_cast<int64_t>(progress.checkpoints), "checkpoint");
  }
  if (progress.malformed > 0)
    text += fmt::format("  {} malformed", FormatCount(progress.malformed));
  if (progress.late > 0) text += fmt::format("  {} late", FormatCount(progress.late));
  return text;
}

ProgressPrinter::ProgressPrinter(std::string job, std::FILE* out, ProgressPrinterOptions options)
    : job_(std::move(job)), out_(out), options_(options), next_log_(options.log_interval) {}

ProgressPrinter::~ProgressPrinter() { Clear(); }

void ProgressPrinter::OnProgress(const JobProgress& progress, absl::Duration elapsed) {
  const RateMeter::Rates rates =
      meter_.Update(elapsed, progress.source_rows, progress.source_bytes);
  if (progress.restarts > restarts_) {
    restarts_ = progress.restarts;
    Say(fmt::format("{}: restart {}: {}", job_, restarts_,
                    EscapeForTerminal(progress.last_failure, 400)));
  }
  if (!options_.terminal) {
    if (elapsed < next_log_) return;
    while (next_log_ <= elapsed) next_log_ += options_.log_interval;
    fmt::print(out_, "{}\n", FormatProgress(job_, progress, rates));
    std::fflush(out_);
    return;
  }
  // The last column stays free: some terminals wrap when it is written.
  const std::string line = FormatProgress(job_, progress, rates);
  const std::string_view visible =
      FirstColumns(line, std::max<size_t>(options_.columns_max, 2) - 1);
  fmt::print(out_, "{}{}", kEraseLine, visible);
  std::fflush(out_);
  shown_ = true;
}

void ProgressPrinter::Say(const std::string& line) {
  Clear();
  fmt::print(out_, "{}\n", line);
  std::fflush(out_);
}

void ProgressPrinter::Clear() {
  if (!shown_) return;
  fmt::print(out_, "{}", kEraseLine);
  std::fflush(out_);
  shown_ = false;
}

}  // namespace weir::cli
