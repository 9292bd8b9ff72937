#include "core/cluster/job_master.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/manifest.h"
#include "core/cluster/metrics_message.h"
#include "core/cluster/restore_message.h"
#include "core/runtime/failure_position.h"

namespace weir {

// What the I/O executor works on; this actor leaves it alone while it does.
struct JobMaster::Prepared {
  struct Source {
    NodeId node;
    int parallelism = 1;
    std::unique_ptr<SplitEnumerator> enumerator;
    std::vector<SourceSplit> splits;
  };
  struct Sink {
    NodeId node;
    std::string uid;
    std::unique_ptr<SinkCoordinator> coordinator;
  };
  std::vector<Source> sources;
  std::vector<Sink> sinks;
  std::vector<SinkReport> reports;
};

struct JobMaster::SourceState {
  VertexId vertex;
  const SplitEnumerator* enumerator = nullptr;
  std::unique_ptr<SplitAssigner> assigner;
  // One FIFO per reader; its front is under way if `sending`.
  struct Reader {
    std::deque<SourceEvent> events;
    uint64_t sequence = 0;
    bool sending = false;
  };
  std::vector<Reader> readers;
};

namespace {

// Somebody else's folder, a newer leader, or nothing there: that does not pass. What cannot be read or written now may be an
// error of the disk that another attempt does not meet.
bool MayPass(const absl::Status& status) {
  return !absl::IsAborted(status) && !absl::IsNotFound(status) &&
         !absl::IsInvalidArgument(status) && !absl::IsFailedPrecondition(status) &&
         !absl::IsPermissionDenied(status) && !absl::IsAlreadyExists(status);
}

void DropCommittables(proto::CheckpointManifest& manifest) {
  for (proto::OperatorState& op : *manifest.mutable_operators()) {
    for (auto& subtask : *op.mutable_subtasks()) subtask.clear_committables();
  }
}

}  // namespace

JobMaster::JobMaster(Env& env, Executor& control, Executor& io, proto::Fence fence,
                     JobSubmission submission, JobGraphProvider provider, JobMasterOptions options,
                     Requests requests, OnDone on_done)
    : env_(env),
      control_(control),
      io_(io),
      fence_(std::move(fence)),
      submission_(std::move(submission)),
      provider_(std::move(provider)),
      options_(std::move(options)),
      requests_(std::move(requests)),
      on_done_(std::move(on_done)),
      rpc_(std::make_unique<RpcClient>(env.network(), &control)) {}

JobMaster::~JobMaster() = default;

// ---- CREATED ----

void JobMaster::Start() {
  started_ = env_.clock().Monotonic();
  if (absl::Status built = BuildGraph(); !built.ok()) {
    if (!options_.adopted || !absl::IsNotFound(built)) return Fail(built, {});
    // It ran under a JobManager of another program, and may again.
    waiting_for_ =
        absl::StrCat("this program cannot run it: ", std::string(built.message()),
                     "; start the JobManager with the program that has it, or cancel it");
    return;
  }
  auto resources = std::make_shared<Prepared>();
  for (size_t i = 0; i < graph_->nodes.size(); ++i) {
    const JobNode& node = graph_->nodes[i];
    const NodeId id(static_cast<int32_t>(i));
    if (node.enumerator_factory) {
      const int parallelism = plan_->vertex(VertexOf(id)).parallelism;
      resources->sources.push_back({.node = id,
                                    .parallelism = parallelism,
                                    .enumerator = node.enumerator_factory(),
                                    .splits = {}});
    }
    if (node.sink_coordinator_factory) {
      resources->sinks.push_back({id, node.uid, node.sink_coordinator_factory()});
    }
  }
  resources_ = resources;
  WantSlots();
}

absl::Status JobMaster::BuildGraph() {
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, provider_(submission_));
  WEIR_RETURN_IF_ERROR(ValidateJobGraph(graph));
  graph_ = std::make_unique<JobGraph>(std::move(graph));
  WEIR_ASSIGN_OR_RETURN(ExecutionGraph plan,
                        Plan(*graph_, {.default_parallelism = DefaultParallelism(),
                                       .chaining = options_.chaining,
                                       .fusion = options_.fusion}));
  plan_ = std::make_unique<ExecutionGraph>(std::move(plan));
  regions_ = RegionTable(FindPipelinedRegions(*plan_));
  region_rpcs_.resize(regions_.all().size());
  subtask_states_.assign(plan_->subtasks.size(), proto::SUBTASK_CREATED);
  metrics_.assign(plan_->subtasks.size(), SubtaskMetricsList());
  Hello hello;
  hello.cluster_id = options_.cluster_id;
  hello.leader_epoch = LeaderEpoch(fence_.leader_epoch());
  checkpoints_ = std::make_unique<CheckpointDriver>(
      env_, control_, io_,
      CheckpointDriver::Options{.checkpoints = submission_.checkpoints,
                                .folder = submission_.checkpoint_folder,
                                .restore = submission_.restore,
                                .adopted = options_.adopted,
                                .hello = std::move(hello)},
      this);
  return absl::OkStatus();
}

