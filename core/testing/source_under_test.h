// SourceUnderTest: reads a whole source with some readers side by side, as a job does, or closes a
// reader in the middle. A part of VerifySource; see verify_connector.h.
#ifndef WEIR_CORE_TESTING_SOURCE_UNDER_TEST_H_
#define WEIR_CORE_TESTING_SOURCE_UNDER_TEST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/operators/source.h"
#include "core/testing/subtask_under_test.h"
#include "gtest/gtest.h"

namespace weir {

struct SourceRecord {
  SourcePosition position;
  std::string text;
  bool malformed = false;
  friend auto operator<=>(const SourceRecord&, const SourceRecord&) = default;
  friend std::ostream& operator<<(std::ostream& out, const SourceRecord& record) {
    return out << record.position.container << ":" << record.position.offset
               << (record.malformed ? " malformed " : " ") << record.text.substr(0, 200);
  }
};

// "" if they are equal; else where they begin to differ. Shorter than what gtest prints.
std::string FirstDifference(const std::vector<SourceRecord>& expected,
                            const std::vector<SourceRecord>& actual);

// How splits come to readers.
enum class AssignmentOrder {
  kAllAtOnce,     // In order, to the readers in turn, before the first Poll.
  kReversed,      // Backwards, one each time a reader has nothing left.
  kBetweenPolls,  // In order, one after each Poll, with needless Polls.
};
inline constexpr AssignmentOrder kAssignmentOrders[] = {
    AssignmentOrder::kAllAtOnce, AssignmentOrder::kReversed, AssignmentOrder::kBetweenPolls};

template <class Raw>
class SourceUnderTest {
 public:
  SourceUnderTest(EnvUnderTest& under_test, const Source<Raw>& source, int parallelism,
                  std::function<std::string(const Raw&)> to_text)
      : under_test_(under_test),
        source_(source),
        parallelism_(parallelism),
        to_text_(std::move(to_text)),
        enumerator_(source.NewEnumerator()) {
    splits_ = Discover(*enumerator_);
    EXPECT_TRUE(splits_ == Discover(*source.NewEnumerator())) << "splits differ the second time";
    for (size_t i = 0; i < splits_.size(); ++i) EXPECT_EQ(splits_[i].id.value(), i);
  }

  const std::vector<SourceSplit>& splits() const { return splits_; }

  // Sorted by position.
  std::vector<SourceRecord> ReadAll(AssignmentOrder order) {
    std::vector<std::unique_ptr<Reader>> readers;
    for (int i = 0; i < parallelism_; ++i) {
      readers.push_back(std::make_unique<Reader>(*this, i, order));
    }
    for (size_t i = 0; i < splits_.size(); ++i) {
      readers[i % readers.size()]->todo.push_back(splits_[i]);
    }
    for (auto& reader : readers) reader->Start();
    std::vector<SourceRecord> records;
    int64_t bytes = 0;
    for (auto& reader : readers) {
      if (!reader->subtask.Finish()) return records;
      EXPECT_EQ(reader->failure, "");
      records.insert(records.end(), reader->records.begin(), reader->records.end());
      bytes += reader->bytes;
    }
    std::sort(records.begin(), records.end());
    if (const uint64_t total = enumerator_->total_bytes(); total > 0) {
      EXPECT_EQ(static_cast<uint64_t>(bytes), total) << "chunk bytes do not add up to total_bytes";
    }
    if (!records.empty()) {
      EXPECT_FALSE(enumerator_->DescribePosition(records.front().position).empty());
    }
    return records;
  }

  // Closes readers that have every split after 0, 1, ... polls_max - 1 polls: every moment of a short
  // run, and the first ones of a long run.
  void CloseAtEveryMoment(int polls_max) {
    std::vector<std::unique_ptr<Reader>> readers;
    for (int polls = 0; polls < polls_max; ++polls) {
      SCOPED_TRACE(testing::Message() << "closed after " << polls << " polls");
      auto& reader =
          readers.emplace_back(std::make_unique<Reader>(*this, 0, AssignmentOrder::kAllAtOnce));
      reader->todo = splits_;
      reader->polls_max = polls;
      reader->Start();
      if (!reader->subtask.Finish()) return;
      EXPECT_EQ(reader->failure, "");
    }
    under_test_.Settle();  // For what is left to run, and must not.
  }

 private:
  using Next = SubtaskUnderTest::Next;
  using Result = typename SplitReader<Raw>::Result;

