#include "core/runtime/subtask.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/check.h"
#include "core/base/key_group.h"
#include "core/base/status_macros.h"
#include "core/env/random.h"
#include "core/runtime/restored_content.h"
#include "core/runtime/snapshot_message.h"
#include "core/types/hello.h"

namespace weir {
namespace {

// Chain calls per turn: up to 16 batches through every stage. Counted, never timed, so that a turn is the same wherever it runs.
constexpr size_t kBatchesPerTurn = 16;

// What one row is said to cost this subtask, for Executor::Charge: 1 us to 1.024 ms, half of them below 6 us and one in ten above
// 256 us, so that most subtasks of a simulated job are fast and now and then the others wait for a slow one. The bound lets a job
// of some thousand rows end within simulated seconds.
absl::Duration DrawRowCost(Env& env, SubtaskId subtask) {
  constexpr int kUnit = 1 << 10;
  const auto drawn = static_cast<int64_t>(env.random().Uniform(
      {RandomStream::kConfig, "subtask.row_cost", subtask.value()}, uint64_t{kUnit}));
  // Doublings, as a square: few are large. In fractions of kUnit * kUnit.
  const int64_t doublings = 10 * drawn * drawn;
  const int64_t low_ns = int64_t{1000} << (doublings / (kUnit * kUnit));
  return absl::Nanoseconds(low_ns + low_ns * (doublings % (kUnit * kUnit)) / (kUnit * kUnit));
}

}  // namespace

class Subtask::Context final : public OperatorContext {
 public:
  Context(Subtask& subtask, OperatorIdentity identity)
      : subtask_(subtask), identity_(std::move(identity)) {}
  const OperatorIdentity& identity() const override { return identity_; }
  MetricGroup& metrics() override { return metrics_; }
  Env& env() override { return subtask_.env_; }
  Executor& executor() override { return subtask_.worker_; }
  Executor& io_executor() override { return subtask_.io_; }
  size_t fanout_bytes_max() const override { return subtask_.spec_.options.fanout_bytes_max; }
  void Wake() override {
    subtask_.PostSelf([](Subtask& self) { self.OnWake(); });
  }

