#include "core/cluster/job_master.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/cluster/metrics_message.h"

namespace weir {

// What the I/O executor works on; this actor leaves it alone while it does.
struct JobMaster::Prepared {
  struct Source {
    NodeId node;
    int parallelism = 1;
    std::unique_ptr<SplitEnumerator> enumerator;
    std::vector<SourceSplit> splits;
  };
  std::vector<Source> sources;
  std::vector<std::unique_ptr<SinkCoordinator>> sinks;
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

JobMaster::JobMaster(Env& env, Executor& control, Executor& io, proto::Fence fence, JobSubmission submission,
                     JobGraphProvider provider, JobMasterOptions options, absl::AnyInvocable<void()> on_slots_wanted,
                     OnDone on_done)
    : env_(env),
      control_(control),
      io_(io),
      fence_(std::move(fence)),
      submission_(std::move(submission)),
      provider_(std::move(provider)),
      options_(std::move(options)),
      on_slots_wanted_(std::move(on_slots_wanted)),
      on_done_(std::move(on_done)),
      rpc_(env.network(), &control) {}

JobMaster::~JobMaster() = default;

// ---- CREATED ----

void JobMaster::Start() {
  started_ = env_.clock().Monotonic();
  if (absl::Status built = BuildGraph(); !built.ok()) return Fail(built);
  auto resources = std::make_shared<Prepared>();
  for (size_t i = 0; i < graph_->nodes.size(); ++i) {
    const JobNode& node = graph_->nodes[i];
    const NodeId id(static_cast<int32_t>(i));
    if (node.enumerator_factory) {
      const int parallelism = plan_->vertex(VertexOf(id)).parallelism;
      resources->sources.push_back({.node = id, .parallelism = parallelism, .enumerator = node.enumerator_factory(), .splits = {}});
    }
    if (node.sink_coordinator_factory) resources->sinks.push_back(node.sink_coordinator_factory());
  }
  resources_ = resources;
  io_.Post([this, resources, &env = env_, &control = control_] {
    absl::Status status = PrepareOnIo(env, *resources);
    control.Post([this, status = std::move(status)] { OnPrepared(status); });
  });
}

absl::Status JobMaster::BuildGraph() {
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, provider_(submission_));
  WEIR_RETURN_IF_ERROR(ValidateJobGraph(graph));
  graph_ = std::make_unique<JobGraph>(std::move(graph));
  WEIR_ASSIGN_OR_RETURN(ExecutionGraph plan, Plan(*graph_, {.default_parallelism = DefaultParallelism(),
                                                            .chaining = options_.chaining,
                                                            .fusion = options_.fusion}));
  plan_ = std::make_unique<ExecutionGraph>(std::move(plan));
  subtask_states_.assign(plan_->subtasks.size(), proto::SUBTASK_CREATED);
  metrics_.resize(plan_->subtasks.size());
  return absl::OkStatus();
}

int JobMaster::DefaultParallelism() const {
  return submission_.parallelism > 0 ? submission_.parallelism : options_.default_parallelism;
}

VertexId JobMaster::VertexOf(NodeId node) const {
  for (size_t v = 0; v < plan_->vertices.size(); ++v) {
    const std::vector<NodeId>& nodes = plan_->vertices[v].nodes;
    if (std::find(nodes.begin(), nodes.end(), node) != nodes.end()) return VertexId(static_cast<int32_t>(v));
  }
  WEIR_CHECK(false) << "node " << node << " is in no vertex";
  return VertexId();
}

absl::Status JobMaster::PrepareOnIo(Env& env, Prepared& prepared) {
  // Sources first: a missing input should not leave an empty output behind.
  for (Prepared::Source& source : prepared.sources) {
    WEIR_ASSIGN_OR_RETURN(source.splits, source.enumerator->DiscoverSplits(env, source.parallelism));
  }
  for (auto& sink : prepared.sinks) WEIR_RETURN_IF_ERROR(sink->Prepare(env));
  return absl::OkStatus();
}

void JobMaster::OnPrepared(absl::Status status) {
  if (state_ != JobState::kCreated) return Finish(state_ == JobState::kFailing ? JobState::kFailed : JobState::kCanceled);
  if (!status.ok()) return Fail(status);
  for (Prepared::Source& source : resources_->sources) {
    SourceState& state = sources_[source.node.value()];
    state.vertex = VertexOf(source.node);
    state.enumerator = source.enumerator.get();
    state.assigner = std::make_unique<SplitAssigner>(std::move(source.splits), source.parallelism);
    state.readers.resize(static_cast<size_t>(source.parallelism));
  }
  prepared_ = true;
  on_slots_wanted_();
}

// ---- RUNNING ----

void JobMaster::OnSlots(std::vector<Address> slot_addresses) {
  WEIR_CHECK_EQ(static_cast<int>(slot_addresses.size()), plan_->slots);
  slot_addresses_ = std::move(slot_addresses);
  waiting_for_.clear();
  state_ = JobState::kRunning;
  Deploy();
}

// Calls every TaskManager of the job; the first failure fails the job.
template <class Response, class Request>
void JobMaster::CallAll(std::string_view method, const Request& request, absl::Duration deadline,
                        absl::AnyInvocable<void()> on_all_ok) {
  struct Round {
    size_t missing;
    absl::AnyInvocable<void()> on_all_ok;
  };
  const std::set<Address> targets = task_managers();
  auto round = std::make_shared<Round>(Round{targets.size(), std::move(on_all_ok)});
  for (const Address& to : targets) {
    rpc_.Call<Response>(to, method, request, deadline,
                        [this, round, to, method = std::string(method)](absl::StatusOr<Response> response) {
                          if (state_ != JobState::kRunning) return;
                          if (!response.ok()) {
                            return Fail(absl::Status(response.status().code(),
                                                     absl::StrCat(method, " on ", to, ": ",
                                                                  std::string(response.status().message()))));
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
  for (const Address& address : slot_addresses_) request.add_slot_addresses(address);
  request.set_chaining(options_.chaining);
  request.set_fusion(options_.fusion);
  CallAll<proto::DeployTasksResponse>("DeployTasks", request, options_.timeouts.deploy_timeout,
                                      [this] { StartTasks(); });
}

void JobMaster::StartTasks() {
  proto::StartTasksRequest request;
  *request.mutable_fence() = fence_;
  CallAll<proto::StartTasksResponse>("StartTasks", request, options_.timeouts.ask_timeout, [] {});
}

JobMaster::SourceState* JobMaster::SourceOf(SubtaskId id) {
  if (id.value() >= plan_->subtasks.size()) return nullptr;
  for (auto& [node, source] : sources_) {
    if (source.vertex == plan_->subtask(id).vertex) return &source;
  }
  return nullptr;
}

absl::Status JobMaster::OnRequestSplit(const proto::RequestSplitRequest& request) {
  WEIR_RETURN_IF_ERROR(CheckFence(request.fence()));
  const SubtaskId id(request.subtask());
  SourceState* source = SourceOf(id);
  if (source == nullptr) return absl::InvalidArgumentError(absl::StrCat(id.ToString(), " is no source"));
  std::set<int> touched;
  for (auto& [reader, event] : source->assigner->OnRequest(plan_->subtask(id).index)) {
    source->readers[static_cast<size_t>(reader)].events.push_back(std::move(event));
    touched.insert(reader);
  }
  for (int reader : touched) PumpSourceEvents(*source, reader);
  return absl::OkStatus();
}

void JobMaster::PumpSourceEvents(SourceState& source, int reader_index) {
  SourceState::Reader& reader = source.readers[static_cast<size_t>(reader_index)];
  if (reader.sending || reader.events.empty() || state_ != JobState::kRunning) return;
  reader.sending = true;
  const SourceEvent& event = reader.events.front();
  const SubtaskId id(plan_->vertex(source.vertex).first_subtask.value() + static_cast<uint32_t>(reader_index));
  proto::SourceEventRequest request;
  *request.mutable_fence() = fence_;
  request.set_subtask(id.value());
  request.set_sequence(reader.sequence);
  if (event.add_split.has_value()) {
    proto::SourceSplitMessage* split = request.add_add_splits();
    split->set_id(event.add_split->id.value());
    split->set_payload(event.add_split->payload);
  }
  request.set_no_more_splits(event.no_more_splits);
  const Address& to = slot_addresses_[static_cast<size_t>(plan_->subtask(id).slot)];
  rpc_.Call<proto::SourceEventResponse>(
      to, "SourceEvent", request, options_.timeouts.ask_timeout,
      [this, &source, &reader, reader_index](absl::StatusOr<proto::SourceEventResponse> response) {
        reader.sending = false;
        if (state_ != JobState::kRunning) return;
        if (response.ok()) {
          ++reader.sequence;
          reader.events.pop_front();
        } else if (!absl::IsDeadlineExceeded(response.status())) {
          return Fail(response.status());
        }
        PumpSourceEvents(source, reader_index);
      });
}

absl::Status JobMaster::OnSubtaskStateChanged(const proto::SubtaskStateChangedRequest& request) {
  WEIR_RETURN_IF_ERROR(CheckFence(request.fence()));
  if (request.subtask() >= subtask_states_.size()) return absl::InvalidArgumentError("no such subtask");
  if (request.has_metrics()) metrics_[request.subtask()] = FromMessage(request.metrics());
  if (state_ != JobState::kRunning) return absl::OkStatus();
  if (request.state() == proto::SUBTASK_FAILED) {
    Fail(FromMessage(request.failure()));
    return absl::OkStatus();
  }
  proto::SubtaskState& known = subtask_states_[request.subtask()];
  if (request.state() <= known) return absl::OkStatus();  // Repeated, or overtaken by a later one.
  known = request.state();
  const auto all_at_least = [this](proto::SubtaskState state) {
    return std::all_of(subtask_states_.begin(), subtask_states_.end(),
                       [state](proto::SubtaskState s) { return s >= state; });
  };
  if (request.state() == proto::SUBTASK_ENDED && all_at_least(proto::SUBTASK_ENDED)) OnAllEnded();
  if (request.state() == proto::SUBTASK_COMMITTED && all_at_least(proto::SUBTASK_COMMITTED)) OnAllCommitted();
  return absl::OkStatus();
}

absl::Status JobMaster::OnMetrics(const proto::HeartbeatRequest& heartbeat) {
  if (!CheckFence(heartbeat.fence()).ok()) return absl::OkStatus();  // Of a job that is over: nothing to say.
  for (const proto::SubtaskMetrics& metrics : heartbeat.metrics()) {
    // What came with its end is final.
    if (metrics.subtask() < metrics_.size() && subtask_states_[metrics.subtask()] < proto::SUBTASK_ENDED) {
      metrics_[metrics.subtask()] = FromMessage(metrics);
    }
  }
  return absl::OkStatus();
}

// ---- The end ----

void JobMaster::OnAllEnded() {
  proto::CommitTasksRequest request;
  *request.mutable_fence() = fence_;
  CallAll<proto::CommitTasksResponse>("CommitTasks", request, options_.timeouts.ask_timeout, [] {});
}

void JobMaster::OnAllCommitted() {
  io_.Post([this, resources = resources_, &env = env_, &control = control_] {
    absl::Status status;
    for (auto& sink : resources->sinks) {
      absl::StatusOr<SinkReport> report = sink->Report(env);
      if (report.ok()) resources->reports.push_back(*std::move(report));
      status.Update(report.status());
    }
    control.Post([this, status = std::move(status)] {
      if (state_ != JobState::kRunning) return;
      // The results are visible; only their description is missing.
      if (!status.ok()) warnings_.push_back(std::string(status.message()));
      sink_reports_ = std::move(resources_->reports);
      ReleaseAll(JobState::kFinished);
    });
  });
}

void JobMaster::Cancel(absl::Status why) {
  if (state_ != JobState::kCreated && state_ != JobState::kRunning) return;
  const bool running = state_ == JobState::kRunning;
  why_ = std::move(why);
  state_ = JobState::kCancelling;
  if (running) return ReleaseAll(JobState::kCanceled);
  // Before OnPrepared the I/O executor still works on it; OnPrepared then sees the state.
  if (prepared_) Finish(JobState::kCanceled);
}

void JobMaster::Fail(absl::Status why) {
  if (state_ != JobState::kCreated && state_ != JobState::kRunning) return;
  const bool running = state_ == JobState::kRunning;
  why_ = std::move(why);
  state_ = JobState::kFailing;
  if (running) return ReleaseAll(JobState::kFailed);
  Finish(JobState::kFailed);
}

void JobMaster::OnTaskManagerLost(const Address& address) {
  if (state_ != JobState::kRunning || !task_managers().contains(address)) return;
  Fail(absl::UnavailableError(absl::StrCat("TaskManager ", address, " sent no heartbeat for ",
                                           absl::FormatDuration(options_.timeouts.heartbeat_timeout))));
}

void JobMaster::ReleaseAll(JobState end_state) {
  if (std::exchange(releasing_, true)) return;
  proto::ReleaseTasksRequest request;
  *request.mutable_fence() = fence_;
  const std::set<Address> targets = task_managers();
  auto missing = std::make_shared<size_t>(targets.size());
  for (const Address& to : targets) {
    // A TaskManager that cannot be reached releases by itself when it misses the JobManager.
    rpc_.Call<proto::ReleaseTasksResponse>(to, "ReleaseTasks", request, options_.timeouts.release_timeout,
                                           [this, missing, end_state](absl::StatusOr<proto::ReleaseTasksResponse>) {
                                             if (--*missing == 0) Finish(end_state);
                                           });
  }
}

void JobMaster::Finish(JobState end_state) {
  state_ = end_state;
  JobResult result;
  result.state = end_state;
  result.status = why_;
  result.runtime = env_.clock().Monotonic() - started_;
  if (plan_ != nullptr) result.nodes = NodeReports();
  result.sinks = sink_reports_;
  result.warnings = warnings_;
  if (on_done_) std::exchange(on_done_, nullptr)(std::move(result));
}

absl::Status JobMaster::CheckFence(const proto::Fence& fence) const {
  if (fence.leader_epoch() == fence_.leader_epoch() && fence.job_id() == fence_.job_id() &&
      fence.attempt() == fence_.attempt()) {
    return absl::OkStatus();
  }
  return absl::AbortedError(absl::StrCat("job ", fence.job_id(), ", attempt ", fence.attempt(), " of leader epoch ",
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
  for (size_t n = 0; n < graph_->nodes.size(); ++n) {
    const NodeId id(static_cast<int32_t>(n));
    const JobNode& node = graph_->nodes[n];
    NodeReport report;
    report.name = node.name;
    report.uid = node.uid;
    report.kind = kKinds[static_cast<size_t>(node.kind)];
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
  if (plan_ == nullptr) return progress;
  for (const auto& [node, source] : sources_) progress.source_bytes_total += source.enumerator->total_bytes();
  EventTime watermark = EventTime::Max();
  for (const NodeReport& node : NodeReports()) {
    progress.malformed += node.metrics.malformed.count;
    progress.late += node.metrics.late.count;
    if (node.kind == "source") {
      progress.source_rows += node.metrics.num_records_out;
      progress.source_bytes += node.metrics.num_bytes_in;
    } else if (node.kind == "sink") {
      progress.sink_rows += node.metrics.num_records_in;
      watermark = std::min(watermark, node.metrics.current_input_watermark);
    }
  }
  progress.watermark = watermark;
  return progress;
}

}  // namespace weir
