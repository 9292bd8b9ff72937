// What one simulated run has shown: its verdict, what broke first, and how much was done and compared. Pure data, with a text form
// that passes from one process to another.
#ifndef WEIR_SIM_SEED_REPORT_H_
#define WEIR_SIM_SEED_REPORT_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace weir::sim {

enum class Verdict : uint8_t {
  kClean,
  kCorrectness,  // An oracle was violated.
  kLiveness,     // The healed world made no progress.
  kCrash,        // The process died: a failed check, or worse.
  kVacuous,      // Nothing was compared, or no checkpoint completed.
};
std::string_view VerdictName(Verdict verdict);  // "clean", "correctness", ...

struct SeedReport {
  uint64_t seed = 0;
  std::string job;
  Verdict verdict = Verdict::kClean;

  // What broke first; of a verdict other than kClean.
  std::string oracle;
  int64_t at_ns = 0;  // Virtual time since the world began.
  std::string where;  // Machine, and subtask if that is known.
  std::string what;

  std::string plan;  // The fault plan, as text.
  uint64_t digest = 0;
  uint64_t events = 0;
  int64_t simulated_ns = 0;

  uint64_t checkpoints = 0;   // Completed.
  uint64_t recoveries = 0;    // Attempts that began from a checkpoint.
  uint64_t file_crashes = 0;  // Processes that died between two file calls.
  uint64_t rows_compared = 0;
  std::map<std::string, uint64_t> fired;   // Faults that something felt, by kind.
  std::map<std::string, uint64_t> counts;  // What else was seen to happen, by name.
};

std::string ToJson(const SeedReport& report);
// DataLoss if `text` is not what ToJson wrote.
absl::StatusOr<SeedReport> SeedReportFromJson(std::string_view text);

}  // namespace weir::sim

#endif  // WEIR_SIM_SEED_REPORT_H_
