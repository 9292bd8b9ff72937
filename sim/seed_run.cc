#include "sim/seed_run.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/cluster/inprocess_machine.h"
#include "core/cluster/job_client.h"
#include "core/cluster/job_manager.h"
#include "core/cluster/task_manager.h"
#include "core/graph/execution_graph.h"
#include "core/types/event_time.h"
#include "sim/fault_injector.h"
#include "sim/oracles/oracle_set.h"
#include "sim/short_timeouts.h"
#include "sim/sim_world.h"
#include "sim/workloads/config_draws.h"
#include "sim/workloads/restart_strategy_draw.h"
#include "sim/workloads/workloads.h"

namespace weir::sim {
namespace {

constexpr char kCheckpointFolder[] = "/shared/checkpoints";
constexpr char kStateFolder[] = "/shared/cluster";
constexpr char kJobId[] = "00000000000000000000000000000001";
// A healed world that has not finished the job by then makes no progress.
constexpr absl::Duration kFinishWithin = absl::Minutes(5);
constexpr absl::Duration kEndFaultsLast = absl::Seconds(4);

SimOptions WorldOptions(TraceSink trace, Observer* observer) {
  SimOptions options;
  options.observer = observer;
  options.trace = std::move(trace);
  options.network.keepalive_min = absl::Seconds(1);
  options.network.keepalive_max = absl::Seconds(6);
  return options;
}

class SeedRun {
 public:
  SeedRun(SeedRunOptions options, std::unique_ptr<Workload> workload)
      : draws_(Seed(options.seed)),
        workload_(std::move(workload)),
        oracles_({.checkpoint_folder = kCheckpointFolder,
                  .output_folders = workload_->output_folders(),
                  .check_cut = workload_->checks_cuts() ? CutCheck() : nullptr,
                  .channels = Channels(),
                  .regions = Regions()}),
        world_(Seed(options.seed), WorldOptions(std::move(options.trace), &oracles_)),
        injector_(&world_) {
    oracles_.Attach(&world_);
    report_.seed = options.seed;
    report_.job = workload_->name();
    workload_->Prepare(world_);
    AddCluster();
    plan_ = options.faults.has_value() ? *std::move(options.faults) : DrawPlan();
    report_.plan = FormatFaultPlan(plan_);
  }

  SeedReport Run() && {
    Submit();
    injector_.Apply(plan_);
    // Safety first, then liveness.
    if (CancelSometimes() && Advance(RunFor(Horizon() + absl::Seconds(4) - world_.elapsed()))) {
      injector_.HealAll();
      LoseSpareMachine();
      if (Advance(world_.RunUntil([this] { return done() || violated(); }, kFinishWithin))) {
        CheckResult();
      }
    }
    Count();
    return std::move(report_);
  }

 private:
  struct Numbers {
    uint64_t checkpoints = 0;
    uint64_t recoveries = 0;
  };
  uint64_t TotalOf(uint64_t Numbers::*what) const {
    uint64_t total = 0;
    for (const auto& [epoch, numbers] : numbers_) total += numbers.*what;
    return total;
  }
  CheckCut CutCheck() const {
    return [this](const proto::CheckpointManifest& manifest, const ReadStateFile& read) {
      return workload_->CheckCut(manifest, read);
    };
  }

  PlanOptions DrawPlanOptions() const {
    PlanOptions options;
    options.default_parallelism = workload_->slots();
    options.chaining = draws_.Uniform("seed_run.chaining", 4) > 0;
    options.fusion = draws_.Uniform("seed_run.fusion", 2) > 0;
    return options;
  }

  // What `look` finds in the job as the JobManager plans it; nothing if that fails.
  template <class Look>
  auto LookAtPlan(Look look) const -> decltype(look(JobGraph(), ExecutionGraph())) {
    const JobSubmission submission = workload_->submission();
    PlanOptions options = DrawPlanOptions();
    if (submission.parallelism > 0) options.default_parallelism = submission.parallelism;
    const absl::StatusOr<JobGraph> graph = workload_->provider()(submission);
    if (!graph.ok()) return {};
    const absl::StatusOr<ExecutionGraph> plan = Plan(*graph, options);
    if (!plan.ok()) return {};
    return look(*graph, *plan);
  }
  KnownChannels Channels() const { return LookAtPlan(ChannelsOf); }
  KnownRegions Regions() const { return LookAtPlan(RegionsOf); }

  absl::Duration Horizon() const { return workload_->duration(); }

