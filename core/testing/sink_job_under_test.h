// SinkJobUnderTest: a job that does nothing but write rows into a sink, take checkpoints, die and go
// on. A part of VerifySink; see verify_connector.h.
//
// Row i goes to subtask i % parallelism. A checkpoint lies behind so many rows; it is published once
// every writer has prepared it, and then committed. The job can die after any call, with or without
// Close, and between any two operations on the disk; the next attempt goes on from what was published
// last, with another parallelism. At any moment what is visible lies between what is known to be
// committed and what is published.
#ifndef WEIR_CORE_TESTING_SINK_JOB_UNDER_TEST_H_
#define WEIR_CORE_TESTING_SINK_JOB_UNDER_TEST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/operators/sink.h"
#include "core/testing/crashing_env.h"
#include "core/testing/subtask_under_test.h"
#include "core/types/batch.h"
#include "gtest/gtest.h"

namespace weir {

// How an attempt ends early, if it does.
struct SinkCrash {
  int after_calls = -1;            // -1: never.
  int after_file_operations = -1;  // -1: never.
  bool close = false;  // The writers are closed, as when another part of the job failed.
};

template <class T>
class SinkJobUnderTest {
 public:
  // `io` is of kind kIo.
  SinkJobUnderTest(EnvUnderTest& under_test, Executor& io, const Sink<T>& sink,
                   const std::vector<T>& rows, std::function<std::multiset<std::string>()> visible,
                   std::function<std::string(const T&)> row_text)
      : crashing_(under_test),
        io_(io),
        sink_(sink),
        rows_(rows),
        visible_(std::move(visible)),
        row_text_(std::move(row_text)) {}

  // True if the attempt came to the end of the job, false if it crashed as asked.
  bool RunAttempt(int parallelism, SinkCrash crash) {
    ++attempt_;
    calls_left_ = crash.after_calls;
    crashing_.countdown().Arm(crash.after_file_operations);
    const bool finished = Prepare() && OpenAll(parallelism) && RunToEnd();
    const bool crashed = calls_left_ == 0 || crashing_.countdown().crashed();
    EXPECT_TRUE(finished || crashed) << "it failed by itself: " << failure_;
    if (finished || crash.close) CloseAll();
    // What the executors have not begun is lost with the process.
    for (auto& writer : writers_) writer->subtask.reset();
    writers_.clear();
    crashing_.countdown().Arm(CrashCountdown::kNever);
    CheckVisible();
    return finished;
  }

  bool fine() const { return !testing::Test::HasFailure(); }

 private:
  using Next = SubtaskUnderTest::Next;

  struct Writer {
    std::unique_ptr<SubtaskUnderTest> subtask;
    std::unique_ptr<SinkWriter<T>> writer;
    OperatorSnapshot snapshot;
  };
  struct Published {
    size_t next_row = 0;
    uint64_t id = 0;  // 0: none.
    std::vector<OperatorSnapshot> snapshots;
  };

  std::vector<std::string> AllCommittables() const {
    std::vector<std::string> all;
    for (const OperatorSnapshot& snapshot : published_.snapshots) {
      all.insert(all.end(), snapshot.committables.begin(), snapshot.committables.end());
    }
    return all;
  }

  bool Prepare() {
    const SinkRun run{.run_id = "run",
                      .epoch = LeaderEpoch(1),
                      .attempt = AttemptNumber(attempt_),
                      .restored = published_.id > 0,
                      .committables = AllCommittables()};
    absl::Status status;
    RunOn(crashing_, io_, [&] { status = sink_.NewCoordinator()->Prepare(crashing_.env(), run); });
    CheckVisible();
    return Ok(status);
  }

  bool OpenAll(int parallelism) {
    std::vector<OperatorSnapshot> shares(static_cast<size_t>(parallelism));
    size_t next = attempt_;  // So that they come to other writers.
    for (const std::string& committable : AllCommittables()) {
      shares[next++ % shares.size()].committables.push_back(committable);
    }
    for (const OperatorSnapshot& snapshot : published_.snapshots) {
      for (const ListState& list : snapshot.lists) {
        EXPECT_TRUE(list.to_all) << "sinks with other list state are not covered yet";
        for (OperatorSnapshot& share : shares) share.lists.push_back(list);
      }
    }
    for (size_t i = 0; i < shares.size(); ++i) {
      auto& writer = writers_.emplace_back(std::make_unique<Writer>());
      writer->subtask =
          std::make_unique<SubtaskUnderTest>(crashing_, static_cast<int>(i), parallelism);
      writer->subtask->mutable_identity().epoch = LeaderEpoch(1);
      writer->subtask->mutable_identity().attempt = AttemptNumber(attempt_);
      writer->writer = sink_.NewWriter();
      const bool opened = Call(*writer, [&](Writer& w) -> absl::StatusOr<Progress> {
        if (absl::Status status = w.writer->Open(*w.subtask); !status.ok()) return status;
        if (published_.id == 0) return Progress::kDone;
        if (absl::Status status = w.writer->Restore(shares[i]); !status.ok()) return status;
        return Progress::kDone;
      });
      if (!opened) return false;
    }
    return true;
  }

