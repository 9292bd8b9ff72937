#include "sim/seed_report.h"

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

namespace weir::sim {

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kClean:
      return "clean";
    case Verdict::kCorrectness:
      return "correctness";
    case Verdict::kLiveness:
      return "liveness";
    case Verdict::kCrash:
      return "crash";
    case Verdict::kVacuous:
      return "vacuous";
  }
  return "unknown";
}

std::string ToJson(const SeedReport& report) {
  const nlohmann::json json = {{"seed", report.seed},
                               {"job", report.job},
                               {"verdict", static_cast<int>(report.verdict)},
                               {"oracle", report.oracle},
                               {"at_ns", report.at_ns},
                               {"where", report.where},
                               {"what", report.what},
                               {"plan", report.plan},
                               {"digest", report.digest},
                               {"events", report.events},
                               {"simulated_ns", report.simulated_ns},
                               {"checkpoints", report.checkpoints},
                               {"recoveries", report.recoveries},
                               {"file_crashes", report.file_crashes},
                               {"rows_compared", report.rows_compared},
                               {"fired", report.fired},
                               {"counts", report.counts}};
  // Messages may quote bytes that are no text.
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

absl::StatusOr<SeedReport> SeedReportFromJson(std::string_view text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  SeedReport report;
  try {
    report.seed = json.at("seed").get<uint64_t>();
    report.job = json.at("job").get<std::string>();
    report.verdict = static_cast<Verdict>(json.at("verdict").get<int>());
    report.oracle = json.at("oracle").get<std::string>();
    report.at_ns = json.at("at_ns").get<int64_t>();
    report.where = json.at("where").get<std::string>();
    report.what = json.at("what").get<std::string>();
    report.plan = json.at("plan").get<std::string>();
    report.digest = json.at("digest").get<uint64_t>();
    report.events = json.at("events").get<uint64_t>();
    report.simulated_ns = json.at("simulated_ns").get<int64_t>();
    report.checkpoints = json.at("checkpoints").get<uint64_t>();
    report.recoveries = json.at("recoveries").get<uint64_t>();
    report.file_crashes = json.at("file_crashes").get<uint64_t>();
    report.rows_compared = json.at("rows_compared").get<uint64_t>();
    report.fired = json.at("fired").get<std::map<std::string, uint64_t>>();
    report.counts = json.at("counts").get<std::map<std::string, uint64_t>>();
  } catch (const nlohmann::json::exception&) {
    return absl::DataLossError("not the report of a simulated run");
  }
  return report;
}

}  // namespace weir::sim
