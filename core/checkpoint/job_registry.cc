#include "core/checkpoint/job_registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/sealed_file.h"
#include "google/protobuf/message_lite.h"

namespace weir {
namespace {

constexpr std::string_view kLeaderSeries = "leader";
constexpr std::string_view kJobPrefix = "job-";
constexpr size_t kJobIdBytesMax = 128;
constexpr int kReadTriesMax = 16;

std::string JobSeries(const std::string& job_id) { return std::string(kJobPrefix) + job_id; }

std::string Sealed(const SealedKind& kind, const google::protobuf::MessageLite& message) {
  absl::StatusOr<std::string> bytes = SealFile(kind, message);
  WEIR_CHECK_OK(bytes);
  return *std::move(bytes);
}

// "job-<id>-<n>" and its candidates.
struct JobFileName {
  std::string job_id;
  SeriesFileName file;
};
std::optional<JobFileName> ParseJobFileName(std::string_view name) {
  if (name.substr(0, kJobPrefix.size()) != kJobPrefix) return std::nullopt;
  // Ids hold no dot, but a candidate's part behind the dot may hold a dash.
  const size_t dash = name.substr(0, name.find('.')).find_last_of('-');
  if (dash == std::string_view::npos || dash < kJobPrefix.size()) return std::nullopt;
  const std::optional<SeriesFileName> file = ParseSeriesName(name.substr(0, dash), name);
  if (!file.has_value()) return std::nullopt;
  return JobFileName{std::string(name.substr(kJobPrefix.size(), dash - kJobPrefix.size())), *file};
}

std::map<std::string, uint64_t> NewestOfJobs(const std::vector<DirectoryEntry>& entries) {
  std::map<std::string, uint64_t> newest;
  for (const DirectoryEntry& entry : entries) {
    const std::optional<JobFileName> name = ParseJobFileName(entry.name);
    if (!name.has_value() || name->file.candidate) continue;
    uint64_t& sequence = newest[name->job_id];
    sequence = std::max(sequence, name->file.sequence);
  }
  return newest;
}

bool IsReplaced(const SeriesFileName& file, uint64_t newest) {
  return file.sequence < newest || (file.candidate && file.sequence == newest);
}

}  // namespace

absl::Status ValidateJobIdForRegistry(const JobId& job) {
  const std::string& id = job.value();
  const bool valid =
      !id.empty() && id.size() <= kJobIdBytesMax && std::all_of(id.begin(), id.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
      });
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "job id '%s': letters, digits, '-' and '_' only, 1 to %d of them", id, kJobIdBytesMax));
}

// ---- TakeLeadershipTask ----

TakeLeadershipTask::TakeLeadershipTask(FileSystem& file_system, std::string folder,
                                       uint64_t process_incarnation, std::string address)
    : file_system_(file_system),
      folder_(std::move(folder)),
      read_(file_system, {folder_, std::string(kLeaderSeries)}) {
  record_.set_process_incarnation(process_incarnation);
  record_.set_address(std::move(address));
}

absl::StatusOr<StepResult> TakeLeadershipTask::Step() {
  if (publish_.has_value()) return publish_->Step();
  WEIR_ASSIGN_OR_RETURN(const StepResult result, read_.Step());
  if (result == StepResult::kMore) return StepResult::kMore;
  // What the former leader wrote is for people; its number is what counts.
  const uint64_t sequence = read_.sequence() + 1;
  record_.set_sequence(sequence);
  epoch_ = LeaderEpoch(sequence);
  publish_.emplace(file_system_, SeriesPlace{folder_, std::string(kLeaderSeries)}, sequence,
                   absl::StrFormat("%016x", record_.process_incarnation()),
                   Sealed(kLeaderFile, record_));
  return StepResult::kMore;
}

// ---- ConfirmLeadershipTask ----

ConfirmLeadershipTask::ConfirmLeadershipTask(FileSystem& file_system, std::string folder,
                                             LeaderEpoch ours)
    : file_system_(file_system), folder_(std::move(folder)), ours_(ours) {}

absl::StatusOr<StepResult> ConfirmLeadershipTask::Step() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, file_system_.List(folder_));
  const uint64_t newest = NewestOfSeries(kLeaderSeries, entries);
  if (newest <= ours_.value()) return StepResult::kDone;
  return absl::AbortedError(absl::StrFormat("fenced: %s leads, this process has %s",
                                            LeaderEpoch(newest).ToString(), ours_.ToString()));
}

