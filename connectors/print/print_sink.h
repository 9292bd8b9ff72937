// PrintSink: rows as text on standard output, one per line (Flink's PrintSink).
//
// With a parallelism above 1 each line starts with the number of its subtask, counted from 1 as in
// Flink: "2> ...". Lines of one subtask come in order. Nothing is held back until Commit: what was
// printed cannot be taken back. At least once: every row that a checkpoint covers is printed before it
// counts, and where a job goes on, the rows behind the checkpoint are printed again.
#ifndef WEIR_CONNECTORS_PRINT_PRINT_SINK_H_
#define WEIR_CONNECTORS_PRINT_PRINT_SINK_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/print/line_printer.h"
#include "core/operators/sink.h"
#include "core/types/row_text.h"

namespace weir {

template <class T>
class PrintSink final : public Sink<T> {
 public:
  // `path` is opened for appending; it need not be a regular file.
  explicit PrintSink(std::string path = "/dev/stdout") : path_(std::move(path)) {}

  std::unique_ptr<SinkWriter<T>> NewWriter() const override {
    return std::make_unique<Writer>(path_);
  }
  std::unique_ptr<SinkCoordinator> NewCoordinator() const override {
    return std::make_unique<Coordinator>(path_);
  }
  std::string Describe() const override { return "print(" + path_ + ")"; }

 private:
  class Writer final : public SinkWriter<T> {
   public:
    explicit Writer(std::string path) : printer_(std::move(path)) {}

    absl::Status Open(OperatorContext& context) override { return printer_.Open(context); }
    absl::StatusOr<Progress> Write(Batch<T>& batch, size_t* cursor) override {
      while (*cursor < batch.rows.size()) {
        absl::StatusOr<bool> can_take = printer_.CanTakeLine();
        if (!can_take.ok()) return std::move(can_take).status();
        if (!*can_take) return Progress::kBlocked;
        printer_.AddLine(ToText(batch.rows[*cursor]));
        ++*cursor;
      }
      // A slow stream shows its rows when they come, not when the next ones come.
      return printer_.Flush();
    }
    absl::StatusOr<Progress> Finish() override { return printer_.Finish(); }
    absl::StatusOr<Progress> PrepareCommit(CheckpointId) override { return printer_.Finish(); }
    void Snapshot(OperatorSnapshot&) const override {}
    absl::Status Restore(const OperatorSnapshot&) override { return absl::OkStatus(); }
    absl::StatusOr<Progress> Commit(CheckpointId) override { return Progress::kDone; }
    void Close() override { printer_.Close(); }

   private:
    LinePrinter printer_;
  };

  class Coordinator final : public SinkCoordinator {
   public:
    explicit Coordinator(std::string path) : path_(std::move(path)) {}
    absl::Status Prepare(Env&, const SinkRun&) override { return absl::OkStatus(); }
    absl::StatusOr<SinkReport> Report(Env&) override {
      return SinkReport{.where = path_, .first_rows = {}};
    }

   private:
    const std::string path_;
  };

  std::string path_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_PRINT_PRINT_SINK_H_
