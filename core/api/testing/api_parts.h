// A source without rows (refused, if it has that name) and a sink that takes any, for tests that
// look at graphs. Testonly.
#ifndef WEIR_CORE_API_TESTING_API_PARTS_H_
#define WEIR_CORE_API_TESTING_API_PARTS_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/operators/sink.h"
#include "core/operators/source.h"

namespace weir {

template <class Raw>
class EmptySource final : public Source<Raw> {
 public:
  explicit EmptySource(std::string name) : name_(std::move(name)) {}
  std::unique_ptr<SplitEnumerator> NewEnumerator() const override { return nullptr; }
  std::unique_ptr<SplitReader<Raw>> NewReader() const override {
    return std::make_unique<Reader>();
  }
  bool bounded() const override { return true; }
  std::string Describe() const override { return "empty(" + name_ + ")"; }
  absl::Status Validate() const override {
    if (name_ != "refused") return absl::OkStatus();
    return absl::InvalidArgumentError("the source is refused");
  }

 private:
  class Reader final : public SplitReader<Raw> {
   public:
    using typename SplitReader<Raw>::Chunk;
    using typename SplitReader<Raw>::Result;
    absl::Status Open(OperatorContext&) override { return absl::OkStatus(); }
    absl::Status AddSplit(const SourceSplit&, std::optional<SourcePosition>) override {
      return absl::OkStatus();
    }
    absl::StatusOr<Result> Poll(Chunk&) override { return Result::kNoSplit; }
    void Close() override {}
  };

  std::string name_;
};

template <class T>
class NullSink final : public Sink<T> {
 public:
  std::unique_ptr<SinkWriter<T>> NewWriter() const override { return std::make_unique<Writer>(); }
  std::unique_ptr<SinkCoordinator> NewCoordinator() const override { return nullptr; }
  std::string Describe() const override { return "null()"; }

 private:
  class Writer final : public SinkWriter<T> {
   public:
    absl::Status Open(OperatorContext&) override { return absl::OkStatus(); }
    absl::StatusOr<Progress> Write(Batch<T>& batch, size_t* cursor) override {
      *cursor = batch.size();
      return Progress::kDone;
    }
    absl::StatusOr<Progress> Finish() override { return Progress::kDone; }
    absl::StatusOr<Progress> PrepareCommit(CheckpointId) override { return Progress::kDone; }
    void Snapshot(OperatorSnapshot&) const override {}
    absl::Status Restore(const OperatorSnapshot&) override { return absl::OkStatus(); }
    absl::StatusOr<Progress> Commit(CheckpointId) override { return Progress::kDone; }
    void Close() override {}
  };
};

}  // namespace weir

#endif  // WEIR_CORE_API_TESTING_API_PARTS_H_