 private:
  Subtask& subtask_;
  const OperatorIdentity identity_;
  MetricGroup metrics_;
};

std::shared_ptr<Subtask> Subtask::Create(Env& env, Executor& worker, Executor& io, SubtaskSpec spec,
                                         SubtaskListener* listener) {
  std::shared_ptr<Subtask> subtask(new Subtask(env, worker, io, std::move(spec), listener));
  subtask->Build();
  return subtask;
}

Subtask::Subtask(Env& env, Executor& worker, Executor& io, SubtaskSpec spec,
                 SubtaskListener* listener)
    : env_(env), worker_(worker), io_(io), spec_(std::move(spec)), listener_(listener) {}

Subtask::~Subtask() = default;

// Posts to the worker; dropped if the subtask is gone by then.
template <class Fn>
void Subtask::PostSelf(Fn fn) {
  worker_.Post([weak = weak_from_this(), fn = std::move(fn)]() mutable {
    if (std::shared_ptr<Subtask> self = weak.lock()) fn(*self);
  });
}

std::string Subtask::name() const {
  return absl::StrCat(spec_.graph->node(vertex().nodes.back()).name, " (", planned().index + 1, "/",
                      vertex().parallelism, ")");
}

// ---- Building ----

void Subtask::Build() {
  std::vector<OutputEdge> edges;
  for (int position : vertex().out_edges) {
    edges.push_back(BuildOutputEdge(spec_.plan->edges[static_cast<size_t>(position)]));
  }
  router_ = std::make_unique<OutputRouter>(std::move(edges));
  chain_ =
      std::make_unique<OperatorChain>(BuildStages(), spec_.options.batch_rows_max, router_.get());
  if (!vertex().in_edges.empty()) BuildGate();
}

std::vector<ChainStageSpec> Subtask::BuildStages() {
  std::vector<ChainStageSpec> stages;
  for (const Stage& planned_stage : vertex().stages) {
    const JobNode& first = spec_.graph->node(planned_stage.first);
    const JobNode& last = spec_.graph->node(planned_stage.last);
    OperatorIdentity identity;
    identity.job_name = spec_.graph->name;
    identity.uid = last.uid;
    identity.name = last.name;
    identity.subtask_index = planned().index;
    identity.epoch = spec_.hello.leader_epoch;
    identity.attempt = spec_.attempt;
    identity.parallelism = vertex().parallelism;
    identity.max_parallelism = last.max_parallelism.value_or(spec_.graph->max_parallelism);
    identity.key_groups = KeyGroupRangeForSubtask(identity.subtask_index, identity.max_parallelism,
                                                  identity.parallelism);
    ChainStageSpec stage;
    stage.op = planned_stage.fused ? last.fused_factory() : last.factory();
    stage.context = std::make_unique<Context>(*this, std::move(identity));
    stage.key_hasher = planned_stage.key_hasher;
    if (!first.inputs.empty())
      stage.input_codec = spec_.graph->node(first.inputs[0].from).output_codec;
    stage.output_codec = last.output_codec;
    stage.is_source = first.kind == NodeKind::kSource;
    if (planned_stage.fused) {
      // A fused run's nodes follow one another in the chain.
      auto at = std::find(vertex().nodes.begin(), vertex().nodes.end(), planned_stage.first);
      for (; *at != planned_stage.last; ++at)
        stage.fused_names.push_back(spec_.graph->node(*at).name);
      stage.fused_names.push_back(last.name);
    }
    stages.push_back(std::move(stage));
  }
  return stages;
}

OutputEdge Subtask::BuildOutputEdge(const Edge& edge) {
  OutputEdge output;
  output.partitioning = edge.partitioning;
  output.key_hasher = edge.key_hasher;
  const JobNode& producer = spec_.graph->node(edge.from_node);
  output.producer =
      absl::StrCat("operator '", producer.name, "'",
                   producer.uid.empty() ? "" : absl::StrCat(" (uid ", producer.uid, ")"),
                   ", subtask ", planned().index + 1, "/", vertex().parallelism);
  const Vertex& consumer = spec_.plan->vertex(edge.to);
  output.max_parallelism = consumer.max_parallelism;
  output.consumer = spec_.graph->node(edge.to_node).name;
  const std::shared_ptr<const RowCodec>& codec = spec_.graph->node(edge.from_node).output_codec;
  output.codec = codec;
  const bool forward = edge.partitioning == Partitioning::kForward;
  const int begin = forward ? planned().index : 0;
  const int end = forward ? planned().index + 1 : edge.to_parallelism;
  for (int to = begin; to < end; ++to) {
    const ChannelId id = edge.channel(planned().index, to);
    auto channel = std::make_unique<OutputChannel>(
        OutputChannel::Options{.channel = id,
                               .attempt = spec_.attempt,
                               .frame_bytes_max = spec_.options.frame_bytes_max,
                               .record_bytes_max = std::max(spec_.options.record_bytes_max,
                                                            spec_.options.frame_bytes_max)},
        codec, [this] { Schedule(); }, [this](absl::Status why) { Fail(std::move(why)); });
    std::string hello;
    EncodeHello(spec_.hello, hello);
    EncodeChannelHello({.job = spec_.job,
                        .channel = id,
                        .attempt = spec_.attempt,
                        .schema_digest = codec->schema().Digest()},
                       hello);
    const int slot =
        spec_.plan->subtasks[consumer.first_subtask.value() + static_cast<uint32_t>(to)].slot;
    connections_.push_back(
        {channel.get(), {spec_.slot_addresses[static_cast<size_t>(slot)], std::move(hello)}});
    output.channels.push_back(std::move(channel));
  }
  return output;
}

void Subtask::BuildGate() {
  std::vector<InputChannelSpec> channels;
  for (int position : vertex().in_edges) {
    const Edge& edge = spec_.plan->edges[static_cast<size_t>(position)];
    const bool forward = edge.partitioning == Partitioning::kForward;
    const int begin = forward ? planned().index : 0;
    const int end = forward ? planned().index + 1 : edge.from_parallelism;
    for (int from = begin; from < end; ++from) {
      channels.push_back({.channel = edge.channel(from, planned().index),
                          .input = edge.input,
                          .codec = spec_.graph->node(edge.from_node).output_codec});
    }
  }
  merger_ = std::make_unique<WatermarkMerger>(channels.size());
  aligner_ = std::make_unique<BarrierAligner>(channels.size());
  gate_ = std::make_unique<InputGate>(
      std::move(channels),
      InputGate::Options{.attempt = spec_.attempt,
                         .credit = spec_.options.frames_in_flight_per_channel},
      [this] { Schedule(); }, [this](absl::Status why) { Fail(std::move(why)); });
}

// ---- Messages in ----

void Subtask::Start() {
  PostSelf([](Subtask& self) { self.OnStart(); });
}

void Subtask::OnStart() {
  if (state_ != State::kCreated) return;
  state_ = State::kRestoring;
  row_cost_ = DrawRowCost(env_, spec_.id);
  if (absl::Status opened = chain_->Open(); !opened.ok()) return Fail(opened);
  std::vector<StateRestore::Read> reads;
  for (size_t i = 0; i < vertex().stages.size(); ++i) {
    const auto found = spec_.restore.find(spec_.graph->node(vertex().stages[i].last).uid);
    if (found == spec_.restore.end()) continue;
    for (const proto::KeyedStateSnapshot& keyed : found->second.keyed()) {
      for (const proto::StateFile& file : keyed.files())
        reads.push_back({.backend = chain_->backend(i), .file = file});
    }
  }
  state_restore_ = std::make_unique<StateRestore>(
      std::move(reads), spec_.storage, worker_, io_,
      [this](absl::Status restored) { OnRestored(std::move(restored)); });
  state_restore_->Start();
}

void Subtask::OnRestored(absl::Status restored) {
  if (state_ != State::kRestoring) return;
  for (size_t i = 0; restored.ok() && i < vertex().stages.size(); ++i) {
    const auto found = spec_.restore.find(spec_.graph->node(vertex().stages[i].last).uid);
    if (found == spec_.restore.end()) continue;
    restored = CheckRestoredTables(i, found->second);
    if (restored.ok()) restored = chain_->RestoreOperator(i, FromMessage(found->second));
  }
  if (!restored.ok()) return Fail(std::move(restored));
  state_ = State::kRunning;
  for (auto& [channel, to] : connections_) {
    channel->Connect(env_.network(), to.first, std::move(to.second), &worker_);
  }
  connections_.clear();
  listener_->OnSubtaskRunning(spec_.id, restored_);
  for (auto& call : std::exchange(early_, {})) call(*this);
  Schedule();
}

// Looks at what the tables hold, not at what was read: whatever went wrong in between shows.
absl::Status Subtask::CheckRestoredTables(size_t stage,
                                          const proto::SubtaskStateSnapshot& restore) {
  const StateBackend* backend = chain_->backend(stage);
  if (backend == nullptr || backend->declarations().empty()) return absl::OkStatus();
  proto::RestoredState& state = restored_.emplace_back();
  state.set_uid(spec_.graph->node(vertex().stages[stage].last).uid);
  state.set_index(static_cast<uint32_t>(planned().index));
  state.set_key_groups_begin(backend->key_groups().begin);
  state.set_key_groups_end(backend->key_groups().end);
  state.set_content_hash(backend->ContentHash(backend->key_groups()));
  return CheckRestoredContent(state.uid(), restore, state.content_hash());
}

// Runs `fn` on the worker, when the subtask runs: what comes earlier waits for that.
void Subtask::PostWhenRunning(std::function<void(Subtask&)> fn) {
  PostSelf([fn = std::move(fn)](Subtask& self) {
    if (self.state_ == State::kCreated || self.state_ == State::kRestoring) {
      self.early_.push_back(fn);
    } else if (self.active()) {
      fn(self);
    }
  });
}

// What the JobManager tells a source happens in that order, also when output is blocked: a split, or the news that there are no
// more, that came behind a barrier is not in the snapshot of that barrier.
void Subtask::PostSourceEvent(std::function<absl::Status(Subtask&)> event) {
  PostWhenRunning([event = std::move(event)](Subtask& self) {
    if (self.chain_->source() == nullptr) {
      return self.Fail(absl::InvalidArgumentError(
          absl::StrCat(self.name(), " is no source and takes no splits")));
    }
    self.source_events_.push_back(event);
    self.Schedule();
  });
}

void Subtask::AddSplits(std::vector<SourceSplit> splits, bool no_more_splits) {
  PostSourceEvent([splits = std::move(splits), no_more_splits](Subtask& self) {
    self.split_requested_ = false;
    for (const SourceSplit& split : splits) WEIR_RETURN_IF_ERROR(self.chain_->AddSplit(split));
    if (no_more_splits) WEIR_RETURN_IF_ERROR(self.chain_->NoMoreSplits());
    self.OnWake();
    return absl::OkStatus();
  });
}

void Subtask::TriggerCheckpoint(CheckpointBarrier barrier) {
  PostSourceEvent([barrier](Subtask& self) {
    self.due_barrier_ = barrier;
    return absl::OkStatus();
  });
}

void Subtask::AbortCheckpoint(CheckpointId checkpoint) {
  PostSelf([checkpoint](Subtask& self) {
    if (!self.active()) return;
    self.aborted_ = std::max(self.aborted_, checkpoint);
    if (self.aligner_ != nullptr) self.aligner_->OnAborted(checkpoint);
    self.Schedule();
  });
}

void Subtask::Commit(CheckpointId through) {
  PostWhenRunning([through](Subtask& self) {
    if (through <= self.committed_) {
      return self.listener_->OnSubtaskCommitted(self.spec_.id, self.committed_,
                                                self.CollectMetrics());
    }
    self.commit_requested_ = std::max(self.commit_requested_, through);
    self.Schedule();
  });
}

void Subtask::PublishMetrics() {
  PostSelf([](Subtask& self) {
    if (self.state_ == State::kReleased) return;
    self.listener_->OnSubtaskMetrics(self.spec_.id, self.CollectMetrics());
  });
}

void Subtask::Release() {
  PostSelf([](Subtask& self) {
    if (self.state_ == State::kReleased) return;
    self.state_ = State::kReleased;
    self.state_restore_.reset();
    self.upload_.reset();
    self.chain_->Close();
    if (self.gate_ != nullptr) self.gate_->Close();
    self.router_->Close();
    self.listener_->OnSubtaskReleased(self.spec_.id);
  });
}

absl::StatusOr<ServerHandler::Accepted> Subtask::Accept(ChannelId channel, uint64_t schema_digest) {
  const std::optional<size_t> position = gate_ == nullptr ? std::nullopt : gate_->Find(channel);
  if (!position.has_value())
    return absl::NotFoundError(absl::StrCat(name(), " does not read ", channel.ToString()));
  if (gate_->codec(*position).schema().Digest() != schema_digest) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the rows of ", channel.ToString(), " have another schema than ", name(), " reads"));
  }
  ServerHandler::Accepted accepted;
  accepted.handler = gate_->handler(*position);
  accepted.executor = &worker_;
  accepted.on_accepted = [self = shared_from_this(),
                          at = *position](std::unique_ptr<StreamReceiver> receiver) {
    if (self->state_ == State::kReleased) return;  // Drops the receiver, which breaks the stream.
    self->gate_->Attach(at, std::move(receiver));
  };
  return accepted;
}