  bool RunToEnd() {
    size_t row = published_.next_row;
    const size_t step = rows_.size() / 3 + 1;
    // Half of the attempts commit what was restored first, half with the next checkpoint.
    if (attempt_ % 2 == 0 && published_.id > 0 && !CommitAll()) return false;
    bool finished = false;
    bool late = false;  // The last published checkpoint has not been committed.
    while (!finished) {
      const size_t end = std::min(rows_.size(), row + step);
      if (!WriteRows(row, end)) return false;
      row = end;
      finished = row == rows_.size();
      if (finished && !ForAll([](Writer& w) { return w.writer->Finish(); })) return false;
      // One that is prepared and then aborted: the next one covers it.
      if (attempt_ % 3 == 1 && !PrepareAll()) return false;
      if (!PrepareAll()) return false;
      CheckVisible();
      // Word of a checkpoint may come when the next one is prepared already.
      if (late && !CommitAll()) return false;
      late = !late && !finished;
      published_ = {.next_row = row, .id = last_id_, .snapshots = {}};
      for (auto& writer : writers_) published_.snapshots.push_back(writer->snapshot);
      if (!late && (!CommitAll() || !CommitAll())) return false;
    }
    return true;
  }

  bool WriteRows(size_t begin, size_t end) {
    for (size_t i = 0; i < writers_.size(); ++i) {
      Batch<T> batch;
      for (size_t row = begin; row < end; ++row) {
        if (row % writers_.size() == i) batch.rows.push_back(rows_[row]);
      }
      size_t cursor = 0;
      const bool written =
          Call(*writers_[i], [&](Writer& w) { return w.writer->Write(batch, &cursor); });
      if (!written) return false;
    }
    return true;
  }

  bool PrepareAll() {
    const CheckpointId id(++last_id_);
    if (!ForAll([id](Writer& w) { return w.writer->PrepareCommit(id); })) return false;
    for (auto& writer : writers_) {
      writer->snapshot = OperatorSnapshot();
      writer->writer->Snapshot(writer->snapshot);
    }
    return true;
  }

  bool CommitAll() {
    const CheckpointId through(published_.id);
    if (!ForAll([through](Writer& w) { return w.writer->Commit(through); })) return false;
    committed_rows_ = published_.next_row;
    CheckVisible();
    return true;
  }

  bool ForAll(const std::function<absl::StatusOr<Progress>(Writer&)>& call) {
    for (auto& writer : writers_) {
      if (!Call(*writer, call)) return false;
    }
    return true;
  }

  // Drives a call to kDone. False if the attempt is over: by a crash, or an error.
  bool Call(Writer& writer, const std::function<absl::StatusOr<Progress>(Writer&)>& call) {
    if (calls_left_ == 0) return false;
    if (calls_left_ > 0) --calls_left_;
    bool ok = false;
    writer.subtask->Run([&] {
      const absl::StatusOr<Progress> progress = call(writer);
      if (!Ok(progress.status())) return Next::kFinished;
      if (*progress != Progress::kDone) return Next::kWait;
      ok = true;
      return Next::kFinished;
    });
    return ok;
  }

  void CloseAll() {
    for (auto& writer : writers_) {
      writer->subtask->Run([&] {
        writer->writer->Close();
        writer->subtask->ExpectNoMoreWakes();
        return Next::kFinished;
      });
    }
  }

  bool Ok(const absl::Status& status) {
    if (!status.ok()) failure_ = status.ToString();
    return status.ok();
  }

  void CheckVisible() {
    const std::multiset<std::string> visible = visible_();
    std::multiset<std::string> committed;
    std::multiset<std::string> published;
    for (size_t row = 0; row < published_.next_row; ++row) {
      const std::string text = row_text_(rows_[row]);
      published.insert(text);
      if (row < committed_rows_) committed.insert(text);
    }
    const auto includes = [](const auto& all, const auto& some) {
      return std::includes(all.begin(), all.end(), some.begin(), some.end());
    };
    EXPECT_TRUE(includes(visible, committed))
        << "attempt " << attempt_ << ": of " << committed.size() << " committed rows only "
        << visible.size() << " rows or others are visible";
    EXPECT_TRUE(includes(published, visible))
        << "attempt " << attempt_ << ": " << visible.size() << " rows are visible of "
        << published.size() << " that are published: too early, or twice";
  }

  CrashingEnv crashing_;
  Executor& io_;
  const Sink<T>& sink_;
  const std::vector<T>& rows_;
  const std::function<std::multiset<std::string>()> visible_;
  const std::function<std::string(const T&)> row_text_;
  std::vector<std::unique_ptr<Writer>> writers_;
  Published published_;
  size_t committed_rows_ = 0;
  uint64_t last_id_ = 0;
  uint32_t attempt_ = 0;
  int calls_left_ = -1;
  std::string failure_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_SINK_JOB_UNDER_TEST_H_
