#include "core/runtime/operator_chain.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FakeContext final : public OperatorContext {
 public:
  FakeContext() {
    identity_.name = "step";
    identity_.uid = "step-uid";
    identity_.subtask_index = 1;
    identity_.parallelism = 3;
  }
  const OperatorIdentity& identity() const override { return identity_; }
  MetricGroup& metrics() override { return metrics_; }
  Env& env() override { return Unused<Env>(); }
  Executor& executor() override { return Unused<Executor>(); }
  Executor& io_executor() override { return Unused<Executor>(); }
  void Wake() override {}

 private:
  template <class T>
  T& Unused() {
    WEIR_CHECK(false) << "the operators of this test use no env";
    return *static_cast<T*>(nullptr);
  }
  OperatorIdentity identity_;
  MetricGroup metrics_;
};

// Puts out every row `copies` times; reports what it sees.
class Repeat final : public Operator {
 public:
  Repeat(int copies, std::vector<std::string>* log) : copies_(copies), log_(log) {}
  absl::Status Open(OperatorContext&) override {
    log_->push_back("open");
    return absl::OkStatus();
  }
  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& in, Output& out) override {
    Batch<int64_t>& rows = BatchAs<int64_t>(in);
    for (; row_ < rows.rows.size(); ++row_, copy_ = 0) {
      for (; copy_ < copies_; ++copy_) {
        if (out.full()) return Progress::kMore;
        if (rows.rows[row_] == -1) throw std::runtime_error("minus one");
        if (rows.rows[row_] == -2 && !std::exchange(waited_, true)) return Progress::kBlocked;
        out.batch<int64_t>().AppendFrom(rows.rows[row_], in, row_);
      }
    }
    row_ = 0;
    return Progress::kDone;
  }
  absl::StatusOr<Progress> ProcessWatermark(Watermark w, Output&) override {
    log_->push_back(absl::StrCat("watermark ", w.time.micros()));
    return Progress::kDone;
  }
  absl::StatusOr<Progress> Finish(Output& out) override {
    if (out.full()) return Progress::kMore;
    log_->push_back("finish");
    out.batch<int64_t>().rows.push_back(99);
    return Progress::kDone;
  }
  absl::StatusOr<Progress> PrepareSnapshot(CheckpointId checkpoint) override {
    if (!std::exchange(prepared_, true)) return Progress::kBlocked;
    prepared_ = false;
    log_->push_back(absl::StrCat("prepare ", checkpoint.value()));
    return Progress::kDone;
  }
  absl::Status SnapshotOperatorState(OperatorSnapshot& snapshot) override {
    snapshot.lists.push_back(
        {.name = "copies", .to_all = false, .elements = {absl::StrCat(copies_)}});
    return absl::OkStatus();
  }
  absl::StatusOr<Progress> Commit(CheckpointId through) override {
    log_->push_back(absl::StrCat("commit ", through.value()));
    return Progress::kDone;
  }
  void Close() override { log_->push_back("close"); }
  size_t current_row() const override { return row_; }

 private:
  const int copies_;
  std::vector<std::string>* const log_;
  size_t row_ = 0;
  int copy_ = 0;
  bool waited_ = false;
  bool prepared_ = false;
};

class Record final : public ChainOutput {
 public:
  absl::Status EmitRows(BatchBase& batch) override {
    for (int64_t row : BatchAs<int64_t>(batch).rows) elements.push_back(absl::StrCat(row));
    return absl::OkStatus();
  }
  void EmitWatermark(Watermark w) override {
    elements.push_back(absl::StrCat("w", w.time.micros()));
  }
  void EmitBarrier(CheckpointBarrier b) override {
    elements.push_back(absl::StrCat("b", b.checkpoint.value()));
  }
  std::vector<std::string> elements;
};

class OperatorChainTest : public ::testing::Test {
 protected:
  std::unique_ptr<OperatorChain> Chain(std::vector<int> copies, size_t rows_max) {
    std::vector<ChainStageSpec> stages;
    for (int n : copies) {
      ChainStageSpec stage;
      stage.op = std::make_unique<Repeat>(n, &log_);
      stage.context = std::make_unique<FakeContext>();
      stage.input_codec = RowCodecFor<int64_t>();
      stage.output_codec = RowCodecFor<int64_t>();
      stages.push_back(std::move(stage));
    }
    auto chain = std::make_unique<OperatorChain>(std::move(stages), rows_max, &out_);
    EXPECT_TRUE(chain->Open().ok());
    return chain;
  }
  static std::unique_ptr<BatchBase> Rows(std::vector<int64_t> rows) {
    auto batch = std::make_unique<Batch<int64_t>>();
    batch->rows = std::move(rows);
    return batch;
  }
  static absl::StatusOr<Progress> RunUntilNotMore(OperatorChain& chain) {
    absl::StatusOr<Progress> progress = Progress::kMore;
    while (progress.ok() && *progress == Progress::kMore) progress = chain.Run();
    return progress;
  }