// ---- Turns ----

void Subtask::Schedule() {
  if (scheduled_ || !active()) return;
  scheduled_ = true;
  PostSelf([](Subtask& self) { self.RunTurn(); });
}

void Subtask::OnWake() {
  waits_for_wake_ = false;
  source_blocked_ = false;
  Schedule();
}

void Subtask::RunTurn() {
  scheduled_ = false;
  absl::StatusOr<Progress> progress = Progress::kBlocked;
  for (size_t i = 0; i < kBatchesPerTurn * chain_->size() && active(); ++i) {
    progress = Step();
    if (!progress.ok()) return Fail(std::move(progress).status());
    if (*progress != Progress::kMore) break;
  }
  if (state_ == State::kReleased || state_ == State::kFailed) return;
  router_->Flush();
  ChargeRows();
  bool more = *progress == Progress::kMore;
  if (upload_ != nullptr) {
    StepUpload();
    // Without an upload a due barrier can go on; with one that does not wait for I/O the cursor can.
    more = more || upload_ == nullptr || !upload_->waiting();
  }
  if (more) Schedule();
}

// States what the rows that the stages took in (a source: read) since the last call cost.
void Subtask::ChargeRows() {
  int64_t rows = 0;
  for (size_t i = 0; i < chain_->size(); ++i) rows += chain_->metrics(i).num_records_in;
  const int64_t taken = rows - std::exchange(rows_charged_, rows);
  if (taken > 0) worker_.Charge(taken * row_cost_);
}

