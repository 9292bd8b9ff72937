// SinkUnderTest: writes rows through some writers of a sink side by side, as a job does, or closes a
// writer in the middle. A part of VerifySink; see verify_connector.h.
#ifndef WEIR_CORE_TESTING_SINK_UNDER_TEST_H_
#define WEIR_CORE_TESTING_SINK_UNDER_TEST_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/operators/sink.h"
#include "core/testing/subtask_under_test.h"
#include "core/types/batch.h"
#include "gtest/gtest.h"

namespace weir {

// Rows per batch, over and over.
using BatchCut = std::vector<size_t>;
inline const BatchCut kBatchCuts[] = {{1024}, {7}, {1}, {64}, {3, 1, 0, 100, 2, 900}};

template <class T>
class SinkUnderTest {
 public:
  // Row i goes to the subtask of its share: the first rows to subtask 0, the last to the last one.
  SinkUnderTest(EnvUnderTest& under_test, const Sink<T>& sink, int parallelism,
                const std::vector<T>& rows, const BatchCut& cut)
      : under_test_(under_test), coordinator_(sink.NewCoordinator()) {
    const size_t count = static_cast<size_t>(parallelism);
    for (size_t i = 0; i < count; ++i) {
      auto& writer = writers_.emplace_back(
          std::make_unique<Writer>(under_test, sink, static_cast<int>(i), parallelism));
      const auto begin = rows.begin() + static_cast<ptrdiff_t>(rows.size() * i / count);
      const auto end = rows.begin() + static_cast<ptrdiff_t>(rows.size() * (i + 1) / count);
      writer->CutBatches({begin, end}, cut);
    }
  }

  // Up to the end of the last checkpoint's PrepareCommit.
  bool PrepareAndFinish() { return Prepare() && RunAll(&Writer::WriteAndFinish); }
  bool Commit() { return RunAll(&Writer::Commit); }
  void Close() { RunAll(&Writer::Close); }

  // A writer that is none of these begins in a later attempt, while these run on.
  bool PrepareForAnotherWriter() {
    SinkRun run;
    run.attempt = AttemptNumber(1000);
    run.only_writers = {static_cast<int>(writers_.size())};
    return Prepare(run);
  }

  // Closes every writer after so many calls, at the latest when it has finished.
  bool PrepareAndCloseAfter(int calls) {
    for (auto& writer : writers_) writer->calls_left = calls;
    if (!Prepare()) return false;
    if (!RunAll(&Writer::WriteAndFinish)) return false;
    Close();
    return true;
  }

  bool Report() {
    absl::Status status;
    RunOnIo(under_test_, [&] { status = coordinator_->Report(under_test_.env()).status(); });
    EXPECT_TRUE(status.ok()) << status;
    return status.ok();
  }

 private:
  static constexpr CheckpointId kLastCheckpoint{1};
  using Next = SubtaskUnderTest::Next;

  // Its fields are used on its executor while it runs.
  struct Writer {
    Writer(EnvUnderTest& under_test, const Sink<T>& sink, int index, int parallelism)
        : subtask(under_test, index, parallelism), writer(sink.NewWriter()) {}

    void CutBatches(std::vector<T> rows, const BatchCut& cut) {
      size_t row = 0;
      for (size_t i = 0; row < rows.size(); ++i) {
        auto& batch = batches.emplace_back();
        const size_t end = std::min(rows.size(), row + cut[i % cut.size()]);
        for (; row < end; ++row) batch.rows.push_back(std::move(rows[row]));
      }
    }

    Next WriteAndFinish() {
      if (!opened) {
        opened = true;
        if (!Ok(writer->Open(subtask))) return Next::kFinished;
      }
      if (calls_left-- == 0) return Next::kFinished;
      const bool writes = next_batch < batches.size();
      const auto progress = writes     ? writer->Write(batches[next_batch], &cursor)
                            : finished ? writer->PrepareCommit(kLastCheckpoint)
                                       : writer->Finish();
      if (!Ok(progress.status())) return Next::kFinished;
      if (*progress == Progress::kBlocked) return WaitSometimes();
      if (!writes) return std::exchange(finished, true) ? Next::kFinished : Next::kAgain;
      if (cursor != batches[next_batch].rows.size()) failure = "kDone with rows left over";
      cursor = 0;
      ++next_batch;
      return failure.empty() ? Next::kAgain : Next::kFinished;
    }

    Next Commit() {
      const auto progress = writer->Commit(kLastCheckpoint);
      if (!Ok(progress.status()) || *progress == Progress::kDone) return Next::kFinished;
      return WaitSometimes();
    }

    Next Close() {
      writer->Close();
      subtask.ExpectNoMoreWakes();
      writer = nullptr;
      return Next::kFinished;
    }

    // Every other time a needless call comes first, which must do no harm.
    Next WaitSometimes() { return ++blocked % 2 == 1 ? Next::kAgain : Next::kWait; }

    bool Ok(const absl::Status& status) {
      if (!status.ok()) failure = status.ToString();
      return status.ok();
    }

    SubtaskUnderTest subtask;
    std::unique_ptr<SinkWriter<T>> writer;
    std::vector<Batch<T>> batches;
    size_t next_batch = 0;
    size_t cursor = 0;
    int calls_left = -1;  // Never 0: no limit.
    int blocked = 0;
    bool opened = false;
    bool finished = false;
    std::string failure;
  };

  bool Prepare(const SinkRun& run = SinkRun()) {
    absl::Status status;
    RunOnIo(under_test_, [&] { status = coordinator_->Prepare(under_test_.env(), run); });
    EXPECT_TRUE(status.ok()) << status;
    return status.ok();
  }

  bool RunAll(Next (Writer::*step)()) {
    for (auto& writer : writers_) {
      writer->subtask.Start([&writer = *writer, step] { return (writer.*step)(); });
    }
    bool ok = true;
    for (auto& writer : writers_) {
      if (!writer->subtask.Finish()) return false;
      EXPECT_EQ(writer->failure, "");
      ok &= writer->failure.empty();
    }
    return ok;
  }

  EnvUnderTest& under_test_;
  const std::unique_ptr<SinkCoordinator> coordinator_;
  std::vector<std::unique_ptr<Writer>> writers_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_SINK_UNDER_TEST_H_
