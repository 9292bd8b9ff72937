// VerifySource and VerifySink: the contract of connectors (core/operators/source.h, sink.h) as a
// test that every connector passes on every Env. Called from a test's thread; failures are gtest's.
//
//   VerifySource<std::string_view>(
//       *env, {.variants = {[&] { return ...block_bytes = 1...; }, [&] { return ...; }},
//              .expected = {{{0, 0}, "first line"}, {{0, 11}, "second line"}}});
//
// For a source: each variant (the same input, other sizes of splits, blocks, chunks) yields exactly
// the expected records at their positions, at every parallelism and order of assignment; splits are
// the same when they are discovered again, and their records come in order; the bytes add up;
// kBlocked is followed by Wake(); Poll may be called too often, and AddSplit at any time; Close may
// come at any moment, and nothing runs afterwards. A reader that is cut off and replaced, after
// every row or every few, yields the same rows and watermarks as without, and where splits come to
// other readers every record comes exactly once (see source_job_under_test.h).
//
// For a sink: nothing is visible before Commit and everything after, however often it is called;
// Close without Commit, at any moment, leaves nothing visible; the result does not depend on how
// rows are cut into batches, nor on other writers that begin meanwhile; kBlocked is followed by Wake(), and calls may come too often. Where the
// contract says what a row looks like, a job is killed after every call and, on a disk, between any
// two operations, and goes on: every row comes out exactly once, none before its checkpoint counts,
// and nothing is left behind (see sink_job_under_test.h).
#ifndef WEIR_CORE_TESTING_VERIFY_CONNECTOR_H_
#define WEIR_CORE_TESTING_VERIFY_CONNECTOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/operators/sink.h"
#include "core/operators/source.h"
#include "core/testing/sink_job_under_test.h"
#include "core/testing/sink_under_test.h"
#include "core/testing/source_job_under_test.h"
#include "core/testing/source_under_test.h"
#include "core/testing/subtask_under_test.h"
#include "gtest/gtest.h"