  void AddCluster() {
    const uint64_t count = 1 + draws_.Uniform("seed_run.task_managers", 4);
    const int slots_each =
        (workload_->slots() + static_cast<int>(count) - 1) / static_cast<int>(count) +
        static_cast<int>(draws_.Uniform("seed_run.extra_slots", 2));
    const int spare_slots = slots_each * static_cast<int>(count) - workload_->slots();
    loses_spare_ = spare_slots >= slots_each && draws_.Uniform("seed_run.lose_spare", 2) != 0;
    JobManager::Options job_manager;
    job_manager.address = "jm";
    job_manager.state_folder = kStateFolder;
    job_manager.keep_jobs = true;
    const PlanOptions plan = DrawPlanOptions();
    job_manager.job.default_parallelism = plan.default_parallelism;
    job_manager.job.chaining = plan.chaining;
    job_manager.job.fusion = plan.fusion;
    job_manager.job.timeouts = ShortTimeouts();
    machines_.push_back(job_manager.address);
    world_.AddProcess("jm", [this, job_manager](Env& env) -> std::shared_ptr<void> {
      auto program = std::make_shared<JobManager>(env, job_manager, workload_->provider());
      program->Start();
      return program;
    });
    TaskManager::Options options;
    options.job_manager = "jm";
    options.timeouts = ShortTimeouts();
    options.task_manager.slots = slots_each;
    options.task_manager.batch_rows_max =
        draws_.OneOf<size_t>("seed_run.batch_rows", {1, 2, 7, 64, 1024});
    options.task_manager.frame_bytes_max =
        draws_.OneOf<size_t>("seed_run.frame_bytes", {64, 300, 4096, 32 * 1024});
    options.task_manager.frames_in_flight_per_channel = draws_.Between("seed_run.frames", 1, 8);
    const bool workers = draws_.Uniform("seed_run.workers", 3) == 0;
    for (uint64_t i = 1; i <= count; ++i) {
      options.address = absl::StrCat("tm-", i);
      machines_.push_back(options.address);
      task_managers_.push_back(options.address);
      if (workers) {
        AddSupervised(options);
        continue;
      }
      world_.AddProcess(options.address, [this, options](Env& env) -> std::shared_ptr<void> {
        auto task_manager = std::make_shared<TaskManager>(env, options, workload_->provider());
        task_manager->Start();
        return task_manager;
      });
    }
  }

  // A machine that runs the job in a worker of its own.
  void AddSupervised(const TaskManager::Options& worker) {
    TaskManagerSupervisor::Options options;
    options.address = worker.address;
    options.job_manager = worker.job_manager;
    options.slots = worker.task_manager.slots;
    options.timeouts = worker.timeouts;
    world_.AddProcess(options.address, [this, options, worker](Env& env) -> std::shared_ptr<void> {
      auto machine =
          std::make_shared<InProcessMachine>(env, options, worker, workload_->provider());
      machine->Start();
      return machine;
    });
  }

  using Messages = std::vector<std::string>;
  FaultPlanOptions PlanOptionsFor(const Messages& of_job_manager, const Messages& of_others) const {
    FaultPlanOptions options;
    options.machines = machines_;
    for (const std::string& machine : machines_) {
      options.messages[machine] = machine == "jm" ? of_job_manager : of_others;
    }
    return options;
  }

  FaultPlan DrawPlan() const {
    FaultPlanOptions options =
        PlanOptionsFor({"DeployTasks", "StartTasks", "SourceEvent", "CommitTasks",
                        "AbortCheckpoint", "ReleaseTasks"},
                       {"RegisterTaskManager", "RequestSplit", "SubtaskStateChanged",
                        "AcknowledgeCheckpoint", "AcknowledgeCommit"});
    options.horizon = Horizon();
    FaultPlan plan = GenerateFaultPlan(Seed(report_.seed), options);
    for (Fault& fault : DrawEndPlan()) plan.push_back(std::move(fault));
    return plan;
  }

  // The last checkpoint and its commit take a moment that faults drawn over the whole run seldom meet.
  FaultPlan DrawEndPlan() const {
    if (loses_spare_ || draws_.Uniform("seed_run.end_faults", 2) == 0) return {};
    FaultPlanOptions options = PlanOptionsFor({"CommitTasks", "ReleaseTasks"},
                                              {"AcknowledgeCheckpoint", "AcknowledgeCommit"});
    options.horizon = absl::Milliseconds(300);
    options.count_max = 1;
    options.kind_chance = 150;
    FaultPlan plan = GenerateFaultPlan(ScopedSeed(Seed(report_.seed), "end"), options);
    for (Fault& fault : plan) fault.since_end = true;
    return plan;
  }

