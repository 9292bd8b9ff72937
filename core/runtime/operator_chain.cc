#include "core/runtime/operator_chain.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/string_view.h"
#include "core/runtime/failure_position.h"

namespace weir {
namespace {

constexpr size_t kExcerptBytesMax = 256;

// What user code throws becomes a status; nothing it throws gets past the chain.
template <class Fn>
auto Guarded(Fn&& fn) -> decltype(fn()) {
  try {
    return fn();
  } catch (const std::exception& e) {
    return absl::UnknownError(absl::StrCat("exception: ", e.what()));
  } catch (...) {
    return absl::UnknownError("exception of a type that is not derived from std::exception");
  }
}

}  // namespace

struct OperatorChain::Stage {
  Stage(ChainStageSpec s, size_t batch_rows_max)
      : spec(std::move(s)),
        out(spec.output_codec ? spec.output_codec->NewBatch() : std::make_unique<Batch<char>>(),
            batch_rows_max) {}

  // An empty batch of the stage's output type.
  std::unique_ptr<BatchBase> FreshOutputBatch() {
    if (spare != nullptr) return std::move(spare);
    return spec.output_codec ? spec.output_codec->NewBatch() : std::make_unique<Batch<char>>();
  }

  ChainStageSpec spec;
  Output out;
  std::deque<Call> calls;            // The front one is under way.
  std::unique_ptr<BatchBase> spare;  // Empty, of the output type.
  OperatorSnapshot snapshot;
};

OperatorChain::OperatorChain(std::vector<ChainStageSpec> stages, size_t batch_rows_max,
                             ChainOutput* output)
    : output_(output) {
  WEIR_CHECK(!stages.empty());
  for (ChainStageSpec& spec : stages) {
    stages_.push_back(std::make_unique<Stage>(std::move(spec), batch_rows_max));
  }
}

OperatorChain::~OperatorChain() { Close(); }

absl::Status OperatorChain::Open() {
  for (auto& stage : stages_) {
    ++opened_;
    absl::Status status = Guarded([&] { return stage->spec.op->Open(*stage->spec.context); });
    if (!status.ok()) return DescribeFailure(*stage, Call{.kind = CallKind::kFinish}, 0, status);
  }
  return absl::OkStatus();
}

absl::Status OperatorChain::AddSplit(SourceSplit split) {
  absl::Status status = Guarded([&] { return source()->AddSplit(std::move(split)); });
  if (status.ok()) return status;
  return DescribeFailure(*stages_.front(), Call{.kind = CallKind::kFinish}, 0, status);
}

absl::Status OperatorChain::NoMoreSplits() {
  absl::Status status = Guarded([&] {
    source()->NoMoreSplits();
    return absl::OkStatus();
  });
  if (status.ok()) return status;
  return DescribeFailure(*stages_.front(), Call{.kind = CallKind::kFinish}, 0, status);
}

void OperatorChain::Close() {
  while (opened_ > 0) stages_[--opened_]->spec.op->Close();
}

bool OperatorChain::idle() const {
  for (const auto& stage : stages_) {
    if (!stage->calls.empty()) return false;
  }
  return true;
}

void OperatorChain::PushBatch(int input, std::unique_ptr<BatchBase> batch) {
  stages_.front()->calls.push_back(
      Call{.kind = CallKind::kBatch, .input = input, .batch = std::move(batch)});
}
void OperatorChain::PushWatermark(Watermark watermark) {
  stages_.front()->calls.push_back(Call{.kind = CallKind::kWatermark, .watermark = watermark});
}
void OperatorChain::PushBarrier(CheckpointBarrier barrier) {
  stages_.front()->calls.push_back(Call{.kind = CallKind::kBarrier, .barrier = barrier});
}
void OperatorChain::PushFinish() {
  stages_.front()->calls.push_back(Call{.kind = CallKind::kFinish});
}
void OperatorChain::PushCommit(CheckpointId through) {
  stages_.front()->calls.push_back(Call{.kind = CallKind::kCommit, .through = through});
}
void OperatorChain::PushPoll() { stages_.front()->calls.push_back(Call{.kind = CallKind::kPoll}); }

std::unique_ptr<BatchBase> OperatorChain::TakeFreeBatch() { return std::move(free_input_); }

SourceOperatorBase* OperatorChain::source() {
  Stage& first = *stages_.front();
  return first.spec.is_source ? static_cast<SourceOperatorBase*>(first.spec.op.get()) : nullptr;
}

const Operator& OperatorChain::op(size_t stage) const { return *stages_[stage]->spec.op; }

absl::Status OperatorChain::RestoreOperator(size_t stage, const OperatorSnapshot& restored) {
  absl::Status status =
      Guarded([&] { return stages_[stage]->spec.op->RestoreOperatorState(restored); });
  if (status.ok()) return status;
  return DescribeFailure(*stages_[stage], Call{.kind = CallKind::kFinish}, 0, status);
}

StateBackend* OperatorChain::backend(size_t stage) {
  return stages_[stage]->spec.context->state_if_used();
}

OperatorSnapshot OperatorChain::TakeSnapshot(size_t stage) {
  return std::exchange(stages_[stage]->snapshot, OperatorSnapshot());
}

MetricGroup& OperatorChain::metrics(size_t stage) {
  return stages_[stage]->spec.context->metrics();
}

absl::StatusOr<Progress> OperatorChain::Run() {
  size_t index = stages_.size();
  while (index > 0 && stages_[index - 1]->calls.empty()) --index;
  if (index == 0) return Progress::kDone;
  --index;
  Stage& stage = *stages_[index];
  Call& call = stage.calls.front();

  if (call.kind == CallKind::kBatch && !call.counted) {
    call.counted = true;
    stage.spec.context->metrics().num_records_in += static_cast<int64_t>(call.batch->size());
    if (absl::Status hashed = HashKeys(stage, call); !hashed.ok()) return hashed;
  }
  absl::StatusOr<Progress> progress = Guarded([&] { return Invoke(stage, call); });
  if (!progress.ok()) {
    return DescribeFailure(stage, call, stage.spec.op->current_row(), progress.status());
  }

  const bool put_out = !stage.out.empty();
  if (call.kind == CallKind::kPoll) {
    // One poll per push: the subtask decides whether to go on with the source.
    last_poll_ = *progress;
    stage.calls.pop_front();
    if (absl::Status sent = ForwardOutput(index); !sent.ok()) return sent;
    if (*progress == Progress::kBlocked && !put_out) return Progress::kBlocked;
    return idle() ? Progress::kDone : Progress::kMore;
  }
  if (absl::Status sent = ForwardOutput(index); !sent.ok()) return sent;
  if (*progress == Progress::kBlocked) return put_out ? Progress::kMore : Progress::kBlocked;
  if (*progress == Progress::kDone) CompleteCall(index);
  return idle() ? Progress::kDone : Progress::kMore;
}

absl::Status OperatorChain::HashKeys(Stage& stage, Call& call) {
  if (stage.spec.key_hasher == nullptr || !call.batch->key_hashes.empty()) return absl::OkStatus();
  absl::Status hashed = Guarded([&] {
    stage.spec.key_hasher->HashKeys(*call.batch);
    return absl::OkStatus();
  });
  if (hashed.ok()) return hashed;
  return DescribeFailure(
      stage, call, call.batch->key_hashes.size(),
      absl::Status(hashed.code(), absl::StrCat("its key selector: ", hashed.message())));
}

absl::StatusOr<Progress> OperatorChain::Invoke(Stage& stage, Call& call) {
  Operator& op = *stage.spec.op;
  MetricGroup& metrics = stage.spec.context->metrics();
  switch (call.kind) {
    case CallKind::kBatch:
      return op.ProcessBatch(call.input, *call.batch, stage.out);
    case CallKind::kWatermark:
      metrics.current_input_watermark = call.watermark.time;
      return op.ProcessWatermark(call.watermark, stage.out);
    case CallKind::kBarrier: {
      absl::StatusOr<Progress> prepared = op.PrepareSnapshot(call.barrier.checkpoint);
      if (!prepared.ok() || *prepared != Progress::kDone) return prepared;
      stage.snapshot = OperatorSnapshot();
      if (absl::Status status = op.SnapshotOperatorState(stage.snapshot); !status.ok())
        return status;
      return Progress::kDone;
    }
    case CallKind::kFinish:
      return op.Finish(stage.out);
    case CallKind::kCommit:
      return op.Commit(call.through);
    case CallKind::kPoll:
      return static_cast<SourceOperatorBase&>(op).Poll(stage.out);
  }
  WEIR_CHECK(false) << "call kind " << static_cast<int>(call.kind);
  return Progress::kDone;
}

absl::Status OperatorChain::ForwardOutput(size_t index) {
  Stage& stage = *stages_[index];
  if (stage.out.empty()) return absl::OkStatus();
  const bool last = index + 1 == stages_.size();
  const size_t rows = stage.out.untyped_batch().size();
  if (rows > 0) {
    stage.spec.context->metrics().num_records_out += static_cast<int64_t>(rows);
    if (last) {
      if (absl::Status sent = output_->EmitRows(stage.out.untyped_batch()); !sent.ok()) return sent;
      stage.out.untyped_batch().Clear();
    } else {
      std::unique_ptr<BatchBase> batch = stage.out.ExchangeBatch(stage.FreshOutputBatch());
      stages_[index + 1]->calls.push_back(
          Call{.kind = CallKind::kBatch, .batch = std::move(batch)});
    }
  }
  if (stage.out.watermark().has_value()) {
    const Watermark watermark = *stage.out.watermark();
    stage.out.ClearWatermark();
    if (last) {
      output_->EmitWatermark(watermark);
    } else {
      stages_[index + 1]->calls.push_back(
          Call{.kind = CallKind::kWatermark, .watermark = watermark});
    }
  }
  return absl::OkStatus();
}

void OperatorChain::CompleteCall(size_t index) {
  Stage& stage = *stages_[index];
  Call call = std::move(stage.calls.front());
  stage.calls.pop_front();
  const bool last = index + 1 == stages_.size();
  switch (call.kind) {
    case CallKind::kBatch:
      call.batch->Clear();
      if (index == 0) {
        free_input_ = std::move(call.batch);
      } else {
        stages_[index - 1]->spare = std::move(call.batch);
      }
      return;
    case CallKind::kWatermark:
      if (!stage.spec.op->forwards_watermarks()) return;
      if (last) {
        output_->EmitWatermark(call.watermark);
        return;
      }
      break;
    case CallKind::kBarrier:
      if (last) {
        output_->EmitBarrier(call.barrier);
        return;
      }
      break;
    case CallKind::kFinish:
    case CallKind::kCommit:
      if (last) return;
      break;
    case CallKind::kPoll:
      return;
  }
  stages_[index + 1]->calls.push_back(std::move(call));
}

absl::Status OperatorChain::DescribeFailure(const Stage& stage, const Call& call, size_t row,
                                            absl::Status cause) const {
  const OperatorIdentity& id = stage.spec.context->identity();
  const std::vector<std::string>& names = stage.spec.fused_names;
  const size_t fused_at = stage.spec.op->current_stage();
  const bool fused = call.kind == CallKind::kBatch && fused_at < names.size();
  std::string text =
      absl::StrCat("operator '", fused ? names[fused_at] : id.name, "'",
                   id.uid.empty() ? "" : absl::StrCat(" (uid ", id.uid, ")"), ", subtask ",
                   id.subtask_index + 1, "/", id.parallelism, ": ", std::string(cause.message()));
  if (call.kind == CallKind::kBatch && stage.spec.input_codec != nullptr && call.batch != nullptr) {
    if (row < call.batch->size()) {
      absl::StrAppend(&text, "\n  record: ",
                      stage.spec.input_codec->DescribeRow(*call.batch, row, kExcerptBytesMax));
      if (call.batch->has_event_times()) {
        absl::StrAppend(&text, "\n  event time: ", call.batch->event_time(row).ToString());
      }
      absl::StrAppend(&text, "\n  row ",
                      stage.spec.context->metrics().num_records_in -
                          static_cast<int64_t>(call.batch->size() - row) + 1,
                      " of this subtask");
    }
  }
  absl::Status failure(cause.code(), text);
  if (call.kind == CallKind::kPoll) {
    const auto& source = static_cast<const SourceOperatorBase&>(*stage.spec.op);
    const std::string excerpt = source.current_excerpt();
    if (!excerpt.empty()) {
      failure = absl::Status(cause.code(), absl::StrCat(text, "\n  record: ", excerpt));
    }
    SetSourcePosition(source.current_position(), failure);
  } else if (call.kind == CallKind::kBatch && stages_.size() > 1 && &stage == stages_[1].get() &&
             stages_[0]->spec.is_source) {
    // Its rows are those that the source put out last, one for one.
    const auto& source = static_cast<const SourceOperatorBase&>(*stages_[0]->spec.op);
    SetSourcePosition(source.emitted_position(row), failure);
  }
  return failure;
}

}  // namespace weir