namespace weir {

template <class Raw>
struct SourceContract {
  // Sources over the same input.
  std::vector<std::function<std::unique_ptr<Source<Raw>>()>> variants;
  // By position; `malformed` ones have an excerpt for text.
  std::vector<SourceRecord> expected;
  std::function<std::string(const Raw&)> to_text = [](const Raw& raw) { return std::string(raw); };
};

// How many calls a run may take that is closed at every moment of it.
inline constexpr int kMomentsMax = 12;

// How often a reader is replaced, about.
inline constexpr size_t kReplacedMax = 16;

template <class Raw>
void VerifySourceRecovery(EnvUnderTest& under_test, const Source<Raw>& source,
                          const SourceContract<Raw>& contract,
                          const std::vector<SourceSplit>& splits) {
  SourceJobUnderTest<Raw> job(under_test, source, splits, contract.to_text);
  const auto through = job.ReadThrough();
  // One row at a time, unless there are very many, and larger bites of other sizes.
  const size_t least = through.size() / kReplacedMax + 1;
  for (const size_t rows_max : {least, least * 2 + 1, size_t{1024}}) {
    for (const int polls : {1, 3}) {
      SCOPED_TRACE(testing::Message()
                   << "replaced after " << polls << " x " << rows_max << " rows");
      ASSERT_TRUE(job.ReadInterrupted(rows_max, polls) == through)
          << "other rows or watermarks than without interruption";
    }
  }
  std::vector<SourceRecord> expected;
  std::copy_if(contract.expected.begin(), contract.expected.end(), std::back_inserter(expected),
               [](const SourceRecord& record) { return !record.malformed; });
  for (const int polls : {1, 2, 5, 11}) {
    SCOPED_TRACE(testing::Message() << "splits moved after " << polls << " x " << least << " rows");
    ASSERT_EQ(FirstDifference(expected, job.ReadRescaled(2, 3, least, polls)), "");
    ASSERT_EQ(FirstDifference(expected, job.ReadRescaled(3, 1, least, polls)), "");
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

template <class Raw>
void VerifySource(EnvUnderTest& under_test, const SourceContract<Raw>& contract) {
  for (size_t variant = 0; variant < contract.variants.size(); ++variant) {
    SCOPED_TRACE(testing::Message() << "variant " << variant);
    const std::unique_ptr<Source<Raw>> source = contract.variants[variant]();
    EXPECT_FALSE(source->Describe().empty());
    EXPECT_TRUE(source->bounded()) << "give the source an end for this test";
    for (const int parallelism : {1, 2, 3}) {
      SourceUnderTest<Raw> run(under_test, *source, parallelism, contract.to_text);
      for (const AssignmentOrder order : kAssignmentOrders) {
        SCOPED_TRACE(testing::Message() << "parallelism " << parallelism << ", assignment "
                                        << static_cast<int>(order));
        const std::vector<SourceRecord> records = run.ReadAll(order);
        ASSERT_EQ(FirstDifference(contract.expected, records), "");
        if (testing::Test::HasFatalFailure()) return;
      }
    }
    SourceUnderTest<Raw> run(under_test, *source, 1, contract.to_text);
    run.CloseAtEveryMoment(kMomentsMax);
    VerifySourceRecovery<Raw>(under_test, *source, contract, run.splits());
    if (testing::Test::HasFailure()) return;
  }
}

template <class T>
struct SinkContract {
  // A sink into the folder (a new one for each run; it does not exist yet).
  std::function<std::unique_ptr<Sink<T>>(const std::string& directory)> make;
  std::vector<T> rows;
  // What readers see of the result. Runs where files may be used.
  std::function<std::map<std::string, std::string>(Env& env, const std::string& directory)> visible;
  // Rows as text, to compare with the union of what is visible; absent: not compared.
  std::function<std::string(const std::map<std::string, std::string>& visible)> sorted_rows = {};
  std::string expected_sorted_rows = {};
  // False for sinks that cannot take back what they wrote: rows may be visible before Commit.
  bool transactional = true;
  // A row as a line of sorted_rows; absent: the job is not killed.
  std::function<std::string(const T&)> row_text = {};
  // What is there beside the result, and should not be when the job has finished.
  std::function<std::vector<std::string>(Env& env, const std::string& directory)> left_behind = {};
};

// A few rows do, since a job is killed at every moment of its life.
inline constexpr size_t kKilledRowsMax = 12;

// Kills jobs over and over; `crash(n)` is how the nth dies. Returns after the first that did not die.
template <class T>
void VerifySinkRecovery(EnvUnderTest& under_test, const SinkContract<T>& contract, int* runs,
                        const std::function<SinkCrash(int nth)>& crash) {
  const std::vector<T> rows(contract.rows.begin(),
                            contract.rows.begin() + static_cast<ptrdiff_t>(std::min(
                                                        kKilledRowsMax, contract.rows.size())));
  const std::unique_ptr<Executor> io =
      under_test.env().NewExecutor("looks-at-results", ExecutorKind::kIo);
  // Every one of the first moments, and ever fewer later.
  for (int nth = 0;; nth += 1 + nth / 4) {
    const std::string directory =
        under_test.root_directory() + "/killed-" + std::to_string((*runs)++);
    const std::unique_ptr<Sink<T>> sink = contract.make(directory);
    const auto visible = [&] {
      std::map<std::string, std::string> files;
      RunOn(under_test, *io, [&] { files = contract.visible(under_test.env(), directory); });
      std::istringstream lines(files.empty() ? "" : contract.sorted_rows(files));
      std::multiset<std::string> rows;
      for (std::string line; std::getline(lines, line);) rows.insert(line);
      return rows;
    };
    const SinkCrash first = crash(nth);
    SCOPED_TRACE(testing::Message() << "killed after " << first.after_calls << " calls or "
                                    << first.after_file_operations << " file operations, "
                                    << (first.close ? "closed" : "dropped"));
    SinkJobUnderTest<T> job(under_test, *io, *sink, rows, visible, contract.row_text);
    const bool survived = job.RunAttempt(nth % 3 + 1, first);
    if (!survived) {
      // Once more on the way back, and then in peace.
      const bool again = job.RunAttempt((nth + 1) % 3 + 1, crash(nth / 2));
      ASSERT_TRUE(again || job.RunAttempt(nth % 2 + 1, {})) << "it does not come to its end";
    }
    ASSERT_EQ(visible().size(), rows.size());
    if (contract.left_behind) {
      std::vector<std::string> left;
      RunOn(under_test, *io, [&] { left = contract.left_behind(under_test.env(), directory); });
      ASSERT_EQ(left, std::vector<std::string>());
    }
    ASSERT_TRUE(job.fine());
    if (survived) return;
  }
}

template <class T>
void VerifySink(EnvUnderTest& under_test, const SinkContract<T>& contract) {
  int runs = 0;
  const auto new_directory = [&] {
    return under_test.root_directory() + "/sink-" + std::to_string(runs++);
  };
  const auto visible = [&](const std::string& directory) {
    std::map<std::string, std::string> files;
    RunOnIo(under_test, [&] { files = contract.visible(under_test.env(), directory); });
    return files;
  };
  for (const int parallelism : {1, 2, 3}) {
    std::map<std::string, std::string> first;
    for (size_t cut = 0; cut < std::size(kBatchCuts); ++cut) {
      SCOPED_TRACE(testing::Message() << "parallelism " << parallelism << ", cut " << cut);
      const std::string directory = new_directory();
      const std::unique_ptr<Sink<T>> sink = contract.make(directory);
      EXPECT_FALSE(sink->Describe().empty());
      SinkUnderTest<T> run(under_test, *sink, parallelism, contract.rows, kBatchCuts[cut]);
      ASSERT_TRUE(run.PrepareAndFinish());
      ASSERT_TRUE(run.PrepareForAnotherWriter());
      if (contract.transactional) {
        ASSERT_TRUE(visible(directory).empty()) << "visible before Commit";
      }
      ASSERT_TRUE(run.Commit());
      const auto result = visible(directory);
      ASSERT_TRUE(run.Commit());
      run.Close();
      ASSERT_TRUE(visible(directory) == result) << "a second Commit, or Close, changed the result";
      ASSERT_TRUE(run.Report());
      if (cut == 0) first = result;
      ASSERT_TRUE(result == first) << "the result depends on how batches are cut";
      if (contract.sorted_rows) {
        const std::string rows = contract.sorted_rows(result);
        ASSERT_TRUE(rows == contract.expected_sorted_rows)
            << "wrong rows, beginning with " << rows.substr(0, 200);
      }
    }
  }
  if (!contract.transactional) return;
  std::vector<std::string> directories;
  std::vector<std::unique_ptr<SinkUnderTest<T>>> closed;
  for (int calls = 0; calls < kMomentsMax; ++calls) {
    SCOPED_TRACE(testing::Message() << "closed after " << calls << " calls");
    directories.push_back(new_directory());
    const std::unique_ptr<Sink<T>> sink = contract.make(directories.back());
    closed.push_back(
        std::make_unique<SinkUnderTest<T>>(under_test, *sink, 1, contract.rows, kBatchCuts[1]));
    ASSERT_TRUE(closed.back()->PrepareAndCloseAfter(calls));
  }
  under_test.Settle();  // For what is left to run, and must not.
  for (const std::string& directory : directories) {
    ASSERT_TRUE(visible(directory).empty()) << directory << " is visible without Commit";
  }
  if (!contract.row_text) return;
  VerifySinkRecovery<T>(under_test, contract, &runs, [](int nth) {
    return SinkCrash{.after_calls = nth + 1, .close = nth % 2 == 1};
  });
  if (!contract.left_behind || testing::Test::HasFailure()) return;  // Without files.
  VerifySinkRecovery<T>(under_test, contract, &runs, [](int nth) {
    return SinkCrash{.after_file_operations = nth + 1, .close = nth % 2 == 0};
  });
}

}  // namespace weir

#endif  // WEIR_CORE_TESTING_VERIFY_CONNECTOR_H_
