#include "core/cluster/job_manager.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/artifact/artifact_note.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/file_tasks.h"
#include "core/checkpoint/job_registry.h"
#include "core/checkpoint/storage_task.h"
#include "core/cluster/submission_message.h"

namespace weir {
namespace {

// A job that says nothing takes all slots, but no more than the default maximum parallelism.
constexpr int kSlotsTakenByDefault = 128;

proto::JobRecordState RecordOf(JobState ended) {
  switch (ended) {
    case JobState::kFinished:
      return proto::JOB_RECORD_FINISHED;
    case JobState::kCanceled:
      return proto::JOB_RECORD_CANCELED;
    case JobState::kSuspended:
      return proto::JOB_RECORD_STOPPED;
    default:
      return proto::JOB_RECORD_FAILED;
  }
}

JobState StateOf(proto::JobRecordState record) {
  switch (record) {
    case proto::JOB_RECORD_FINISHED:
      return JobState::kFinished;
    case proto::JOB_RECORD_CANCELED:
      return JobState::kCanceled;
    case proto::JOB_RECORD_STOPPED:
      return JobState::kSuspended;
    default:
      return JobState::kFailed;
  }
}

}  // namespace

JobManager::JobManager(Env& env, Options options, JobGraphProvider provider)
    : env_(env),
      options_(std::move(options)),
      provider_(std::move(provider)),
      cluster_id_(absl::StrFormat(
          "%016x", env.random().Draw({RandomStream::kConfig, "job_manager.cluster_id"}))),
      control_(env.NewExecutor(absl::StrCat(options_.address, "/control"), ExecutorKind::kControl)),
      io_(env.NewExecutor(absl::StrCat(options_.address, "/io"), ExecutorKind::kIo)),
      rpc_(env.network(), control_.get()) {
  RegisterMethods();
}

JobManager::~JobManager() {
  control_->Shutdown();
  io_->Shutdown();
  server_.reset();
  jobs_.clear();
}

void JobManager::Start() {
  control_->Post([this] {
    if (options_.state_folder.empty()) return OnLeading();
    TakeLeadership();
  });
}

void JobManager::OnStorage(const absl::Status& status) {
  // Each try fails at another name, so its words say nothing.
  const bool changed = storage_works_ != status.ok();
  storage_works_ = status.ok();
  if (changed && options_.on_storage) options_.on_storage(status);
}

void JobManager::TakeLeadership() {
  auto folder = std::make_shared<CreateFolderTask>(env_.file_system(), options_.state_folder);
  auto task = std::make_shared<TakeLeadershipTask>(
      env_.file_system(), options_.state_folder,
      env_.random().Draw({RandomStream::kConfig, "job_manager.incarnation"}), options_.address);
  const auto then = [this, task](absl::Status taken) {
    control_->Post([this, task, taken = std::move(taken)] {
      if (taken.ok()) {
        OnStorage(taken);
        epoch_ = task->epoch();
        return OnLeading();
      }
      // Somebody else was first: the epoch after that one is ours. Anything else is a fault of the storage, and those who
      // wait should know.
      if (!absl::IsAborted(taken)) {
        OnStorage(taken);
        AnswerWaiting(taken);
      }
      control_->PostAfter(options_.job.timeouts.retry_delay, [this] { TakeLeadership(); });
    });
  };
  RunStorageTask(*io_, folder, [this, task, then](absl::Status created) {
    if (!created.ok()) return then(created);
    RunStorageTask(*io_, task, then);
  });
}

void JobManager::OnLeading() {
  workers_.set_leader(epoch_);
  if (!options_.keep_jobs) return Serve();
  store_ = std::make_unique<JobStore>(env_, *control_, *io_, options_.state_folder, epoch_,
                                      options_.job.timeouts.retry_delay,
                                      [this](const absl::Status& status) { OnStorage(status); });
  blobs_ = std::make_unique<BlobStore>(
      env_, *control_, *io_, BlobPlace{absl::StrCat(options_.state_folder, "/blobs"), epoch_},
      options_.blobs, options_.job.timeouts.retry_delay);
  ReadJobs();
}

void JobManager::ReadJobs() {
  store_->Read([this](absl::StatusOr<std::vector<proto::JobRecord>> records) {
    if (!records.ok()) AnswerWaiting(records.status());
    // Damage does not pass. Whoever started this JobManager can repair or remove what the error names.
    if (absl::IsDataLoss(records.status()) && options_.on_serving) {
      return options_.on_serving(records.status());
    }
    OnStorage(records.status());
    if (records.ok()) return OnJobsRead(*records);
    control_->PostAfter(options_.job.timeouts.retry_delay, [this] {
      if (store_ != nullptr) ReadJobs();
    });
  });
}

void JobManager::ConfirmLeadership() {
  if (store_ == nullptr) return;
  store_->ConfirmLeadership([this](absl::Status confirmed) {
    // Not in here: what is replaced includes who is calling.
    if (absl::IsAborted(confirmed))
      return control_->Post([this, confirmed] { OnReplaced(confirmed); });
    control_->PostAfter(options_.job.timeouts.heartbeat_timeout, [this] { ConfirmLeadership(); });
  });
}

void JobManager::OnJobsRead(const std::vector<proto::JobRecord>& records) {
  for (const proto::JobRecord& record : records) {
    if (record.state() == proto::JOB_RECORD_RUNNING ||
        record.state() == proto::JOB_RECORD_CANCELLING) {
      Adopt(record);
    } else {
      proto::JobDetails& ended = ended_[record.job_id()];
      // Bytes of another version or none: what the record itself says is enough.
      if (!ended.ParseFromString(record.details())) ended.Clear();
      proto::JobOverview& overview = *ended.mutable_overview();
      overview.set_job_id(record.job_id());
      overview.set_job_name(record.submission().job_name());
      overview.set_ended(true);
      overview.set_state(std::string(JobStateName(StateOf(record.state()))));
      overview.set_summary(record.summary());
      overview.set_start_time_us(record.start_time_us());
      overview.set_end_time_us(record.end_time_us());
    }
  }
  Serve();
}

void JobManager::Adopt(const proto::JobRecord& record) {
  absl::StatusOr<JobSubmission> submission = FromMessage(record.submission());
  if (submission.ok() && !submission->checkpoints.durable) {
    // From the beginning, it would give its results twice.
    submission = absl::FailedPreconditionError(
        "the JobManager restarted, and the job takes no durable checkpoints to go on from");
  }
  Job& job = jobs_[record.job_id()];
  if (submission.ok()) job.submission = *std::move(submission);
  job.submitted = absl::FromUnixMicros(record.start_time_us());
  job.cancelled = record.state() == proto::JOB_RECORD_CANCELLING;
  job.ran = record.ran();
  if (job.ran) ClaimSlots(job);  // Its TaskManagers register one by one.
  const std::string job_id = record.job_id();
  const auto go_on = [this, job_id](absl::Status why) {
    if (why.ok()) return Begin(job_id, true);
    JobResult result;
    result.status = std::move(why);
    OnJobDone(job_id, std::move(result));
  };
  // Before there is any garbage collected.
  const absl::StatusOr<BlobKey> artifact = BlobKey::Parse(job.submission.artifact);
  if (artifact.ok()) blobs_->Keep(job_id, *artifact);
  // Under this epoch: from then on the former leader cannot write it any more.
  proto::JobRecord again;
  again.set_state(record.state());
  WriteRecord(job_id, std::move(again), [this, job_id, go_on, why = submission.status()] {
    if (jobs_.at(job_id).cancelled) return go_on(absl::OkStatus());
    if (!why.ok()) return go_on(why);
    PrepareArtifact(job_id, go_on);
  });
}

void JobManager::Serve() {
  leads_ = true;
  auto server = env_.network().Serve(options_.address, control_.get(), this);
  if (options_.on_serving) {
    options_.on_serving(server.ok() ? absl::StatusOr<Address>((*server)->address())
                                    : server.status());
  }
  if (!server.ok()) {
    WEIR_CHECK(options_.on_serving) << server.status();
    leads_ = false;
    return AnswerWaiting(server.status());
  }
  server_ = *std::move(server);
  // What jobs of the former leader have left; those that were adopted hold theirs.
  if (blobs_ != nullptr) blobs_->CollectGarbage();
  CheckHeartbeats();
  ConfirmLeadership();
  AnswerWaiting(absl::OkStatus());
}

void JobManager::OnReplaced(absl::Status why) {
  if (!leads_ && store_ == nullptr) return;
  leads_ = false;
  server_.reset();
  store_.reset();
  blobs_.reset();
  registered_.clear();
  for (auto& [id, job] : std::exchange(jobs_, {})) {
    job.master.reset();
    if (!job.on_done) continue;
    JobResult result;
    result.status = why;
    job.on_done(std::move(result));
  }
  AnswerWaiting(why);
  if (options_.on_replaced) options_.on_replaced(std::move(why));
}

void JobManager::AnswerWaiting(const absl::Status& status) {
  for (auto& closure : std::exchange(when_leading_, {})) closure(status);
}

// ---- Clients ----

void JobManager::Submit(JobSubmission submission,
                        absl::AnyInvocable<void(const JobProgress&)> on_progress,
                        absl::AnyInvocable<void(JobResult)> on_done) {
  WhenLeading([this, submission = std::move(submission), on_progress = std::move(on_progress),
               on_done = std::move(on_done)](absl::Status leading) mutable {
    if (!leading.ok()) {
      JobResult result;
      result.state = JobState::kFailed;
      result.status = absl::Status(leading.code(),
                                   absl::StrCat("the JobManager cannot take leadership in ",
                                                options_.state_folder, ": ", leading.message()));
      return on_done(std::move(result));
    }
    // Flink's form: 32 hex digits. The first half tells clusters apart.
    const std::string job_id = absl::StrFormat("%s%016x", cluster_id_, ++jobs_submitted_);
    newest_job_ = job_id;
    Job job;
    job.submission = std::move(submission);
    job.on_progress = std::move(on_progress);
    job.on_done = std::move(on_done);
    OnNewJob(job_id, std::move(job));
  });
}

// ---- The life of a job ----

void JobManager::OnNewJob(const std::string& job_id, Job job) {
  job.submitted = env_.clock().Wall();
  JobSubmission& submission = job.submission;
  // Decided here, once: the next JobManager may know of no slots when it adopts the job.
  if (submission.parallelism == 0 && options_.job.default_parallelism == 0) {
    submission.parallelism = std::clamp(slots_.total_slots(), 1, kSlotsTakenByDefault);
  }
  if (submission.checkpoints.durable && submission.checkpoint_folder.empty()) {
    submission.checkpoint_folder = absl::StrCat(options_.state_folder, "/checkpoints/", job_id);
  }
  jobs_[job_id] = std::move(job);
  PrepareArtifact(job_id, [this, job_id](absl::Status prepared) {
    prepared.ok() ? RecordNewJob(job_id) : RefuseNewJob(job_id, prepared);
  });
}

absl::Status JobManager::CheckArtifactsTaken() const {
  if (!options_.artifacts_refused.ok()) return options_.artifacts_refused;
  if (blobs_ != nullptr && options_.artifact_loader != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError("this JobManager takes no artifacts");
}

void JobManager::PrepareArtifact(const std::string& job_id,
                                 absl::AnyInvocable<void(absl::Status)> done) {
  const JobSubmission& submission = jobs_.at(job_id).submission;
  if (submission.artifact.empty()) return done(absl::OkStatus());
  if (absl::Status taken = CheckArtifactsTaken(); !taken.ok()) return done(std::move(taken));
  const absl::StatusOr<BlobKey> key = BlobKey::Parse(submission.artifact);
  if (!key.ok()) return done(key.status());
  blobs_->Hold(job_id, *key,
               [this, job_id, key = *key,
                done = std::move(done)](absl::StatusOr<BlobStore::Held> held) mutable {
                 if (!held.ok()) return done(held.status());
                 if (absl::Status fits = CheckArtifact(held->bytes); !fits.ok()) return done(fits);
                 options_.artifact_loader->Load(
                     key, held->path, jobs_.at(job_id).submission,
                     [this, job_id, done = std::move(done)](absl::Status loaded) mutable {
                       if (blobs_ == nullptr || !jobs_.contains(job_id)) return;
                       // The JobMaster builds it again; whoever submits it hears now what is wrong with it.
                       if (loaded.ok()) loaded = BuildGraph(jobs_.at(job_id).submission).status();
                       // To a client NotFound says that the artifact is not here.
                       done(absl::IsNotFound(loaded) ? absl::InvalidArgumentError(loaded.message())
                                                     : std::move(loaded));
                     });
               });
}

absl::StatusOr<JobGraph> JobManager::BuildGraph(const JobSubmission& submission) const {
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, provider_(submission));
  const uint64_t digest = JobGraphDigest(graph);
  if (submission.job_graph_digest == 0 || submission.job_graph_digest == digest) return graph;
  return absl::FailedPreconditionError(absl::StrFormat(
      "job '%s' has digest %016x at the client but %016x at the JobManager: its builder must "
      "depend on its arguments alone",
      submission.job_name, submission.job_graph_digest, digest));
}

void JobManager::RefuseNewJob(const std::string& job_id, const absl::Status& why) {
  if (blobs_ != nullptr) blobs_->Release(job_id);
  Job job = std::move(jobs_.at(job_id));
  jobs_.erase(job_id);
  for (auto& reply : job.when_durable) reply(why);
  if (!job.on_done) return;
  JobResult result;
  result.status = why;
  job.on_done(std::move(result));
}

void JobManager::RecordNewJob(const std::string& job_id) {
  if (store_ == nullptr) return Begin(job_id, false);
  WriteRecord(job_id, proto::JobRecord(), [this, job_id] { Begin(job_id, false); });
}

void JobManager::Begin(const std::string& job_id, bool adopted) {
  Job& job = jobs_.at(job_id);
  proto::Fence fence;
  fence.set_leader_epoch(epoch_.value());
  fence.set_job_id(job_id);
  fence.set_attempt(0);
  JobMasterOptions options = options_.job;
  options.cluster_id = cluster_id_;
  options.adopted = adopted;
  job.master = std::make_unique<JobMaster>(
      env_, *control_, *io_, fence, job.submission, provider_, std::move(options),
      JobMaster::Requests{
          .want_slots = [this, job_id] { OnSlotsWanted(job_id); },
          // Later: the JobMaster is calling. One that is there after all registers again.
          .report_unreachable =
              [this](const Address& address, absl::Duration called) {
                control_->Post([this, address, called] { OnUnreachable(address, called); });
              },
          .report_running = [this, job_id] { OnJobRuns(job_id); }},
      [this, job_id](JobResult result) {
        slots_.Free(job_id);
        control_->Post([this] {
          if (leads_) AssignSlots();
        });
        for (const WorkerTable::Worker& worker : workers_.ForgetJob(job_id)) EndWorker(worker);
        OnJobDone(job_id, std::move(result));
      });
  for (auto& reply : std::exchange(job.when_durable, {})) reply(proto::SubmitJobResponse());
  if (job.cancelled)
    return job.master->Cancel(
        absl::CancelledError("cancelled by the user, under another JobManager"));
  job.master->Start();
  ReportProgress(job_id);
}

void JobManager::OnJobDone(const std::string& job_id, JobResult result) {
  if (store_ == nullptr) return ForgetJob(job_id, std::move(result));
  proto::JobDetails details = DetailsOf(job_id, jobs_.at(job_id));
  proto::JobOverview& overview = *details.mutable_overview();
  overview.set_ended(true);
  overview.set_state(std::string(JobStateName(result.state)));
  overview.set_summary(std::string(result.status.message()));
  overview.set_end_time_us(absl::ToUnixMicros(env_.clock().Wall()));
  proto::JobRecord record;
  record.set_state(RecordOf(result.state));
  record.set_summary(overview.summary());
  record.set_end_time_us(overview.end_time_us());
  record.set_details(details.SerializeAsString());
  WriteRecord(job_id, std::move(record),
              [this, job_id, details = std::move(details), result = std::move(result)]() mutable {
                ended_[job_id] = std::move(details);
                for (auto& reply : std::exchange(jobs_.at(job_id).when_cancelled, {}))
                  reply(proto::EndJobResponse());
                store_->CollectGarbage(ForgetEnded());
                blobs_->Release(job_id);
                blobs_->CollectGarbage();
                ForgetJob(job_id, std::move(result));
              });
}

std::set<std::string> JobManager::ForgetEnded() {
  std::set<std::string> forgotten;
  while (ended_.size() > static_cast<size_t>(options_.ended_jobs_max)) {
    const auto first =
        std::min_element(ended_.begin(), ended_.end(), [](const auto& a, const auto& b) {
          return a.second.overview().end_time_us() < b.second.overview().end_time_us();
        });
    forgotten.insert(first->first);
    ended_.erase(first);
  }
  return forgotten;
}

void JobManager::ForgetJob(const std::string& job_id, JobResult result) {
  if (Job& job = jobs_.at(job_id); job.on_done) job.on_done(std::move(result));
  // Not in here: the JobMaster may be calling.
  control_->Post([this, job_id] {
    jobs_.erase(job_id);
    AssignSlots();
  });
}

// Fills in what all records of the job say.
void JobManager::WriteRecord(const std::string& job_id, proto::JobRecord record,
                             absl::AnyInvocable<void()> on_durable) {
  Job& job = jobs_.at(job_id);
  record.set_job_id(job_id);
  if (record.state() == proto::JOB_RECORD_UNKNOWN) record.set_state(proto::JOB_RECORD_RUNNING);
  record.set_start_time_us(absl::ToUnixMicros(job.submitted));
  record.set_ran(job.ran);
  *record.mutable_submission() = ToMessage(job.submission);
  job.records.emplace_back(std::move(record), std::move(on_durable));
  if (job.records.size() == 1) WriteNextRecord(job_id);
}

void JobManager::WriteNextRecord(const std::string& job_id) {
  store_->Write(jobs_.at(job_id).records.front().first, [this, job_id](absl::Status written) {
    // Not in here: what is replaced includes who is calling.
    if (!written.ok()) return control_->Post([this, written] { OnReplaced(written); });
    auto& records = jobs_.at(job_id).records;
    absl::AnyInvocable<void()> on_durable = std::move(records.front().second);
    records.pop_front();
    if (!records.empty()) WriteNextRecord(job_id);
    on_durable();
  });
}

void JobManager::WhenLeading(absl::AnyInvocable<void(absl::Status)> closure) {
  control_->Post([this, closure = std::move(closure)]() mutable {
    if (leads_) return closure(absl::OkStatus());
    when_leading_.push_back(std::move(closure));
  });
}

void JobManager::CancelNewest() {
  control_->Post([this] {
    auto found = jobs_.find(newest_job_);
    if (found != jobs_.end() && found->second.master != nullptr)
      found->second.master->Cancel(absl::CancelledError("cancelled by the user"));
  });
}

void JobManager::StopNewest() {
  control_->Post([this] {
    auto found = jobs_.find(newest_job_);
    if (found != jobs_.end() && found->second.master != nullptr) found->second.master->Stop();
  });
}

void JobManager::ReportProgress(const std::string& job_id) {
  auto found = jobs_.find(job_id);
  if (found == jobs_.end()) return;
  Job& job = found->second;
  if (job.master == nullptr) return;
  const JobState state = job.master->state();
  if (state == JobState::kFinished || state == JobState::kFailed || state == JobState::kCanceled ||
      state == JobState::kSuspended) {
    return;
  }
  if (!job.on_progress) return;
  job.on_progress(job.master->Progress());
  control_->PostAfter(options_.progress_interval, [this, job_id] { ReportProgress(job_id); });
}

void JobManager::OnCall(std::string_view method, std::string request, CallReply reply) {
  dispatcher_.Dispatch(
      method, std::move(request),
      [this, reply = std::move(reply)](absl::StatusOr<std::string> response) mutable {
        if (absl::IsAborted(response.status())) ++fenced_messages_;
        reply(std::move(response));
      });
}

absl::StatusOr<ServerHandler::Accepted> JobManager::OnOpenStream(std::string) {
  return absl::UnimplementedError("the JobManager takes no data streams");
}

JobMaster* JobManager::MasterOf(const std::string& job_id) {
  auto found = jobs_.find(job_id);
  return found == jobs_.end() ? nullptr : found->second.master.get();
}

}  // namespace weir