int JobMaster::DefaultParallelism() const {
  if (submission_.parallelism > 0) return submission_.parallelism;
  return std::min(options_.default_parallelism, graph_->max_parallelism);
}

VertexId JobMaster::VertexOf(NodeId node) const {
  for (size_t v = 0; v < plan_->vertices.size(); ++v) {
    const std::vector<NodeId>& nodes = plan_->vertices[v].nodes;
    if (std::find(nodes.begin(), nodes.end(), node) != nodes.end())
      return VertexId(static_cast<int32_t>(v));
  }
  WEIR_CHECK(false) << "node " << node << " is in no vertex";
  return VertexId();
}

std::set<int> JobMaster::StartingSubtasksOf(VertexId id) const {
  const Vertex& vertex = plan_->vertex(id);
  const RegionTable::Regions starting = regions_.starting();
  std::set<int> indices;
  for (int i = 0; i < vertex.parallelism; ++i) {
    if (starting.contains(regions_.of(vertex.subtask(i)))) indices.insert(i);
  }
  return indices;
}

void JobMaster::WantSlots() {
  wants_slots_ = true;
  requests_.want_slots();
}

// ---- RUNNING ----

void JobMaster::OnSlots(std::vector<Address> slot_addresses) {
  WEIR_CHECK_EQ(static_cast<int>(slot_addresses.size()), plan_->slots);
  WEIR_CHECK_EQ(releases_under_way_, size_t{0});
  for (const SubtaskId id : regions_.SubtasksOf(regions_.running())) {
    const Address& address = slot_addresses[static_cast<size_t>(plan_->subtask(id).slot)];
    WEIR_CHECK_EQ(AddressOf(id), address) << id << " runs on and keeps its slot";
  }
  wants_slots_ = false;
  slot_addresses_ = std::move(slot_addresses);
  waiting_for_.clear();
  state_ = JobState::kRunning;
  fence_.set_attempt(fence_.attempt() + 1);
  rpc_ = std::make_unique<RpcClient>(env_.network(), &control_);
  const RegionTable::Regions begun = regions_.Begin(attempt().attempt);
  for (const RegionId region : begun) {
    region_rpcs_[static_cast<size_t>(region.value())] =
        std::make_unique<RpcClient>(env_.network(), &control_);
  }
  for (const SubtaskId id : regions_.SubtasksOf(begun)) {
    subtask_states_[id.value()] = proto::SUBTASK_CREATED;
    metrics_[id.value()].clear();
  }
  std::erase_if(sources_, [this](const auto& source) { return AllStart(source.second.vertex); });
  for (auto& [node, source] : sources_) {
    const std::set<int> readers = StartingSubtasksOf(source.vertex);
    source.assigner->OnStop(readers);
    for (const int reader : readers)
      source.readers[static_cast<size_t>(reader)] = SourceState::Reader();
  }
  enumerator_snapshots_.clear();
  checkpoints_->BeginAttempt(
      attempt(), static_cast<uint32_t>(plan_->subtasks.size()),
      [this](absl::StatusOr<CheckpointDriver::Begun> begun) { OnBegun(std::move(begun)); });
}

void JobMaster::OnBegun(absl::StatusOr<CheckpointDriver::Begun> begun) {
  if (state_ != JobState::kRunning) return;
  if (!begun.ok()) {
    // Another attempt reads the same checkpoint, never an older one.
    return FailStart(begun.status(), MayPass(begun.status()) ? Remedy::kRestart : Remedy::kNone);
  }
  // What the coordinator has forgotten with the attempt before.
  for (uint32_t i = 0; i < subtask_states_.size(); ++i) {
    if (subtask_states_[i] == proto::SUBTASK_ENDED)
      checkpoints_->Tell(SubtaskEnded{attempt(), SubtaskId(i)});
  }
  auto attempt_start = std::make_shared<CheckpointDriver::Begun>(*std::move(begun));
  if (absl::Status prepared = PrepareRestore(*attempt_start); !prepared.ok()) {
    return FailStart(prepared, Remedy::kNone);
  }
  PrepareSources(attempt_start);
}

