// FileSink: rows as CSV or JSON lines in a folder (Flink's FileSink with its row formats).
//
//   FileSink<Activity>::Csv("/home/me/weir-out")
//   FileSink<Activity>::JsonLines("/home/me/weir-out", {.overwrite = true})
//
// Each subtask writes parts of its own, part-<subtask>-<n>.csv; see PartWriter. Exactly once: rows are
// visible from the checkpoint on that they belong to, or, where none is taken, when the job has
// finished. Every CSV part starts with the header. The folder must be empty or belong to the run,
// which a hidden marker file says; with `overwrite` an earlier start of the run is deleted.
#ifndef WEIR_CONNECTORS_FILE_FILE_SINK_H_
#define WEIR_CONNECTORS_FILE_FILE_SINK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/file/file_sink_coordinator.h"
#include "connectors/file/part_writer.h"
#include "core/operators/sink.h"
#include "core/types/row_text.h"

namespace weir {

struct FileSinkOptions {
  uint64_t part_bytes_max = 1 << 30;  // A part is rolled when it has this many.
  size_t buffer_bytes = 256 * 1024;   // Written at once; three per writer are in memory.
  bool overwrite = false;             // Delete what the run left when it was started before.
};

enum class FileFormat : uint8_t { kCsv, kJsonLines };

// "csv", "jsonl"
inline std::string FileFormatExtension(FileFormat format) {
  return format == FileFormat::kCsv ? "csv" : "jsonl";
}

template <class T>
class FileSinkWriter final : public SinkWriter<T> {
 public:
  FileSinkWriter(FileFormat format, PartWriterOptions options)
      : format_(format), parts_(std::move(options)) {}

  absl::Status Open(OperatorContext& context) override { return parts_.Open(context); }

  absl::StatusOr<Progress> Write(Batch<T>& batch, size_t* cursor) override {
    while (*cursor < batch.rows.size()) {
      absl::StatusOr<bool> can_take = parts_.CanTakeRow();
      if (!can_take.ok()) return std::move(can_take).status();
      if (!*can_take) return Progress::kBlocked;
      std::string& text = parts_.BeginRow();
      if (format_ == FileFormat::kCsv) {
        AppendCsvRow(batch.rows[*cursor], text);
      } else {
        AppendJson(batch.rows[*cursor], text);
      }
      text.push_back('\n');
      ++*cursor;
    }
    return Progress::kDone;
  }

  absl::StatusOr<Progress> Finish() override { return parts_.Finish(); }
  absl::StatusOr<Progress> PrepareCommit(CheckpointId checkpoint) override {
    return parts_.PrepareCommit(checkpoint);
  }
  void Snapshot(OperatorSnapshot& snapshot) const override { parts_.Snapshot(snapshot); }
  absl::Status Restore(const OperatorSnapshot& restored) override {
    return parts_.Restore(restored);
  }
  absl::StatusOr<Progress> Commit(CheckpointId through) override { return parts_.Commit(through); }
  void Close() override { parts_.Close(); }

 private:
  const FileFormat format_;
  PartWriter parts_;
};

template <class T>
class FileSink final : public Sink<T> {
 public:
  // `directory` is absolute.
  static FileSink Csv(std::string directory, FileSinkOptions options = {}) {
    return FileSink(FileFormat::kCsv, std::move(directory), options);
  }
  static FileSink JsonLines(std::string directory, FileSinkOptions options = {}) {
    return FileSink(FileFormat::kJsonLines, std::move(directory), options);
  }

  std::unique_ptr<SinkWriter<T>> NewWriter() const override {
    PartWriterOptions parts{.directory = directory_,
                            .extension = FileFormatExtension(format_),
                            .header = {},
                            .part_bytes_max = options_.part_bytes_max,
                            .buffer_bytes = options_.buffer_bytes};
    if (format_ == FileFormat::kCsv) {
      AppendCsvHeader<T>(parts.header);
      parts.header.push_back('\n');
    }
    return std::make_unique<FileSinkWriter<T>>(format_, std::move(parts));
  }
  std::unique_ptr<SinkCoordinator> NewCoordinator() const override {
    return std::make_unique<FileSinkCoordinator>(directory_, options_.overwrite,
                                                 format_ == FileFormat::kCsv);
  }
  std::string Describe() const override {
    return (format_ == FileFormat::kCsv ? "csv(" : "jsonLines(") + directory_ + ")";
  }

 private:
  FileSink(FileFormat format, std::string directory, FileSinkOptions options)
      : format_(format), directory_(std::move(directory)), options_(options) {}

  FileFormat format_;
  std::string directory_;
  FileSinkOptions options_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_FILE_SINK_H_
