#include "connectors/print/line_printer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr int kBuffersInFlightMax = 2;

}  // namespace

LinePrinter::LinePrinter(std::string path) : path_(std::move(path)) {}

absl::Status LinePrinter::Open(OperatorContext& context) {
  WEIR_CHECK(context_ == nullptr);
  context_ = &context;
  const OperatorIdentity& identity = context.identity();
  if (identity.parallelism > 1) prefix_ = absl::StrCat(identity.subtask_index + 1, "> ");
  file_ = std::make_shared<std::unique_ptr<WritableFile>>();
  queue_.emplace(context);
  queue_->Post([file = file_, path = path_, files = &context.env().file_system()] {
    absl::StatusOr<std::unique_ptr<WritableFile>> opened = files->Create(path, CreateMode::kAppend);
    if (opened.ok()) *file = *std::move(opened);
    return opened.status();
  });
  return absl::OkStatus();
}

absl::StatusOr<bool> LinePrinter::CanTakeLine() {
  WEIR_RETURN_IF_ERROR(queue_->status());
  if (buffer_.size() < kBufferBytes) return true;
  WriteBuffer();
  return buffer_.empty();
}

void LinePrinter::AddLine(std::string_view text) {
  absl::StrAppend(&buffer_, prefix_, ToAbsl(text), "\n");
}

void LinePrinter::WriteBuffer() {
  if (buffer_.empty() || queue_->buffers_in_flight() >= kBuffersInFlightMax) return;
  context_->metrics().num_bytes_out += static_cast<int64_t>(buffer_.size());
  std::string bytes = std::exchange(buffer_, std::string());
  // Whole lines in one call, so that those of other subtasks do not come between.
  queue_->Post([file = file_, bytes = std::move(bytes)] { return (*file)->Append(bytes); }, 1);
}

absl::StatusOr<Progress> LinePrinter::Flush() {
  WEIR_RETURN_IF_ERROR(queue_->status());
  WriteBuffer();
  return buffer_.empty() ? Progress::kDone : Progress::kBlocked;
}

absl::StatusOr<Progress> LinePrinter::Finish() {
  WEIR_RETURN_IF_ERROR(queue_->status());
  WriteBuffer();
  const bool written = buffer_.empty() && queue_->steps_in_flight() == 0;
  return written ? Progress::kDone : Progress::kBlocked;
}

void LinePrinter::Close() {
  if (!queue_.has_value() || file_ == nullptr) return;
  queue_->Close([file = std::move(file_)] { file->reset(); });
}

}  // namespace weir