absl::StatusOr<Progress> Subtask::Step() {
  if (waits_for_wake_ || router_->blocked()) return Progress::kBlocked;
  if (upload_ != nullptr && upload_->congested()) return Progress::kBlocked;
  if (!chain_->idle()) {
    WEIR_ASSIGN_OR_RETURN(const Progress progress, chain_->Run());
    if (progress == Progress::kBlocked) waits_for_wake_ = true;
    return progress == Progress::kBlocked ? Progress::kBlocked : Progress::kMore;
  }
  if (control_ != ControlCall::kNone) {
    OnControlThrough();
    return Progress::kMore;
  }
  if (due_barrier_.has_value()) {
    // One snapshot at a time: the running one is driven to its end first.
    if (upload_ != nullptr) return Progress::kBlocked;
    barrier_ = *std::exchange(due_barrier_, std::nullopt);
    BeginControl(ControlCall::kBarrier);
    return Progress::kMore;
  }
  if (commit_requested_ > committed_) {
    BeginControl(ControlCall::kCommit);
    return Progress::kMore;
  }
  return chain_->source() != nullptr ? StepSource() : StepGate();
}

void Subtask::BeginControl(ControlCall call) {
  control_ = call;
  switch (call) {
    case ControlCall::kBarrier:
      return chain_->PushBarrier(barrier_);
    case ControlCall::kFinish:
      return chain_->PushFinish();
    case ControlCall::kCommit:
      commit_in_chain_ = commit_requested_;
      return chain_->PushCommit(commit_in_chain_);
    case ControlCall::kNone:
      return;
  }
}