// ---- WriteJobRecordTask ----

WriteJobRecordTask::WriteJobRecordTask(FileSystem& file_system, std::string folder,
                                       const proto::JobRecord& record, uint64_t write)
    : publish_(file_system, {std::move(folder), JobSeries(record.job_id())}, record.sequence(),
               absl::StrCat("e", record.leader_epoch(), "-", write),
               Sealed(kJobRecordFile, record)) {
  WEIR_CHECK_OK(ValidateJobIdForRegistry(JobId(record.job_id())));
}

// ---- ReadJobsTask ----

ReadJobsTask::ReadJobsTask(FileSystem& file_system, std::string folder)
    : file_system_(file_system), folder_(std::move(folder)) {}

absl::Status ReadJobsTask::Decode() {
  proto::JobRecord& record = jobs_.emplace_back();
  WEIR_RETURN_IF_ERROR(UnsealMessage(kJobRecordFile, read_->bytes(), read_->path(), record));
  const auto& [job_id, sequence] = *newest_.begin();
  if (record.job_id() == job_id && record.sequence() == sequence) return absl::OkStatus();
  return DamagedFile(kJobRecordFile.name, read_->path(), "it is about another job or number");
}

absl::StatusOr<StepResult> ReadJobsTask::Step() {
  if (!listed_) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, file_system_.List(folder_));
    newest_ = NewestOfJobs(entries);
    jobs_.clear();
    listed_ = true;
    return newest_.empty() ? StepResult::kDone : StepResult::kMore;
  }
  if (!read_.has_value()) {
    const auto& [job_id, sequence] = *newest_.begin();
    read_.emplace(file_system_, JoinPath(folder_, SeriesName(JobSeries(job_id), sequence)));
  }
  const absl::StatusOr<StepResult> result = read_->Step();
  if (absl::IsNotFound(result.status()) && ++tries_ < kReadTriesMax) {
    // Replaced and collected since the folder was listed.
    listed_ = false;
    read_.reset();
    return StepResult::kMore;
  }
  WEIR_RETURN_IF_ERROR(result.status());
  if (*result == StepResult::kMore) return StepResult::kMore;
  WEIR_RETURN_IF_ERROR(Decode());
  read_.reset();
  newest_.erase(newest_.begin());
  return newest_.empty() ? StepResult::kDone : StepResult::kMore;
}

// ---- Garbage ----

std::vector<std::string> DecideRegistryGarbage(const std::vector<DirectoryEntry>& entries,
                                               const std::set<std::string>& forgotten) {
  const uint64_t newest_leader = NewestOfSeries(kLeaderSeries, entries);
  std::map<std::string, uint64_t> newest_of_jobs = NewestOfJobs(entries);
  std::vector<std::string> garbage;
  for (const DirectoryEntry& entry : entries) {
    if (entry.type != FileType::kFile) continue;
    const std::optional<SeriesFileName> leader = ParseSeriesName(kLeaderSeries, entry.name);
    const std::optional<JobFileName> job = ParseJobFileName(entry.name);
    if ((leader.has_value() && IsReplaced(*leader, newest_leader)) ||
        (job.has_value() &&
         (forgotten.contains(job->job_id) || IsReplaced(job->file, newest_of_jobs[job->job_id])))) {
      garbage.push_back(entry.name);
    }
  }
  return garbage;
}

CollectRegistryGarbageTask::CollectRegistryGarbageTask(FileSystem& file_system, std::string folder,
                                                       std::set<std::string> forgotten)
    : file_system_(file_system), folder_(std::move(folder)), forgotten_(std::move(forgotten)) {}

absl::StatusOr<StepResult> CollectRegistryGarbageTask::Step() {
  if (!garbage_.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, file_system_.List(folder_));
    garbage_ = DecideRegistryGarbage(entries, forgotten_);
    return garbage_->empty() ? StepResult::kDone : StepResult::kMore;
  }
  if (!names_durable_) {
    // What is seen need not be durable: without this, a power loss could take the newest and leave nothing.
    WEIR_RETURN_IF_ERROR(file_system_.SyncDirectory(folder_));
    names_durable_ = true;
    return StepResult::kMore;
  }
  const absl::Status removed = file_system_.Remove(JoinPath(folder_, garbage_->back()));
  static_cast<void>(removed);
  garbage_->pop_back();
  return garbage_->empty() ? StepResult::kDone : StepResult::kMore;
}

}  // namespace weir
