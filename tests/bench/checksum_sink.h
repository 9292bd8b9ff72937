// ChecksumSink: folds rows into a result and keeps nothing else. For benchmarks with parallelism 1.
#ifndef WEIR_TESTS_BENCH_CHECKSUM_SINK_H_
#define WEIR_TESTS_BENCH_CHECKSUM_SINK_H_

#include <memory>
#include <string>

#include "core/operators/sink.h"

namespace weir::bench {

// `Fold` is void(const T&, Result&); the result is written at Commit.
template <class T, class Result, class Fold>
class ChecksumSink final : public Sink<T> {
 public:
  ChecksumSink(Result* result, Fold fold) : result_(result), fold_(fold) {}
  std::unique_ptr<SinkWriter<T>> NewWriter() const override {
    return std::make_unique<Writer>(result_, fold_);
  }
  std::unique_ptr<SinkCoordinator> NewCoordinator() const override {
    return std::make_unique<Coordinator>();
  }
  std::string Describe() const override { return "checksum"; }

 private:
  class Writer final : public SinkWriter<T> {
   public:
    Writer(Result* result, Fold fold) : result_(result), fold_(fold) {}
    absl::Status Open(OperatorContext&) override { return absl::OkStatus(); }
    absl::StatusOr<Progress> Write(Batch<T>& batch, size_t* cursor) override {
      for (; *cursor < batch.rows.size(); ++*cursor) fold_(batch.rows[*cursor], sum_);
      return Progress::kDone;
    }
    absl::StatusOr<Progress> Finish() override { return Progress::kDone; }
    absl::StatusOr<Progress> PrepareCommit(CheckpointId) override { return Progress::kDone; }
    void Snapshot(OperatorSnapshot&) const override {}
    absl::Status Restore(const OperatorSnapshot&) override { return absl::OkStatus(); }
    absl::StatusOr<Progress> Commit(CheckpointId) override {
      *result_ = sum_;
      return Progress::kDone;
    }
    void Close() override {}

   private:
    Result* const result_;
    Fold fold_;
    Result sum_;
  };
  class Coordinator final : public SinkCoordinator {
   public:
    absl::Status Prepare(Env&, const SinkRun&) override { return absl::OkStatus(); }
    absl::StatusOr<SinkReport> Report(Env&) override { return SinkReport(); }
  };

  Result* const result_;
  const Fold fold_;
};

}  // namespace weir::bench

#endif  // WEIR_TESTS_BENCH_CHECKSUM_SINK_H_