  void Submit() {
    JobSubmission submission = workload_->submission();
    CheckpointOptions& checkpoints = submission.checkpoints;
    checkpoints.durable = true;
    checkpoints.interval = absl::Milliseconds(draws_.Between("seed_run.interval_ms", 40, 600));
    checkpoints.min_pause =
        absl::Milliseconds(draws_.OneOf<int64_t>("seed_run.min_pause_ms", {0, 0, 100}));
    // A barrier waits for what is before it in slow channels. Where that may take longer than the time-out, jobs go on without.
    const bool patient = draws_.Uniform("seed_run.patient", 2) == 0;
    checkpoints.timeout =
        patient ? absl::Seconds(30)
                : absl::Milliseconds(draws_.Between("seed_run.timeout_ms", 300, 3000));
    checkpoints.tolerable_failures =
        patient ? static_cast<int>(draws_.Uniform("seed_run.tolerable", 4)) : 1'000'000;
    checkpoints.retained = static_cast<int>(draws_.Between("seed_run.retained", 1, 3));
    checkpoints.commit_retry = absl::Milliseconds(300);
    checkpoints.publish_retry = absl::Milliseconds(200);
    submission.checkpoint_folder = kCheckpointFolder;
    submission.run_id = "sim";
    submission.restart_strategy = DrawRestartStrategy(draws_);
    // The client is a process like the others, but nothing befalls it.
    Env& env = world_.HostEnv("client");
    client_executor_ = env.NewExecutor("client", ExecutorKind::kControl);
    client_ = std::make_unique<JobClient>(env, *client_executor_, "jm", ShortTimeouts());
    client_executor_->Post([this, submission = std::move(submission)] {
      client_->Submit(kJobId, submission, [this](absl::Status accepted) {
        refused_ = std::move(accepted);
        if (!refused_.ok()) return;
        client_->Watch(kJobId, absl::Milliseconds(100),
                       [this](const auto& status) { OnStatus(status); });
      });
    });
  }

  // In some seeds the user cancels the job long before it is through. False if the run is over.
  bool CancelSometimes() {
    if (draws_.Uniform("seed_run.cancel", 16) != 0) return true;
    const int64_t percent = draws_.Between("seed_run.cancel_percent", 5, 50);
    if (!Advance(RunFor(Horizon() * percent / 100))) return false;
    cancels_ = true;
    client_executor_->Post([this] {
      client_->EndJob(kJobId, /*with_checkpoint=*/false, [this](const auto& response) {
        if (response.ok() && !cancelled_at_.has_value()) cancelled_at_ = world_.elapsed();
      });
    });
    return true;
  }

  bool WasCancelled() const {
    return cancels_ && status_.state() == JobStateName(JobState::kCanceled);
  }
  // What an acknowledged cancel demands; before rows can have come through, a job has not ended by itself.
  bool MustBeCancelled() const {
    return cancelled_at_.has_value() && *cancelled_at_ < Horizon() * 3 / 5;
  }

  void OnStatus(const absl::StatusOr<proto::GetJobStatusResponse>& status) {
    if (!status.ok()) {
      refused_ = status.status();
      return;
    }
    status_ = *status;
    // Numbers begin anew with each leader.
    Numbers& numbers = numbers_[status_.leader_epoch()];
    numbers.checkpoints = std::max(numbers.checkpoints, status_.checkpoints());
    numbers.recoveries = std::max<uint64_t>(
        numbers.recoveries, status_.restarts() + (status_.restored_from() > 0 ? 1 : 0));
    late_ += status_.ended() ? status_.late() : 0;
    // Every row has come through.
    if (status_.watermark_micros() == EventTime::Max().micros()) injector_.ReachEnd(kEndFaultsLast);
  }

  bool violated() const { return oracles_.first().has_value(); }

  // Ends early where an oracle was violated.
  absl::Status RunFor(absl::Duration duration) {
    const absl::Status status = world_.RunUntil([this] { return violated(); }, duration);
    return absl::IsDeadlineExceeded(status) ? absl::OkStatus() : status;
  }

  bool done() const { return status_.ended() || !refused_.ok(); }

  // The world healed, a machine less must do if the others have slots enough.
  void LoseSpareMachine() {
    if (!loses_spare_) return;
    world_.Kill(task_managers_[draws_.Uniform("seed_run.spare", task_managers_.size())]);
  }

