// OperatorHarness: one operator alone, driven as the runtime drives it, with what it puts out on record. Testonly.
//
//   OperatorHarness harness(std::make_unique<...>(...), RowCodecFor<Out>());
//   WEIR_CHECK_OK(harness.Open());
//   WEIR_CHECK_OK(harness.Process(batch));
//   EXPECT_THAT(harness.Texts(), ElementsAre("{n=1} @1970-01-01T00:00:01Z", "watermark +inf"));
#ifndef WEIR_CORE_TESTING_OPERATOR_HARNESS_H_
#define WEIR_CORE_TESTING_OPERATOR_HARNESS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/operators/operator.h"
#include "core/testing/manual_env.h"
#include "core/types/row_codec.h"

namespace weir {

// What an operator is told about its surroundings; tests may change it before Open.
class TestOperatorContext final : public OperatorContext {
 public:
  TestOperatorContext();

  const OperatorIdentity& identity() const override { return identity_; }
  MetricGroup& metrics() override { return metrics_; }
  ManualEnv& env() override { return env_; }
  ManualExecutor& executor() override { return executor_; }
  ManualExecutor& io_executor() override { return io_executor_; }
  size_t fanout_bytes_max() const override { return fanout_bytes_max_; }
  void Wake() override { ++wakes_; }

  OperatorIdentity& mutable_identity() { return identity_; }
  void set_fanout_bytes_max(size_t bytes) { fanout_bytes_max_ = bytes; }
  int wakes() const { return wakes_; }
  // Runs what is queued on both executors until there is nothing. Returns how many closures ran.
  size_t RunReady();

 private:
  OperatorIdentity identity_;
  MetricGroup metrics_;
  ManualEnv env_;
  ManualExecutor executor_;
  ManualExecutor io_executor_;
  size_t fanout_bytes_max_ = size_t{256} << 20;
  int wakes_ = 0;
};

// A row or a watermark that came out.
struct Emitted {
  std::string bytes;  // As in a frame, with its time; "" for a watermark.
  std::string
      text;  // "{n=1} @1970-01-01T00:00:01Z", "{n=1}", "watermark 1970-01-01T00:00:01Z", "watermark -inf idle".
  friend bool operator==(const Emitted&, const Emitted&) = default;
};

class OperatorHarness {
 public:
  struct Options {
    // rows_max of the output in the nth call; 0 refuses.
    std::function<size_t(size_t call)> rows_max = [](size_t) { return kBatchRowsMax; };
    // One user call may put out more rows than there was room for (flatMap).
    bool fans_out = false;
  };

  // `output_codec` is null for sinks.
  OperatorHarness(std::unique_ptr<Operator> op, std::shared_ptr<const RowCodec> output_codec)
      : OperatorHarness(std::move(op), std::move(output_codec), Options()) {}
  OperatorHarness(std::unique_ptr<Operator> op, std::shared_ptr<const RowCodec> output_codec,
                  Options options);

  // Each drives the operator to kDone, draining its output, and fails with Internal if it breaks the contract of Operator.
  // Errors of the operator come back as they are.
  absl::Status Open() { return operator_->Open(context_); }
  absl::Status Process(BatchBase& batch, int input = 0);
  absl::Status ProcessWatermark(Watermark watermark);
  absl::Status Finish();
  absl::Status Commit(CheckpointId through);
  // As at a barrier. Nothing may be put out.
  absl::StatusOr<OperatorSnapshot> Snapshot(CheckpointId checkpoint);
  void Close() { operator_->Close(); }

  // One call, whatever it returns, and what it put out; for sources and for tests of kMore and kBlocked.
  using Call = std::function<absl::StatusOr<Progress>(Output&)>;
  absl::StatusOr<Progress> CallOnce(const Call& call);

  Operator& op() { return *operator_; }
  TestOperatorContext& context() { return context_; }
  const std::vector<Emitted>& emitted() const { return emitted_; }
  std::vector<std::string> Texts() const;
  void ClearEmitted() { emitted_.clear(); }

 private:
  absl::Status DriveToDone(const Call& call);
  absl::Status Drain(size_t rows_max);

  TestOperatorContext context_;
  std::unique_ptr<Operator> operator_;  // Destroyed before its context.
  const std::shared_ptr<const RowCodec> output_codec_;
  const Options options_;
  Output output_;
  size_t calls_ = 0;
  std::vector<Emitted> emitted_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_OPERATOR_HARNESS_H_