// Which splits there are: those of the checkpoint, or those that are found now. Where readers of a source run on, its splits are
// known.
void JobMaster::PrepareSources(std::shared_ptr<CheckpointDriver::Begun> begun) {
  // By position in Prepared::sources: those that start as a whole.
  std::map<size_t, std::optional<std::vector<SourceSplit>>> unfinished;
  for (size_t i = 0; i < resources_->sources.size(); ++i) {
    const NodeId node = resources_->sources[i].node;
    if (AllStart(VertexOf(node))) unfinished[i] = UnfinishedSplits(*begun, graph_->node(node).uid);
  }
  auto then = Weak([this, begun, began = attempt()](absl::Status status) {
    if (state_ != JobState::kRunning || began != attempt()) return;
    if (!status.ok()) return FailStart(status, MayPass(status) ? Remedy::kRestart : Remedy::kNone);
    // What the checkpoint and the readers that run on disagree about, they would again.
    if (status = BuildSources(); !status.ok()) return Fail(status, regions_.all());
    PrepareSinks(*begun);
  });
  io_.Post([unfinished = std::move(unfinished), resources = resources_, &env = env_,
            &control = control_, then = std::move(then)]() mutable {
    absl::Status status;
    for (const auto& [i, splits] : unfinished) {
      if (!status.ok()) break;
      Prepared::Source& source = resources->sources[i];
      if (splits.has_value()) {
        source.splits.clear();
        status = source.enumerator->Restore(env, *splits, {});
        continue;
      }
      absl::StatusOr<std::vector<SourceSplit>> found =
          source.enumerator->DiscoverSplits(env, source.parallelism);
      status = found.status();
      if (found.ok()) source.splits = *std::move(found);
    }
    control.Post([then = std::move(then), status = std::move(status)]() mutable {
      then(std::move(status));
    });
  });
}

// What the checkpoint says is still to be read of the source; nothing if it does not know the source.
std::optional<std::vector<SourceSplit>> JobMaster::UnfinishedSplits(
    const CheckpointDriver::Begun& begun, const std::string& uid) {
  if (!begun.manifest.has_value()) return std::nullopt;
  for (const proto::OperatorState& stored : begun.manifest->operators()) {
    if (stored.uid() != uid) continue;
    std::vector<SourceSplit> splits;
    for (const auto& subtask : stored.subtasks()) {
      for (const proto::ReaderSplitSnapshot& split : subtask.splits()) {
        splits.push_back({.id = SplitId(split.id()), .payload = split.payload()});
      }
    }
    for (const proto::PendingSplit& split : stored.enumerator().pending()) {
      splits.push_back({.id = SplitId(split.id()), .payload = split.payload()});
    }
    return splits;
  }
  return std::nullopt;
}

// Restored into an output of its own, a job has what comes after the checkpoint; what was written before it is in the output of the run
// that took it, which commits it, or has.
bool JobMaster::IsOfAnotherRun(const proto::CheckpointManifest& manifest) const {
  return !manifest.run_id().empty() && manifest.run_id() != submission_.run_id;
}

void JobMaster::PrepareSinks(const CheckpointDriver::Begun& begun) {
  // By position in Prepared::sinks: those of which a writer starts.
  std::map<size_t, SinkRun> runs;
  for (size_t i = 0; i < resources_->sinks.size(); ++i) {
    const Prepared::Sink& sink = resources_->sinks[i];
    const VertexId vertex = VertexOf(sink.node);
    std::set<int> writers = StartingSubtasksOf(vertex);
    if (writers.empty()) continue;
    SinkRun& run = runs[i];
    const bool all = static_cast<int>(writers.size()) == plan_->vertex(vertex).parallelism;
    if (!all) run.only_writers = std::move(writers);
    run.run_id = submission_.run_id;
    run.epoch = attempt().epoch;
    run.attempt = attempt().attempt;
    run.restored = begun.manifest.has_value() && !IsOfAnotherRun(*begun.manifest);
    if (!run.restored) continue;
    for (const proto::OperatorState& stored : begun.manifest->operators()) {
      if (stored.uid() != sink.uid) continue;
      for (const auto& subtask : stored.subtasks()) {
        run.committables.insert(run.committables.end(), subtask.committables().begin(),
                                subtask.committables().end());
      }
    }
  }
  auto then = Weak([this, began = attempt()](absl::Status status) {
    if (state_ != JobState::kRunning || began != attempt()) return;
    if (!status.ok()) return FailStart(status, MayPass(status) ? Remedy::kRestart : Remedy::kNone);
    Deploy();
  });
  io_.Post([runs = std::move(runs), resources = resources_, &env = env_, &control = control_,
            then = std::move(then)]() mutable {
    absl::Status status;
    for (const auto& [i, run] : runs) {
      if (status.ok()) status = resources->sinks[i].coordinator->Prepare(env, run);
    }
    control.Post([then = std::move(then), status = std::move(status)]() mutable {
      then(std::move(status));
    });
  });
}

