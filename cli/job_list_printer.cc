#include "cli/job_list_printer.h"

#include <algorithm>
#include <vector>

#include "absl/time/time.h"
#include "cli/human_text.h"
#include "cli/text_table.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

constexpr size_t kNameColumnsMax = 40;
constexpr size_t kNoteColumnsMax = 80;

// Newest first.
std::vector<const proto::JobOverview*> Sorted(const proto::ListJobsResponse& jobs, bool all) {
  std::vector<const proto::JobOverview*> sorted;
  for (const proto::JobOverview& job : jobs.jobs()) {
    if (all || !job.ended()) sorted.push_back(&job);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return a->start_time_us() > b->start_time_us();
  });
  return sorted;
}

std::string TimeText(int64_t us) {
  if (us == 0) return "-";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(us), absl::UTCTimeZone());
}

// Absent where it is not known.
nlohmann::ordered_json TimeOrNull(int64_t us) {
  if (us == 0) return nullptr;
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMicros(us), absl::UTCTimeZone());
}

// Microseconds from its submission to its end, or to now; -1: unknown.
int64_t DurationUs(const proto::JobOverview& job, int64_t now_us) {
  const int64_t end = job.ended() ? job.end_time_us() : now_us;
  if (job.start_time_us() == 0 || end == 0) return -1;
  return std::max<int64_t>(0, end - job.start_time_us());
}

std::string TasksOf(const proto::JobOverview& job) {
  if (job.tasks() == 0) return "-";
  if (job.ended()) return fmt::format("{}", job.tasks());
  return fmt::format("{}/{}", job.tasks_running() + job.tasks_ended(), job.tasks());
}

std::string NoteOf(const proto::JobOverview& job) {
  const std::string& note = job.waiting_for().empty() ? job.summary() : job.waiting_for();
  return EscapeForTerminal(note.substr(0, note.find('\n')), kNoteColumnsMax);
}

}  // namespace

std::string StartTimeOf(const proto::JobOverview& job) { return TimeText(job.start_time_us()); }

std::string DurationOf(const proto::JobOverview& job, int64_t now_us) {
  const int64_t duration = DurationUs(job, now_us);
  return duration < 0 ? "-" : FormatElapsed(absl::Microseconds(duration));
}

std::string Dump(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string FormatJobList(const proto::ListJobsResponse& jobs, bool all) {
  const std::vector<const proto::JobOverview*> sorted = Sorted(jobs, all);
  if (sorted.empty()) {
    if (jobs.jobs_size() == 0) return "There are no jobs. `weir submit JOB` starts one.\n";
    return fmt::format("No job is going on. `weir list --all` shows {} that {} ended.\n",
                       FormatCountOf(jobs.jobs_size(), "job"),
                       jobs.jobs_size() == 1 ? "has" : "have");
  }
  std::vector<std::vector<std::string>> table = {
      {"id", "name", "state", "started", "duration", "tasks", "slots", "restarts", ""}};
  for (const proto::JobOverview* job : sorted) {
    table.push_back({EscapeForTerminal(job->job_id(), 128),
                     EscapeForTerminal(job->job_name(), kNameColumnsMax),
                     EscapeForTerminal(job->state(), kNameColumnsMax), StartTimeOf(*job),
                     DurationOf(*job, jobs.now_us()), TasksOf(*job),
                     job->slots() == 0 ? "-" : fmt::format("{}", job->slots()),
                     fmt::format("{}", job->restarts()), NoteOf(*job)});
  }
  return FormatTable(table, "");
}

nlohmann::ordered_json OverviewAsJson(const proto::JobOverview& job, int64_t now_us) {
  const int64_t duration = DurationUs(job, now_us);
  nlohmann::ordered_json json = {
      {"id", job.job_id()},
      {"name", job.job_name()},
      {"state", job.state()},
      {"ended", job.ended()},
      {"startTime", TimeOrNull(job.start_time_us())},
      {"endTime", TimeOrNull(job.end_time_us())},
      {"durationMs", nullptr},
      {"parallelism", job.parallelism()},
      {"tasks",
       {{"total", job.tasks()}, {"running", job.tasks_running()}, {"ended", job.tasks_ended()}}},
      {"slotsNeeded", job.slots()},
      {"restarts", job.restarts()},
      {"waitingFor", job.waiting_for()},
      {"summary", job.summary()}};
  if (duration >= 0) json["durationMs"] = duration / 1000;
  return json;
}

std::string FormatJobListAsJson(const proto::ListJobsResponse& jobs, bool all) {
  nlohmann::ordered_json json = {{"leaderEpoch", jobs.leader_epoch()},
                                 {"jobs", nlohmann::ordered_json::array()}};
  for (const proto::JobOverview* job : Sorted(jobs, all))
    json["jobs"].push_back(OverviewAsJson(*job, jobs.now_us()));
  return Dump(json);
}

std::string FormatCluster(const proto::GetClusterOverviewResponse& cluster) {
  std::string text =
      fmt::format("JobManager {}, leader epoch {}", cluster.address(), cluster.leader_epoch());
  if (!cluster.build_id().empty()) text += ", build " + EscapeForTerminal(cluster.build_id(), 100);
  text += "\n";
  if (cluster.fenced_messages() > 0) {
    text += fmt::format("{} of older leaders, attempts and processes refused\n",
                        FormatCountOf(cluster.fenced_messages(), "message"));
  }
  if (cluster.task_managers_size() == 0) {
    return text + "No TaskManager has registered. `weir taskmanager` starts one.\n";
  }
  std::vector<std::vector<std::string>> table = {{"taskmanager", "slots", "free", "last heard of"}};
  for (const proto::TaskManagerOverview& task_manager : cluster.task_managers()) {
    table.push_back(
        {EscapeForTerminal(task_manager.address(), 100), fmt::format("{}", task_manager.slots()),
         fmt::format("{}", task_manager.free_slots()),
         FormatElapsed(absl::Milliseconds(task_manager.since_heartbeat_ms())) + " ago"});
  }
  return text + FormatTable(table, "");
}

std::string FormatClusterAsJson(const proto::GetClusterOverviewResponse& cluster) {
  nlohmann::ordered_json json = {{"jobManager", cluster.address()},
                                 {"leaderEpoch", cluster.leader_epoch()},
                                 {"clusterId", cluster.cluster_id()},
                                 {"buildId", cluster.build_id()},
                                 {"fencedMessages", cluster.fenced_messages()},
                                 {"taskManagers", nlohmann::ordered_json::array()}};
  for (const proto::TaskManagerOverview& task_manager : cluster.task_managers()) {
    json["taskManagers"].push_back({{"address", task_manager.address()},
                                    {"slots", task_manager.slots()},
                                    {"freeSlots", task_manager.free_slots()},
                                    {"sinceHeartbeatMs", task_manager.since_heartbeat_ms()}});
  }
  return Dump(json);
}

}  // namespace weir::cli