void Subtask::OnControlThrough() {
  switch (std::exchange(control_, ControlCall::kNone)) {
    case ControlCall::kBarrier:
      return OnBarrierThrough();
    case ControlCall::kFinish:
      return OnEnded();
    case ControlCall::kCommit:
      committed_ = commit_in_chain_;
      return listener_->OnSubtaskCommitted(spec_.id, committed_, CollectMetrics());
    case ControlCall::kNone:
      return;
  }
}

absl::StatusOr<Progress> Subtask::StepSource() {
  if (!source_events_.empty()) {
    const std::function<absl::Status(Subtask&)> event = std::move(source_events_.front());
    source_events_.pop_front();
    WEIR_RETURN_IF_ERROR(event(*this));
    return Progress::kMore;
  }
  if (state_ == State::kEnded) return Progress::kBlocked;
  SourceOperatorBase* source = chain_->source();
  if (source_ended_) {
    BeginControl(ControlCall::kFinish);
    return Progress::kMore;
  }
  if (source->WantsSplit() && !split_requested_) {
    split_requested_ = true;
    listener_->OnSubtaskWantsSplit(spec_.id);
  }
  if (source_blocked_) return Progress::kBlocked;
  chain_->PushPoll();
  WEIR_RETURN_IF_ERROR(chain_->Run().status());
  source_ended_ = chain_->last_poll() == Progress::kDone;
  source_blocked_ = chain_->last_poll() == Progress::kBlocked;
  return Progress::kMore;
}

absl::StatusOr<Progress> Subtask::StepGate() {
  WEIR_ASSIGN_OR_RETURN(std::optional<GateElement> next,
                        gate_->Next(chain_->TakeFreeBatch(), *aligner_));
  if (!next.has_value()) {
    if (state_ == State::kEnded || !gate_->all_ended()) return Progress::kBlocked;
    BeginControl(ControlCall::kFinish);
    return Progress::kMore;
  }
  if (auto* batch = std::get_if<std::unique_ptr<BatchBase>>(&next->element)) {
    chain_->PushBatch(next->input, std::move(*batch));
  } else if (auto* watermark = std::get_if<Watermark>(&next->element)) {
    if (auto merged = merger_->OnWatermark(next->channel, *watermark))
      chain_->PushWatermark(*merged);
  } else if (auto* barrier = std::get_if<CheckpointBarrier>(&next->element)) {
    const BarrierAligner::Decision decision = aligner_->OnBarrier(next->channel, *barrier);
    if (decision.given_up.has_value()) {
      listener_->OnSubtaskDeclined(spec_.id, *decision.given_up,
                                   absl::AbortedError("a newer checkpoint's barrier came first"));
    }
    due_barrier_ = decision.snapshot;
  }
  return Progress::kMore;
}