absl::Status JobMaster::PrepareRestore(const CheckpointDriver::Begun& begun) {
  restore_.clear();
  restore_folder_ = begun.folder;
  restore_plan_.reset();
  if (!begun.manifest.has_value()) return absl::OkStatus();
  if (restarts_ == 0) restored_from_ = CheckpointId(begun.manifest->checkpoint_id());
  std::vector<RestoreOperator> operators;
  for (size_t n = 0; n < graph_->nodes.size(); ++n) {
    const JobNode& node = graph_->nodes[n];
    if (node.uid.empty()) continue;
    RestoreOperator op;
    op.uid = node.uid;
    op.name = node.name;
    op.parallelism = plan_->vertex(VertexOf(NodeId(static_cast<int32_t>(n)))).parallelism;
    op.max_parallelism = node.max_parallelism.value_or(graph_->max_parallelism);
    // What the operators declare is known where they run; their backends refuse state of another schema.
    for (const proto::OperatorState& stored : begun.manifest->operators()) {
      if (stored.uid() == node.uid)
        op.states.assign(stored.states().begin(), stored.states().end());
    }
    operators.push_back(std::move(op));
  }
  proto::CheckpointManifest manifest = *begun.manifest;
  if (IsOfAnotherRun(manifest)) DropCommittables(manifest);
  WEIR_ASSIGN_OR_RETURN(restore_plan_, weir::PlanRestore(manifest, operators, RestoreOptions()));
  for (const SubtaskId id : regions_.SubtasksOf(regions_.starting())) {
    proto::SubtaskRestore subtask = ToMessage(*graph_, *plan_, id, *restore_plan_);
    if (subtask.operators_size() > 0) restore_.push_back(std::move(subtask));
  }
  return absl::OkStatus();
}

absl::Status JobMaster::BuildSources() {
  for (const Prepared::Source& source : resources_->sources) {
    const VertexId vertex = VertexOf(source.node);
    const std::set<int> readers = StartingSubtasksOf(vertex);
    if (readers.empty()) continue;
    const OperatorRestore* restored = nullptr;
    if (restore_plan_.has_value()) {
      const auto found = restore_plan_->operators.find(graph_->node(source.node).uid);
      if (found != restore_plan_->operators.end() && found->second.enumerator.has_value())
        restored = &found->second;
    }
    SourceState& state = sources_[source.node.value()];
    if (state.assigner == nullptr) {
      state.vertex = vertex;
      state.enumerator = source.enumerator.get();
      state.assigner = restored != nullptr
                           ? std::make_unique<SplitAssigner>(*restored, source.parallelism)
                           : std::make_unique<SplitAssigner>(source.splits, source.parallelism);
      state.readers.resize(static_cast<size_t>(source.parallelism));
    }
    if (absl::Status status = state.assigner->Restore(readers, restored); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("source '", graph_->node(source.node).name,
                                                      "': ", status.message()));
    }
  }
  return absl::OkStatus();
}

// Each request to its TaskManager, for the attempt that is being deployed; the first failure is one of it.
template <class Response, class Request>
void JobMaster::CallAll(std::string_view method, const std::map<Address, Request>& requests,
                        absl::Duration deadline, absl::AnyInvocable<void()> on_all_ok) {
  struct Round {
    size_t missing;
    absl::AnyInvocable<void()> on_all_ok;
  };
  auto round = std::make_shared<Round>(Round{requests.size(), std::move(on_all_ok)});
  for (const auto& [to, request] : requests) {
    rpc_->Call<Response>(
        to, method, request, deadline,
        [this, round, to = to, method = std::string(method),
         called = env_.clock().Monotonic()](absl::StatusOr<Response> response) {
          if (state_ != JobState::kRunning) return;
          if (!response.ok()) {
            if (absl::IsUnavailable(response.status())) requests_.report_unreachable(to, called);
            return FailStart(absl::Status(
                response.status().code(),
                absl::StrCat(method, " on ", to, ": ", std::string(response.status().message()))));
          }
          if (--round->missing == 0) round->on_all_ok();
        });
  }
}