  // False if the run is over.
  bool Advance(const absl::Status& status) {
    if (status.ok()) return true;
    Fail(Verdict::kLiveness, "liveness", "",
         absl::StrCat("the healed world does not finish the job: ", std::string(status.message()),
                      "; it is ", status_.state(), " under epoch ", status_.leader_epoch(),
                      " with ", status_.checkpoints(), " checkpoints after ", status_.restarts(),
                      " restarts: ", status_.summary()));
    return false;
  }

  void CheckResult() {
    if (!violated()) {
      if (!Advance(RunFor(absl::Seconds(10)))) return;
      oracles_.AtEnd(/*finished=*/!WasCancelled());
    }
    if (violated()) {
      const Violation& first = *oracles_.first();
      Fail(Verdict::kCorrectness, first.oracle, first.where, first.what);
      report_.at_ns = absl::ToInt64Nanoseconds(first.at);
      return;
    }
    if (!refused_.ok()) {
      return Fail(Verdict::kCorrectness, "job outcome", "jm",
                  absl::StrCat("the JobManager refused or forgot the job: ",
                               std::string(refused_.message())));
    }
    const bool cancelled = WasCancelled();
    if (MustBeCancelled() && !cancelled) {
      return Fail(Verdict::kCorrectness, "cancel", "jm",
                  absl::StrCat("the job was cancelled, and ended as ", status_.state()));
    }
    if (!cancelled && status_.state() != JobStateName(JobState::kFinished)) {
      return Fail(Verdict::kCorrectness, "job outcome", "jm",
                  absl::StrCat("the job ended as ", status_.state(), ": ", status_.summary()));
    }
    if (late_ > 0) {
      return Fail(Verdict::kCorrectness, "no row is late", "",
                  absl::StrCat(late_, " rows within the bound of the watermarks came late"));
    }
    const absl::StatusOr<uint64_t> compared =
        workload_->CheckOutput(world_.shared_files(), oracles_.part_origins(),
                               cancelled ? Extent::kSoFar : Extent::kWhole);
    if (!compared.ok()) {
      return Fail(Verdict::kCorrectness, "exact output", "",
                  std::string(compared.status().message()));
    }
    report_.rows_compared = *compared;
    if (cancelled) return;
    if (*compared == 0 || TotalOf(&Numbers::checkpoints) == 0) {
      Fail(Verdict::kVacuous, "vacuity", "", "nothing was compared, or no checkpoint completed");
    }
  }

  void Fail(Verdict verdict, std::string oracle, std::string where, std::string what) {
    if (report_.verdict != Verdict::kClean) return;
    report_.verdict = verdict;
    report_.oracle = std::move(oracle);
    report_.at_ns = absl::ToInt64Nanoseconds(world_.elapsed());
    report_.where = std::move(where);
    report_.what = std::move(what);
  }

  void Count() {
    report_.digest = world_.digest();
    report_.events = world_.events();
    report_.simulated_ns = absl::ToInt64Nanoseconds(world_.elapsed());
    report_.checkpoints = TotalOf(&Numbers::checkpoints);
    report_.recoveries = TotalOf(&Numbers::recoveries);
    report_.counts = oracles_.counts();
    report_.counts["leaders"] = numbers_.size();
    report_.counts["cancels"] = cancelled_at_.has_value() ? 1 : 0;
    report_.counts["message_faults"] = injector_.began_with_message();
    report_.counts["end_faults"] = injector_.began_at_end();
    report_.file_crashes = injector_.file_crashes();
    for (const auto& [kind, count] : injector_.fired()) {
      report_.fired[std::string(FaultKindName(kind))] = count;
    }
  }

  const ConfigDraws draws_;
  const std::unique_ptr<Workload> workload_;
  SeedReport report_;
  std::vector<std::string> machines_;
  std::vector<std::string> task_managers_;
  FaultPlan plan_;
  bool loses_spare_ = false;  // Slots suffice without one of the machines, and it goes for good.
  proto::GetJobStatusResponse status_;  // The newest.
  absl::Status refused_;
  bool cancels_ = false;                        // The client has asked for it.
  std::optional<absl::Duration> cancelled_at_;  // And was told that it is done.
  int64_t late_ = 0;
  std::map<uint64_t, Numbers> numbers_;  // By LeaderEpoch.
  OracleSet oracles_;
  SimWorld world_;
  FaultInjector injector_;
  std::unique_ptr<Executor> client_executor_;
  std::unique_ptr<JobClient> client_;
};

}  // namespace

absl::StatusOr<SeedReport> RunSeed(SeedRunOptions options) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Workload> workload,
                        NewWorkload(options.job, Seed(options.seed)));
  return SeedRun(std::move(options), std::move(workload)).Run();
}

}  // namespace weir::sim