  // One reader. Its fields are used on its executor while it runs.
  struct Reader {
    Reader(SourceUnderTest& owner, int index, AssignmentOrder order)
        : owner(owner),
          order(order),
          subtask(owner.under_test_, index, owner.parallelism_),
          reader(owner.source_.NewReader()) {}

    void Start() {
      if (order == AssignmentOrder::kReversed) std::reverse(todo.begin(), todo.end());
      subtask.Start([this] { return Step(); });
    }

    Next Step() {
      if (!opened) {
        opened = true;
        if (!Ok(reader->Open(subtask))) return Close();
        while (order == AssignmentOrder::kAllAtOnce && !todo.empty()) {
          if (!AddOne()) return Close();
        }
      }
      if (polls >= polls_max) return Close();
      ++polls;
      absl::StatusOr<Result> result = reader->Poll(chunk);
      if (!Ok(result.status())) return Close();
      if (order == AssignmentOrder::kBetweenPolls && *result != Result::kNoSplit) {
        if (*result == Result::kChunk && !Take()) return Close();
        if (!todo.empty() && !AddOne()) return Close();
        // A needless poll: while blocked nothing may break.
        return *result == Result::kChunk || ++needless_polls % 2 == 1 ? Next::kAgain : Next::kWait;
      }
      switch (*result) {
        case Result::kChunk:
          return Take() ? Next::kAgain : Close();
        case Result::kNoSplit:
          if (!open_splits.empty()) failure = "kNoSplit, but a split has not ended";
          if (todo.empty() || !failure.empty() || !AddOne()) return Close();
          return Next::kAgain;
        case Result::kNothingNow:
        case Result::kBlocked:
          return Next::kWait;
      }
      return Close();
    }

    bool Ok(const absl::Status& status) {
      if (!status.ok()) failure = status.ToString();
      return status.ok();
    }

    bool AddOne() {
      const SourceSplit split = todo.front();
      todo.erase(todo.begin());
      open_splits[split.id];
      return Ok(reader->AddSplit(split, std::nullopt));
    }

    bool Take() {
      const auto open = open_splits.find(chunk.split);
      if (open == open_splits.end()) {
        failure = "a chunk of " + chunk.split.ToString() + ", which is not open here";
        return false;
      }
      if (chunk.records.size() != chunk.positions.size()) failure = "records without positions";
      for (size_t i = 0; i < chunk.records.size() && failure.empty(); ++i) {
        if (chunk.positions[i] <= open->second) failure = "records of a split out of order";
        open->second = chunk.positions[i];
        if (chunk.next <= chunk.positions[i]) failure = "next is not behind the last record";
        records.push_back({chunk.positions[i], owner.to_text_(chunk.records[i])});
      }
      for (const auto& malformed : chunk.malformed) {
        if (malformed.reason.empty()) failure = "malformed without a reason";
        records.push_back({malformed.position, malformed.excerpt, true});
      }
      bytes += chunk.bytes;
      if (chunk.end_of_split) open_splits.erase(open);
      return failure.empty();
    }

    Next Close() {
      reader->Close();
      subtask.ExpectNoMoreWakes();
      reader = nullptr;
      return Next::kFinished;
    }

    SourceUnderTest& owner;
    const AssignmentOrder order;
    SubtaskUnderTest subtask;
    std::unique_ptr<SplitReader<Raw>> reader;
    typename SplitReader<Raw>::Chunk chunk;
    std::vector<SourceSplit> todo;
    std::map<SplitId, SourcePosition> open_splits;  // And the last position of each.
    std::vector<SourceRecord> records;
    std::string failure;
    int64_t bytes = 0;
    int polls = 0;
    int polls_max = 1'000'000;
    int needless_polls = 0;
    bool opened = false;
  };

  std::vector<SourceSplit> Discover(SplitEnumerator& enumerator) {
    std::vector<SourceSplit> splits;
    RunOnIo(under_test_, [&] {
      auto discovered = enumerator.DiscoverSplits(under_test_.env(), parallelism_);
      EXPECT_TRUE(discovered.ok()) << discovered.status();
      if (discovered.ok()) splits = *std::move(discovered);
    });
    return splits;
  }

  EnvUnderTest& under_test_;
  const Source<Raw>& source_;
  const int parallelism_;
  const std::function<std::string(const Raw&)> to_text_;
  const std::unique_ptr<SplitEnumerator> enumerator_;
  std::vector<SourceSplit> splits_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_SOURCE_UNDER_TEST_H_