void JobMaster::Deploy() {
  proto::DeployTasksRequest request;
  *request.mutable_fence() = fence_;
  request.set_cluster_id(options_.cluster_id);
  request.set_job_name(submission_.job_name);
  for (const auto& [name, value] : submission_.arguments) {
    proto::Argument* argument = request.add_arguments();
    argument->set_name(name);
    argument->set_value(value);
  }
  request.set_default_parallelism(DefaultParallelism());
  request.set_job_graph_digest(JobGraphDigest(*graph_));
  request.set_artifact(submission_.artifact);
  for (const Address& address : slot_addresses_) request.add_slot_addresses(address);
  request.set_chaining(options_.chaining);
  request.set_fusion(options_.fusion);
  if (submission_.checkpoints.durable) request.set_checkpoint_folder(submission_.checkpoint_folder);
  request.set_restore_folder(restore_folder_);
  for (const proto::SubtaskRestore& restore : restore_) *request.add_restore() = restore;
  std::map<Address, proto::DeployTasksRequest> requests;
  const std::vector<SubtaskId> starting = regions_.SubtasksOf(regions_.starting());
  for (const SubtaskId id : starting) request.add_subtasks(id.value());
  for (const SubtaskId id : starting) requests.try_emplace(AddressOf(id), request);
  CallAll<proto::DeployTasksResponse>("DeployTasks", requests, options_.timeouts.deploy_timeout,
                                      [this] { StartTasks(); });
}

void JobMaster::StartTasks() {
  std::map<Address, proto::StartTasksRequest> requests;
  for (auto& [to, request] :
       RequestsFor<proto::StartTasksRequest>(regions_.SubtasksOf(regions_.starting()))) {
    requests[to] = std::move(request);
  }
  CallAll<proto::StartTasksResponse>("StartTasks", requests, options_.timeouts.ask_timeout, [this] {
    std::vector<std::pair<SourceState*, std::set<int>>> begin;
    for (auto& [node, source] : sources_)
      begin.emplace_back(&source, StartingSubtasksOf(source.vertex));
    regions_.OnStarted();
    // Readers that go on with splits of their own need not ask before they hear that there are no others.
    for (const auto& [source, readers] : begin)
      SendSourceEvents(*source, source->assigner->OnStart(readers));
  });
}

JobMaster::SourceState* JobMaster::SourceOf(SubtaskId id) {
  if (plan_ == nullptr || id.value() >= plan_->subtasks.size()) return nullptr;
  for (auto& [node, source] : sources_) {
    if (source.vertex == plan_->subtask(id).vertex) return &source;
  }
  return nullptr;
}

absl::Status JobMaster::OnRequestSplit(const proto::RequestSplitRequest& request) {
  WEIR_RETURN_IF_ERROR(CheckFence(request.fence(), request.subtask()));
  const SubtaskId id(request.subtask());
  if (!regions_.runs(id)) return absl::OkStatus();
  SourceState* source = SourceOf(id);
  if (source == nullptr)
    return absl::InvalidArgumentError(absl::StrCat(id.ToString(), " is no source"));
  SendSourceEvents(*source, source->assigner->OnRequest(plan_->subtask(id).index));
  return absl::OkStatus();
}

void JobMaster::SendSourceEvents(SourceState& source,
                                 std::vector<std::pair<int, SourceEvent>> events) {
  std::set<int> touched;
  for (auto& [reader, event] : events) {
    source.readers[static_cast<size_t>(reader)].events.push_back(std::move(event));
    touched.insert(reader);
  }
  for (int reader : touched) PumpSourceEvents(source, reader);
}

void JobMaster::PumpSourceEvents(SourceState& source, int reader_index) {
  SourceState::Reader& reader = source.readers[static_cast<size_t>(reader_index)];
  const SubtaskId id = plan_->vertex(source.vertex).subtask(reader_index);
  if (reader.sending || reader.events.empty() || !regions_.runs(id)) return;
  reader.sending = true;
  const SourceEvent& event = reader.events.front();
  proto::SourceEventRequest request;
  *request.mutable_fence() = FenceOf(id);
  request.set_subtask(id.value());
  request.set_sequence(reader.sequence);
  if (event.add_split.has_value()) {
    proto::SourceSplitMessage* split = request.add_add_splits();
    split->set_id(event.add_split->id.value());
    split->set_payload(event.add_split->payload);
  }
  request.set_no_more_splits(event.no_more_splits);
  if (event.barrier.has_value()) {
    request.set_trigger_checkpoint(event.barrier->checkpoint.value());
    request.set_at_least_once(event.barrier->kind == BarrierKind::kAtLeastOnce);
  }
  const RegionId region = regions_.of(id);
  region_rpcs_[static_cast<size_t>(region.value())]->Call<proto::SourceEventResponse>(
      AddressOf(id), "SourceEvent", request, options_.timeouts.ask_timeout,
      [this, &source, &reader, reader_index,
       region](absl::StatusOr<proto::SourceEventResponse> response) {
        reader.sending = false;
        if (!regions_.runs(region)) return;
        if (response.ok()) {
          ++reader.sequence;
          reader.events.pop_front();
        } else if (!absl::IsDeadlineExceeded(response.status())) {
          return Fail(response.status(), {region});
        }
        PumpSourceEvents(source, reader_index);
      });
}

