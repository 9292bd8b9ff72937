#include "connectors/file/part_writer.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connectors/file/part_name.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "core/env/file_system.h"
#include "core/env/random.h"

namespace weir {
namespace {

constexpr int kBuffersInFlightMax = 2;

std::string_view Remedy(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return ". Make room there or choose another --output, and run the job again";
    case absl::StatusCode::kPermissionDenied:
      return ". Make the folder writable or choose another --output";
    case absl::StatusCode::kNotFound:
      return ". The output folder must stay in place while the job runs, at the same path on every "
             "machine";
    default:
      return "";
  }
}

absl::Status WithRemedy(const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("writing results: ", status.message(),
                                                  ToAbsl(Remedy(status.code()))));
}

}  // namespace

// One file operation per method, as far as possible: others may act between any two.
class PartWriter::Files {
 public:
  Files(FileSystem& file_system, std::string directory)
      : file_system_(file_system), directory_(std::move(directory)) {}

  absl::Status Create(const PartName& name, uint64_t unique) {
    const std::string temporary = absl::StrCat(directory_, "/", name.InProgress(unique));
    WEIR_ASSIGN_OR_RETURN(current_, file_system_.Create(temporary, CreateMode::kExclusive));
    parts_.push_back({temporary, absl::StrCat(directory_, "/", name.Visible()), false});
    return absl::OkStatus();
  }
  absl::Status Append(std::string_view bytes) { return current_->Append(bytes); }
  absl::Status Sync() { return current_->Sync(); }
  absl::Status CloseFile() { return std::exchange(current_, nullptr)->Close(); }
  absl::Status SyncFolder() { return file_system_.SyncDirectory(directory_); }

  absl::Status Publish(size_t index) {
    Part& part = parts_[index];
    // A rename would replace what another writer has published there.
    const absl::Status taken = file_system_.Stat(part.visible).status();
    if (taken.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat(part.visible,
                       " exists already: another sink or job writes into the same "
                       "folder. Give each a folder of its own"));
    }
    if (!absl::IsNotFound(taken)) return taken;
    WEIR_RETURN_IF_ERROR(file_system_.Rename(part.temporary, part.visible));
    part.published = true;
    return absl::OkStatus();
  }

  // Best effort: what stays behind starts with a dot, and the next run may delete it.
  void Abandon() {
    current_ = nullptr;
    for (const Part& part : parts_) {
      if (!part.published) file_system_.Remove(part.temporary).IgnoreError();
    }
    parts_.clear();
  }

 private:
  struct Part {
    std::string temporary;
    std::string visible;
    bool published = false;
  };

  FileSystem& file_system_;
  const std::string directory_;
  std::unique_ptr<WritableFile> current_;
  std::vector<Part> parts_;
};

PartWriter::PartWriter(PartWriterOptions options) : options_(std::move(options)) {
  WEIR_CHECK_LT(0, options_.part_bytes_max);
  WEIR_CHECK_LT(0, options_.buffer_bytes);
}

PartWriter::~PartWriter() = default;

absl::Status PartWriter::Open(OperatorContext& context) {
  WEIR_CHECK(phase_ == Phase::kNew);
  phase_ = Phase::kWriting;
  context_ = &context;
  queue_.emplace(context);
  files_ = std::make_shared<Files>(context.env().file_system(), options_.directory);
  const OperatorIdentity& identity = context.identity();
  const RandomSite site{
      RandomStream::kWorkload, "file_sink.unique",
      StableHash64WithSeed(identity.uid, static_cast<uint64_t>(identity.subtask_index))};
  // The life tells apart what two lives of one process draw.
  unique_ = context.env().random().Draw(site) ^ StableHashOfU64(context.executor().life().value());
  return absl::OkStatus();
}

absl::StatusOr<bool> PartWriter::CanTakeRow() {
  WEIR_CHECK(phase_ == Phase::kWriting);
  if (!queue_->status().ok()) return WithRemedy(queue_->status());
  const bool part_is_full =
      part_is_open_ && flushed_bytes_ + buffer_.size() >= options_.part_bytes_max;
  if (!part_is_full && buffer_.size() < options_.buffer_bytes) return true;
  if (queue_->buffers_in_flight() >= kBuffersInFlightMax) return false;
  if (part_is_full) {
    EndPart();
  } else {
    FlushBuffer();
  }
  return true;
}

std::string& PartWriter::BeginRow() {
  WEIR_CHECK(phase_ == Phase::kWriting);
  if (!part_is_open_) StartPart();
  return buffer_;
}

void PartWriter::StartPart() {
  WEIR_CHECK(!part_is_open_);
  WEIR_CHECK(buffer_.empty());
  part_is_open_ = true;
  flushed_bytes_ = 0;
  buffer_ = options_.header;
  const PartName name{context_->identity().subtask_index, parts_count_++, options_.extension};
  queue_->Post([files = files_, name, unique = unique_] { return files->Create(name, unique); });
}

void PartWriter::FlushBuffer() {
  if (buffer_.empty()) return;
  flushed_bytes_ += buffer_.size();
  context_->metrics().num_bytes_out += static_cast<int64_t>(buffer_.size());
  std::string bytes = std::exchange(buffer_, std::string());
  buffer_.reserve(bytes.size());
  queue_->Post([files = files_, bytes = std::move(bytes)] { return files->Append(bytes); }, 1);
}

void PartWriter::EndPart() {
  WEIR_CHECK(part_is_open_);
  FlushBuffer();
  queue_->Post([files = files_] { return files->Sync(); });
  queue_->Post([files = files_] { return files->CloseFile(); });
  part_is_open_ = false;
}

absl::StatusOr<Progress> PartWriter::WaitForQueue() {
  if (!queue_->status().ok()) return WithRemedy(queue_->status());
  return queue_->steps_in_flight() == 0 ? Progress::kDone : Progress::kBlocked;
}

absl::StatusOr<Progress> PartWriter::Finish() {
  if (phase_ == Phase::kWriting) {
    phase_ = Phase::kFinishing;
    const bool shows_that_job_ran = context_->identity().subtask_index == 0 && parts_count_ == 0;
    if (shows_that_job_ran) StartPart();
    if (part_is_open_) EndPart();
    if (parts_count_ > 0) queue_->Post([files = files_] { return files->SyncFolder(); });
  }
  WEIR_CHECK(phase_ == Phase::kFinishing);
  return WaitForQueue();
}

absl::StatusOr<Progress> PartWriter::Commit() {
  if (phase_ == Phase::kFinishing) {
    WEIR_CHECK_EQ(queue_->steps_in_flight(), 0) << "Commit before Finish was done";
    phase_ = Phase::kCommitting;
    for (int64_t part = 0; part < parts_count_; ++part) {
      queue_->Post([files = files_, part] { return files->Publish(static_cast<size_t>(part)); });
    }
    if (parts_count_ > 0) queue_->Post([files = files_] { return files->SyncFolder(); });
  }
  WEIR_CHECK(phase_ == Phase::kCommitting);
  return WaitForQueue();
}

void PartWriter::Close() {
  const bool opened = phase_ != Phase::kNew && phase_ != Phase::kClosed;
  phase_ = Phase::kClosed;
  if (opened) queue_->Close([files = std::move(files_)] { files->Abandon(); });
}

}  // namespace weir
