#include "core/testing/operator_harness.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace weir {
namespace {

constexpr size_t kTextBytesMax = 400;
// More calls than any test has rows: an operator that takes so many for one element makes no progress.
constexpr size_t kCallsMax = 10'000'000;

std::string WatermarkText(const Watermark& watermark) {
  return "watermark " + watermark.time.ToString() + (watermark.idle ? " idle" : "");
}

}  // namespace

TestOperatorContext::TestOperatorContext()
    : executor_(env_.clock(), "test/worker", ExecutorKind::kWorker),
      io_executor_(env_.clock(), "test/io", ExecutorKind::kIo) {
  identity_.job_name = "test";
  identity_.uid = "test";
  identity_.name = "test";
  identity_.key_groups = {0, static_cast<uint32_t>(identity_.max_parallelism)};
}

size_t TestOperatorContext::RunReady() {
  size_t ran = 0;
  for (;;) {
    const size_t more = io_executor_.RunReady() + executor_.RunReady();
    if (more == 0) return ran;
    ran += more;
  }
}

OperatorHarness::OperatorHarness(std::unique_ptr<Operator> op,
                                 std::shared_ptr<const RowCodec> output_codec, Options options)
    : operator_(std::move(op)),
      output_codec_(std::move(output_codec)),
      options_(std::move(options)),
      output_(output_codec_ ? output_codec_->NewBatch() : nullptr, 0) {}

absl::Status OperatorHarness::Process(BatchBase& batch, int input) {
  const size_t size = batch.size();
  return DriveToDone([&, size](Output& out) -> absl::StatusOr<Progress> {
    absl::StatusOr<Progress> progress = operator_->ProcessBatch(input, batch, out);
    if (progress.ok() && *progress != Progress::kDone && batch.size() != size) {
      return absl::InternalError(absl::StrCat("the operator changed the size of its input from ",
                                              size, " to ", batch.size(), " before kDone"));
    }
    return progress;
  });
}

absl::Status OperatorHarness::ProcessWatermark(Watermark watermark) {
  WEIR_RETURN_IF_ERROR(
      DriveToDone([&](Output& out) { return operator_->ProcessWatermark(watermark, out); }));
  if (operator_->forwards_watermarks()) emitted_.push_back({"", WatermarkText(watermark)});
  return absl::OkStatus();
}

absl::Status OperatorHarness::Finish() {
  return DriveToDone([&](Output& out) { return operator_->Finish(out); });
}

absl::Status OperatorHarness::Commit(CheckpointId through) {
  return DriveToDone([&](Output&) { return operator_->Commit(through); });
}

absl::StatusOr<OperatorSnapshot> OperatorHarness::Snapshot(CheckpointId checkpoint) {
  WEIR_RETURN_IF_ERROR(
      DriveToDone([&](Output&) { return operator_->PrepareSnapshot(checkpoint); }));
  OperatorSnapshot snapshot;
  WEIR_RETURN_IF_ERROR(operator_->SnapshotOperatorState(snapshot));
  return snapshot;
}

absl::Status OperatorHarness::DriveToDone(const Call& call) {
  for (size_t calls = 0; calls < kCallsMax; ++calls) {
    const int wakes = context_.wakes();
    WEIR_ASSIGN_OR_RETURN(const Progress progress, CallOnce(call));
    if (progress == Progress::kDone) return absl::OkStatus();
    if (progress == Progress::kMore) continue;
    context_.RunReady();
    if (context_.wakes() == wakes) {
      return absl::InternalError("the operator returned kBlocked, and nothing will wake it");
    }
  }
  return absl::InternalError(absl::StrCat("no kDone after ", kCallsMax, " calls"));
}

absl::StatusOr<Progress> OperatorHarness::CallOnce(const Call& call) {
  const size_t rows_max = options_.rows_max(calls_++);
  output_.set_rows_max(rows_max);
  WEIR_ASSIGN_OR_RETURN(const Progress progress, call(output_));
  if (output_codec_) WEIR_RETURN_IF_ERROR(Drain(rows_max));
  return progress;
}

absl::Status OperatorHarness::Drain(size_t rows_max) {
  // A new batch every time: an operator must not remember the old one.
  const std::unique_ptr<BatchBase> batch = output_.ExchangeBatch(output_codec_->NewBatch());
  const size_t size = batch->size();
  if (rows_max == 0 && (size > 0 || output_.watermark().has_value())) {
    return absl::InternalError("the operator put something into an output that was full");
  }
  if (!options_.fans_out && size > rows_max) {
    return absl::InternalError(
        absl::StrCat("the operator put ", size, " rows into an output for ", rows_max));
  }
  if (batch->has_event_times() && batch->event_times.size() != size) {
    return absl::InternalError(absl::StrCat("the output has ", batch->event_times.size(),
                                            " event times for ", size, " rows"));
  }
  if (!batch->key_hashes.empty()) {
    return absl::InternalError("the output has key hashes, which may be those of other keys");
  }
  for (size_t row = 0; row < size; ++row) {
    Emitted emitted;
    output_codec_->AppendRowRange(*batch, row, row + 1, std::numeric_limits<size_t>::max(),
                                  emitted.bytes);
    emitted.text = output_codec_->DescribeRow(*batch, row, kTextBytesMax);
    if (batch->has_event_times()) emitted.text += " @" + batch->event_times[row].ToString();
    emitted_.push_back(std::move(emitted));
  }
  if (output_.watermark().has_value()) {
    emitted_.push_back({"", WatermarkText(*output_.watermark())});
    output_.ClearWatermark();
  }
  return absl::OkStatus();
}

std::vector<std::string> OperatorHarness::Texts() const {
  std::vector<std::string> texts;
  for (const Emitted& emitted : emitted_) texts.push_back(emitted.text);
  return texts;
}

}  // namespace weir