absl::Status JobMaster::OnSubtaskStateChanged(const proto::SubtaskStateChangedRequest& request) {
  WEIR_RETURN_IF_ERROR(CheckFence(request.fence(), request.subtask()));
  if (!proto::SubtaskState_IsValid(request.state())) {
    return absl::InvalidArgumentError(absl::StrCat("there is no subtask state ", request.state()));
  }
  if (!regions_.runs(SubtaskId(request.subtask()))) return absl::OkStatus();
  if (request.state() == proto::SUBTASK_FAILED) {
    metrics_[request.subtask()] = FromMessage(request.metrics());
    absl::Status failure = FromMessage(request.failure());
    if (failure.ok()) failure = absl::UnknownError("a subtask failed and did not say why");
    const SourcePosition position = GetSourcePosition(failure);
    SourceState* source = SourceOf(SubtaskId(request.subtask()));
    if (position.known() && source != nullptr) {
      failure =
          absl::Status(failure.code(),
                       absl::StrCat(failure.message(),
                                    "\n  place: ", source->enumerator->DescribePosition(position)));
    }
    Fail(std::move(failure), {regions_.of(SubtaskId(request.subtask()))});
    return absl::OkStatus();
  }
  proto::SubtaskState& known = subtask_states_[request.subtask()];
  if (request.state() <= known) return absl::OkStatus();  // Repeated, or overtaken by a later one.
  if (request.has_metrics()) metrics_[request.subtask()] = FromMessage(request.metrics());
  // A subtask may end before its start is heard of.
  const bool runs = known == proto::SUBTASK_CREATED;
  known = request.state();
  const bool all_run =
      std::all_of(subtask_states_.begin(), subtask_states_.end(),
                  [](proto::SubtaskState s) { return s >= proto::SUBTASK_RUNNING; });
  if (runs && all_run) {
    checkpoints_->Tell(AllSubtasksRunning{attempt()});
    if (state_ == JobState::kRunning) requests_.report_running();
  }
  if (known == proto::SUBTASK_ENDED)
    checkpoints_->Tell(SubtaskEnded{attempt(), SubtaskId(request.subtask())});
  return absl::OkStatus();
}

absl::Status JobMaster::OnAcknowledgeCheckpoint(
    const proto::AcknowledgeCheckpointRequest& request) {
  WEIR_RETURN_IF_ERROR(CheckFence(request.fence(), request.subtask()));
  const SubtaskId subtask(request.subtask());
  if (!regions_.runs(subtask)) return absl::OkStatus();
  // Of a region that runs on, too: the coordinator knows the attempt of the job, and ids never come again.
  const CheckpointId checkpoint(request.checkpoint());
  if (request.has_declined()) {
    checkpoints_->Tell(
        SubtaskDeclined{attempt(), checkpoint, subtask, FromMessage(request.declined())});
  } else {
    checkpoints_->Tell(SubtaskAcknowledged{attempt(), checkpoint, subtask, request.snapshot()});
  }
  return absl::OkStatus();
}

absl::Status JobMaster::OnAcknowledgeCommit(const proto::AcknowledgeCommitRequest& request) {
  WEIR_RETURN_IF_ERROR(CheckFence(request.fence(), request.subtask()));
  if (!regions_.runs(SubtaskId(request.subtask()))) return absl::OkStatus();
  // Of a subtask that has ended these are its last; they count what committing wrote.
  metrics_[request.subtask()] = FromMessage(request.metrics());
  checkpoints_->Tell(
      CommitAcked{attempt(), SubtaskId(request.subtask()), CheckpointId(request.through())});
  return absl::OkStatus();
}

absl::Status JobMaster::OnMetrics(const proto::HeartbeatRequest& heartbeat) {
  proto::Fence fence = heartbeat.fence();
  for (const proto::SubtaskMetrics& metrics : heartbeat.metrics()) {
    fence.set_attempt(metrics.attempt());
    // Of a job or an attempt that is over: nothing to say.
    if (!CheckFence(fence, metrics.subtask()).ok()) continue;
    // What came with its end is final.
    if (subtask_states_[metrics.subtask()] < proto::SUBTASK_ENDED)
      metrics_[metrics.subtask()] = FromMessage(metrics);
  }
  return absl::OkStatus();
}

// ---- The end ----