void Subtask::OnBarrierThrough() {
  router_->Flush();
  proto::SubtaskSnapshot snapshot = CollectSnapshot();
  std::vector<SnapshotUpload::Part> parts = StateParts(snapshot);
  upload_ = std::make_unique<SnapshotUpload>(barrier_.checkpoint, spec_.id, std::move(parts),
                                             std::move(snapshot), spec_.storage, worker_, io_,
                                             [this] { Schedule(); });
}

void Subtask::StepUpload() {
  if (upload_->checkpoint() <= aborted_) {
    upload_.reset();
    return;
  }
  absl::StatusOr<bool> done = upload_->Step();
  if (!done.ok()) {
    // The storage may be well again at the next checkpoint.
    listener_->OnSubtaskDeclined(spec_.id, upload_->checkpoint(), done.status());
    upload_.reset();
  } else if (*done) {
    listener_->OnSubtaskAcknowledged(spec_.id, upload_->checkpoint(), upload_->TakeSnapshot());
    upload_.reset();
  }
}

std::vector<SnapshotUpload::Part> Subtask::StateParts(const proto::SubtaskSnapshot& snapshot) {
  std::vector<SnapshotUpload::Part> parts;
  for (size_t i = 0; i < vertex().stages.size(); ++i) {
    StateBackend* backend = chain_->backend(i);
    if (backend == nullptr || backend->declarations().empty()) continue;
    const std::string& uid = spec_.graph->node(vertex().stages[i].last).uid;
    for (int op = 0; op < snapshot.operators_size(); ++op) {
      if (snapshot.operators(op).uid() == uid)
        parts.push_back({.backend = backend, .operator_index = op});
    }
  }
  return parts;
}

proto::SubtaskSnapshot Subtask::CollectSnapshot() {
  proto::SubtaskSnapshot snapshot;
  for (size_t i = 0; i < vertex().stages.size(); ++i) {
    const JobNode& node = spec_.graph->node(vertex().stages[i].last);
    OperatorSnapshot state = chain_->TakeSnapshot(i);
    if (node.uid.empty()) continue;
    proto::OperatorSnapshot* out = snapshot.add_operators();
    out->set_uid(node.uid);
    StateBackend* backend = chain_->backend(i);
    AddDeclarations(backend == nullptr ? std::vector<StateDeclaration>() : backend->declarations(),
                    state, *out);
    *out->mutable_state() = ToMessage(planned().index, state_ == State::kEnded, state);
  }
  return snapshot;
}

void Subtask::OnEnded() {
  state_ = State::kEnded;
  router_->EmitEndOfData();
  router_->Flush();
  listener_->OnSubtaskEnded(spec_.id, CollectMetrics());
}

// Losing a channel is a failure also after the end: barriers still come that way.
void Subtask::Fail(absl::Status why) {
  if (state_ == State::kFailed || state_ == State::kReleased) return;
  state_ = State::kFailed;
  listener_->OnSubtaskFailed(spec_.id, std::move(why), CollectMetrics(), restored_);
}

SubtaskMetricsList Subtask::CollectMetrics() {
  SubtaskMetricsList metrics;
  for (size_t i = 0; i < vertex().stages.size(); ++i) {
    const Stage& stage = vertex().stages[i];
    const std::span<const StageCounts> counts = chain_->op(i).stage_counts();
    // The nodes inside a fused run have counters only; its last node has the rest.
    auto node = std::find(vertex().nodes.begin(), vertex().nodes.end(), stage.first);
    for (size_t j = 0; stage.fused && j + 1 < counts.size(); ++j, ++node) {
      MetricGroup group;
      group.num_records_in = counts[j].records_in;
      group.num_records_out = counts[j].records_out;
      group.current_input_watermark = chain_->metrics(i).current_input_watermark;
      metrics.push_back({*node, group});
    }
    metrics.push_back({stage.last, chain_->metrics(i)});
    if (stage.fused && !counts.empty())
      metrics.back().second.num_records_in = counts.back().records_in;
  }
  return metrics;
}

}  // namespace weir
