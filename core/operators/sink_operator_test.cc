#include "core/operators/sink_operator.h"

#include <memory>
#include <string>
#include <vector>

#include "core/testing/operator_harness.h"
#include "core/testing/verify_operator.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

// Takes three rows per call and then waits for the executor.
class SlowWriter final : public SinkWriter<int64_t> {
 public:
  explicit SlowWriter(std::vector<std::string>* log) : log_(log) {}

  absl::Status Open(OperatorContext& context) override {
    context_ = &context;
    return absl::OkStatus();
  }
  absl::StatusOr<Progress> Write(Batch<int64_t>& batch, size_t* cursor) override {
    for (int taken = 0; *cursor < batch.rows.size(); ++*cursor) {
      if (taken++ == 3) {
        context_->executor().Post([context = context_] { context->Wake(); });
        return Progress::kBlocked;
      }
      log_->push_back(std::to_string(batch.rows[*cursor]));
    }
    return Progress::kDone;
  }
  absl::StatusOr<Progress> Finish() override {
    log_->push_back("finish");
    return Progress::kDone;
  }
  absl::StatusOr<Progress> PrepareCommit(CheckpointId) override {
    log_->push_back("prepare");
    return Progress::kDone;
  }
  void Snapshot(OperatorSnapshot&) const override {}
  absl::Status Restore(const OperatorSnapshot&) override { return absl::OkStatus(); }
  absl::StatusOr<Progress> Commit(CheckpointId) override {
    log_->push_back("commit");
    return Progress::kDone;
  }
  void Close() override { log_->push_back("close"); }

 private:
  std::vector<std::string>* const log_;
  OperatorContext* context_ = nullptr;
};

TEST(SinkOperatorTest, WritesEveryRowOnceAndInOrder) {
  std::vector<std::string> log;
  OperatorHarness harness(
      std::make_unique<SinkOperator<int64_t>>(std::make_unique<SlowWriter>(&log)), nullptr);
  ASSERT_TRUE(harness.Open().ok());
  Batch<int64_t> batch;
  batch.rows = {1, 2, 3, 4, 5};
  ASSERT_TRUE(harness.Process(batch).ok());
  batch.rows = {6};
  ASSERT_TRUE(harness.Process(batch).ok());
  ASSERT_TRUE(harness.Finish().ok());
  ASSERT_TRUE(harness.Commit(CheckpointId(1)).ok());
  harness.Close();
  EXPECT_THAT(log, ElementsAre("1", "2", "3", "4", "5", "6", "finish", "commit", "close"));
}

TEST(SinkOperatorTest, ACommitAfterTheEndPreparesNothing) {
  std::vector<std::string> log;
  OperatorHarness harness(
      std::make_unique<SinkOperator<int64_t>>(std::make_unique<SlowWriter>(&log)), nullptr);
  ASSERT_TRUE(harness.Open().ok());
  ASSERT_TRUE(harness.Finish().ok());
  ASSERT_TRUE(harness.Commit(CheckpointId(1)).ok()) << "of a checkpoint before the end";
  harness.Close();
  EXPECT_THAT(log, ElementsAre("finish", "commit", "close"));
}

TEST(SinkOperatorTest, KeepsTheContract) {
  std::vector<std::string> log;
  TestSequence rows;
  for (int64_t i = 0; i < 200; ++i) rows.Row(i);
  const auto output = VerifyOperator(
      [&] { return std::make_unique<SinkOperator<int64_t>>(std::make_unique<SlowWriter>(&log)); },
      nullptr, rows.AddWatermark(EventTime::Max()));
  EXPECT_TRUE(output.ok()) << output.status();
}

}  // namespace
}  // namespace weir