void JobMaster::TriggerSources(const weir::TriggerSources& action) {
  const CheckpointBarrier barrier{action.checkpoint,
                                  submission_.checkpoints.mode == CheckpointMode::kExactlyOnce
                                      ? BarrierKind::kAligned
                                      : BarrierKind::kAtLeastOnce};
  enumerator_snapshots_.erase(enumerator_snapshots_.begin(),
                              enumerator_snapshots_.lower_bound(action.checkpoint));
  std::map<int32_t, proto::EnumeratorSnapshot>& snapshots =
      enumerator_snapshots_[action.checkpoint];
  for (auto& [node, source] : sources_) {
    proto::EnumeratorSnapshot& snapshot = snapshots[node];
    snapshot.set_split_count(source.assigner->split_count());
    for (const SplitId id : source.assigner->finished()) snapshot.add_finished(id.value());
    for (const SourceSplit& split : source.assigner->pending()) {
      proto::PendingSplit* pending = snapshot.add_pending();
      pending->set_id(split.id.value());
      pending->set_payload(split.payload);
    }
    for (size_t reader = 0; reader < source.readers.size(); ++reader) {
      source.readers[reader].events.push_back({.barrier = barrier});
      PumpSourceEvents(source, static_cast<int>(reader));
    }
  }
}

void JobMaster::CommitCheckpoint(const weir::CommitCheckpoint& action) {
  for (auto& [to, request] : RequestsFor<proto::CommitTasksRequest>(action.subtasks)) {
    request.set_through(action.through.value());
    // Sent again by the coordinator until every subtask has acknowledged.
    rpc_->Call<proto::CommitTasksResponse>(to, "CommitTasks", request,
                                           options_.timeouts.ask_timeout,
                                           [](absl::StatusOr<proto::CommitTasksResponse>) {});
  }
}

void JobMaster::AbortCheckpoint(const weir::AbortCheckpoint& action) {
  RegionTable::Regions regions = regions_.running();
  for (const RegionId starting : regions_.starting()) regions.erase(starting);
  for (auto& [to, request] :
       RequestsFor<proto::AbortCheckpointRequest>(regions_.SubtasksOf(regions))) {
    request.set_checkpoint(action.checkpoint.value());
    // One that does not hear it aborts when the next checkpoint's barrier comes.
    rpc_->Call<proto::AbortCheckpointResponse>(
        to, "AbortCheckpoint", request, options_.timeouts.ask_timeout,
        [](absl::StatusOr<proto::AbortCheckpointResponse>) {});
  }
}

absl::StatusOr<proto::CheckpointManifest> JobMaster::BuildManifest(
    const weir::WriteManifest& action) {
  ManifestHeader header;
  header.checkpoint = action.checkpoint;
  header.job = JobId(fence_.job_id());
  header.job_name = graph_->name;
  header.run_id = submission_.run_id;
  header.job_graph_digest = JobGraphDigest(*graph_);
  header.attempt = attempt();
  std::vector<ManifestOperator> operators;
  for (size_t n = 0; n < graph_->nodes.size(); ++n) {
    const JobNode& node = graph_->nodes[n];
    if (node.uid.empty()) continue;
    ManifestOperator op;
    op.uid = node.uid;
    op.name = node.name;
    op.parallelism = plan_->vertex(VertexOf(NodeId(static_cast<int32_t>(n)))).parallelism;
    op.max_parallelism = node.max_parallelism.value_or(graph_->max_parallelism);
    if (node.kind == NodeKind::kSource) {
      op.enumerator = enumerator_snapshots_.at(action.checkpoint).at(static_cast<int32_t>(n));
    }
    operators.push_back(std::move(op));
  }
  return weir::BuildManifest(header, std::move(operators), action.snapshots);
}

void JobMaster::FailAttempt(const weir::FailAttempt& action) {
  Fail(action.why, regions_.all(), action.fenced ? Remedy::kNone : Remedy::kRestart);
}

void JobMaster::JobMayEnd(const weir::JobMayEnd& action) {
  const JobState end_state =
      action.purpose == CheckpointPurpose::kStop ? JobState::kSuspended : JobState::kFinished;
  auto then = Weak([this, end_state](absl::Status status) {
    if (state_ != JobState::kRunning) return;
    // The results are visible; only their description is missing.
    if (!status.ok()) warnings_.push_back(std::string(status.message()));
    sink_reports_ = std::move(resources_->reports);
    ReleaseAll(end_state);
  });
  io_.Post(
      [resources = resources_, &env = env_, &control = control_, then = std::move(then)]() mutable {
        resources->reports.clear();
        absl::Status status;
        for (auto& sink : resources->sinks) {
          absl::StatusOr<SinkReport> report = sink.coordinator->Report(env);
          if (report.ok()) resources->reports.push_back(*std::move(report));
          status.Update(report.status());
        }
        control.Post([then = std::move(then), status = std::move(status)]() mutable {
          then(std::move(status));
        });
      });
}