  std::vector<std::string> log_;
  Record out_;
};

TEST_F(OperatorChainTest, RowsAndWatermarksKeepTheirOrderThroughFullOutputs) {
  for (size_t rows_max : {1, 2, 1024}) {
    out_.elements.clear();
    auto chain = Chain({2, 2}, rows_max);
    chain->PushBatch(0, Rows({1, 2}));
    ASSERT_EQ(*RunUntilNotMore(*chain), Progress::kDone);
    chain->PushWatermark({.time = EventTime::FromMicros(5), .idle = false});
    ASSERT_EQ(*RunUntilNotMore(*chain), Progress::kDone);
    chain->PushBatch(0, Rows({3}));
    ASSERT_EQ(*RunUntilNotMore(*chain), Progress::kDone);
    EXPECT_THAT(out_.elements,
                ElementsAre("1", "1", "1", "1", "2", "2", "2", "2", "w5", "3", "3", "3", "3"))
        << "rows_max " << rows_max;
    EXPECT_EQ(chain->metrics(0).num_records_in, 3);
    EXPECT_EQ(chain->metrics(0).num_records_out, 6);
    EXPECT_EQ(chain->metrics(1).num_records_in, 6);
    EXPECT_EQ(chain->metrics(1).num_records_out, 12);
  }
}

TEST_F(OperatorChainTest, FinishReachesTheNextStageBehindWhatTheFirstPutOut) {
  auto chain = Chain({1, 2}, 1024);
  chain->PushFinish();
  ASSERT_EQ(*RunUntilNotMore(*chain), Progress::kDone);
  EXPECT_THAT(out_.elements, ElementsAre("99", "99", "99"));
  chain->PushCommit(CheckpointId(4));
  ASSERT_EQ(*RunUntilNotMore(*chain), Progress::kDone);
  chain->Close();
  chain->Close();
  EXPECT_THAT(log_, ElementsAre("open", "open", "finish", "finish", "commit 4", "commit 4", "close",
                                "close"));
}

TEST_F(OperatorChainTest, ABarrierTakesEverySnapshotInOrderAndThenLeaves) {
  auto chain = Chain({1, 2}, 1024);
  chain->PushBarrier({CheckpointId(3), BarrierKind::kAligned});
  EXPECT_EQ(*chain->Run(), Progress::kBlocked) << "the first stage prepares";
  EXPECT_EQ(*chain->Run(), Progress::kMore);
  EXPECT_EQ(*chain->Run(), Progress::kBlocked) << "the second stage prepares";
  EXPECT_TRUE(out_.elements.empty());
  EXPECT_EQ(*chain->Run(), Progress::kDone);
  EXPECT_THAT(out_.elements, ElementsAre("b3"));
  EXPECT_THAT(log_, ElementsAre("open", "open", "prepare 3", "prepare 3"));
  EXPECT_THAT(chain->TakeSnapshot(0).lists.at(0).elements, ElementsAre("1"));
  EXPECT_THAT(chain->TakeSnapshot(1).lists.at(0).elements, ElementsAre("2"));
}

TEST_F(OperatorChainTest, ABlockedStageIsCalledAgainWithTheSameRow) {
  auto chain = Chain({1}, 1024);
  chain->PushBatch(0, Rows({1, -2, 3}));
  // What came before the block is handed on first.
  EXPECT_EQ(*chain->Run(), Progress::kMore);
  EXPECT_THAT(out_.elements, ElementsAre("1"));
  EXPECT_EQ(*RunUntilNotMore(*chain), Progress::kDone);
  EXPECT_THAT(out_.elements, ElementsAre("1", "-2", "3"));
}

TEST_F(OperatorChainTest, AnExceptionNamesOperatorSubtaskAndRecord) {
  auto chain = Chain({1}, 1024);
  chain->PushBatch(0, Rows({1, -1}));
  const absl::StatusOr<Progress> progress = RunUntilNotMore(*chain);
  ASSERT_FALSE(progress.ok());
  const std::string message(progress.status().message());
  EXPECT_THAT(message, HasSubstr("'step' (uid step-uid), subtask 2/3: exception: minus one"));
  EXPECT_THAT(message, HasSubstr("record: -1"));
  EXPECT_THAT(message, HasSubstr("row 2 of this subtask"));
}

}  // namespace
}  // namespace weir
