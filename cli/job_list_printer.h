// What `weir list` prints. Pure.
#ifndef WEIR_CLI_JOB_LIST_PRINTER_H_
#define WEIR_CLI_JOB_LIST_PRINTER_H_

#include <cstdint>
#include <string>

#include "core/proto/control.pb.h"
#include "nlohmann/json.hpp"

namespace weir::cli {

// A table, newest first; those that have ended only with `all`.
std::string FormatJobList(const proto::ListJobsResponse& jobs, bool all);
// {"leaderEpoch", "jobs": [...]}
std::string FormatJobListAsJson(const proto::ListJobsResponse& jobs, bool all);

std::string FormatCluster(const proto::GetClusterOverviewResponse& cluster);
std::string FormatClusterAsJson(const proto::GetClusterOverviewResponse& cluster);

// One job of a list, also the beginning of its details. `now_us`: the JobManager's clock.
nlohmann::ordered_json OverviewAsJson(const proto::JobOverview& job, int64_t now_us);
// As people read it; "-" if unknown.
std::string StartTimeOf(const proto::JobOverview& job);
std::string DurationOf(const proto::JobOverview& job, int64_t now_us);
// With whatever is no UTF-8 replaced, and a newline.
std::string Dump(const nlohmann::ordered_json& json);

}  // namespace weir::cli

#endif  // WEIR_CLI_JOB_LIST_PRINTER_H_