proto::Fence JobMaster::FenceOf(SubtaskId id) const {
  proto::Fence fence = fence_;
  fence.set_attempt(regions_.attempt(id).value());
  return fence;
}

absl::Status JobMaster::CheckFence(const proto::Fence& fence, uint32_t subtask) const {
  if (fence.leader_epoch() == fence_.leader_epoch() && fence.job_id() == fence_.job_id() &&
      plan_ != nullptr && subtask < plan_->subtasks.size() &&
      fence.attempt() == regions_.attempt(SubtaskId(subtask)).value()) {
    return absl::OkStatus();
  }
  return absl::AbortedError(absl::StrCat(SubtaskId(subtask).ToString(), " of job ", fence.job_id(),
                                         ", attempt ", fence.attempt(), " of leader epoch ",
                                         fence.leader_epoch(), " is not what runs here"));
}

// ---- Reports ----

std::string JobMaster::DescribePlace(NodeId node, const SetAsideRecords& records) const {
  if (records.count == 0 || !records.first.known()) return "";
  // A position means something to its source only: walk up, and give up where several meet.
  std::set<int32_t> upstream;
  std::vector<NodeId> open = {node};
  while (!open.empty()) {
    const NodeId at = open.back();
    open.pop_back();
    if (sources_.contains(at.value())) upstream.insert(at.value());
    for (const JobEdge& edge : graph_->node(at).inputs) open.push_back(edge.from);
  }
  if (upstream.size() != 1) {
    return absl::StrCat("container ", records.first.container, ", offset ", records.first.offset,
                        " of one of several sources");
  }
  return sources_.at(*upstream.begin()).enumerator->DescribePosition(records.first);
}

std::vector<NodeReport> JobMaster::NodeReports() const {
  static constexpr const char* kKinds[] = {"source", "operator", "sink"};
  std::vector<NodeReport> reports;
  if (plan_ == nullptr) return reports;
  for (size_t n = 0; n < graph_->nodes.size(); ++n) {
    const NodeId id(static_cast<int32_t>(n));
    const JobNode& node = graph_->nodes[n];
    NodeReport report;
    report.name = node.name;
    report.uid = node.uid;
    report.kind = kKinds[static_cast<size_t>(node.kind)];
    report.vertex = VertexOf(id).value();
    report.parallelism = plan_->vertex(VertexOf(id)).parallelism;
    report.metrics.current_input_watermark = EventTime::Max();
    bool any = false;
    for (const SubtaskMetricsList& subtask : metrics_) {
      for (const auto& [of, group] : subtask) {
        if (of != id) continue;
        MergeMetrics(group, report.metrics);
        any = true;
      }
    }
    if (!any) report.metrics.current_input_watermark = EventTime::Min();
    report.first_malformed_place = DescribePlace(id, report.metrics.malformed);
    report.first_late_place = DescribePlace(id, report.metrics.late);
    reports.push_back(std::move(report));
  }
  return reports;
}

JobProgress JobMaster::Progress() const {
  JobProgress progress;
  progress.state = state_;
  progress.waiting_for = waiting_for_;
  progress.restarts = restarts_;
  progress.restored_from = restored_from_;
  if (restarts_ > 0) progress.last_failure = std::string(why_.message());
  if (plan_ == nullptr) return progress;
  progress.checkpoints = checkpoints_->state().completed_count;
  progress.last_checkpoint = checkpoints_->state().published.manifest.checkpoint;
  progress.tasks = static_cast<int>(plan_->subtasks.size());
  progress.slots = plan_->slots;
  for (const proto::SubtaskState state : subtask_states_) {
    progress.tasks_running += state == proto::SUBTASK_RUNNING ? 1 : 0;
    progress.tasks_ended += state == proto::SUBTASK_ENDED ? 1 : 0;
  }
  for (const auto& [node, source] : sources_)
    progress.source_bytes_total += source.enumerator->total_bytes();
  EventTime watermark = EventTime::Max();
  for (const NodeReport& node : NodeReports()) {
    progress.parallelism = std::max(progress.parallelism, node.parallelism);
    progress.malformed = AddCounts(progress.malformed, node.metrics.malformed.count);
    progress.late = AddCounts(progress.late, node.metrics.late.count);
    if (node.kind == "source") {
      progress.source_rows = AddCounts(progress.source_rows, node.metrics.num_records_out);
      progress.source_bytes = AddCounts(progress.source_bytes, node.metrics.num_bytes_in);
    } else if (node.kind == "sink") {
      progress.sink_rows = AddCounts(progress.sink_rows, node.metrics.num_records_in);
      watermark = std::min(watermark, node.metrics.current_input_watermark);
    }
  }
  progress.watermark = watermark;
  return progress;
}

}  // namespace weir
