#include "core/runtime/snapshot_upload.h"

#include <utility>

#include "core/base/check.h"

namespace weir {

SnapshotUpload::SnapshotUpload(CheckpointId checkpoint, SubtaskId subtask, std::vector<Part> parts,
                               proto::SubtaskSnapshot snapshot,
                               std::shared_ptr<StateStorage> storage, Executor& worker,
                               Executor& io, absl::AnyInvocable<void()> on_progress)
    : checkpoint_(checkpoint),
      subtask_(subtask),
      parts_(std::move(parts)),
      snapshot_(std::move(snapshot)),
      storage_(std::move(storage)),
      worker_(worker),
      io_(io),
      on_progress_(std::move(on_progress)),
      self_(std::make_shared<SnapshotUpload*>(this)) {
  for (const Part& part : parts_) part.backend->BeginSnapshot();
}

SnapshotUpload::~SnapshotUpload() {
  for (const Part& part : parts_) part.backend->AbortSnapshot();
}

bool SnapshotUpload::congested() const {
  for (const Part& part : parts_) {
    if (part.backend->emitted_bytes() > kEmittedBytesMax) return true;
  }
  return false;
}

bool SnapshotUpload::can_advance() const {
  // While a piece is being written the cursor may fill the next one.
  return part_ < parts_.size() && stage_ == FileStage::kCreated &&
         parts_[part_].backend->snapshot_running() &&
         parts_[part_].backend->emitted_bytes() < kPieceBytes;
}

absl::StatusOr<bool> SnapshotUpload::Step() {
  if (!status_.ok()) return status_;
  if (part_ == parts_.size()) return true;
  StateBackend& backend = *parts_[part_].backend;
  if (backend.emitted_bytes() < kPieceBytes) backend.AdvanceSnapshot(kSlotsPerStep);
  if (io_under_way_) return false;

  if (storage_ == nullptr) {
    while (backend.emitted_bytes() > 0) backend.TakeEmitted(kPieceBytes);
    if (!backend.snapshot_running()) ++part_;
    return part_ == parts_.size();
  }
  if (stage_ == FileStage::kNone) {
    file_ = storage_->NewUpload(checkpoint_, subtask_, part_);
    stage_ = FileStage::kCreated;
    PostIo([](StateUpload& file) { return IoResult{file.Create(), false}; });
    return false;
  }
  if (std::string piece = backend.TakeEmitted(kPieceBytes); !piece.empty()) {
    PostIo([piece = std::move(piece)](StateUpload& file) {
      return IoResult{file.Append(piece), false};
    });
    return false;
  }
  if (backend.snapshot_running()) return false;
  stage_ = FileStage::kFinishing;
  PostIo([](StateUpload& file) {
    absl::StatusOr<bool> finished = file.Finish();
    return IoResult{finished.status(), finished.ok() && *finished};
  });
  return false;
}

void SnapshotUpload::PostIo(absl::AnyInvocable<IoResult(StateUpload&)> call) {
  io_under_way_ = true;
  io_.Post([&worker = worker_, weak = std::weak_ptr<SnapshotUpload*>(self_), file = file_,
            call = std::move(call)]() mutable {
    IoResult result = call(*file);
    worker.Post([weak, file = std::move(file), result = std::move(result)]() mutable {
      const auto self = weak.lock();
      if (self == nullptr) return;
      SnapshotUpload& upload = **self;
      upload.io_under_way_ = false;
      upload.status_.Update(result.status);
      if (result.finished) upload.FinishPart();
      upload.on_progress_();
    });
  });
}

void SnapshotUpload::FinishPart() {
  const Part& part = parts_[part_];
  proto::KeyedStateSnapshot* keyed =
      snapshot_.mutable_operators(part.operator_index)->mutable_state()->add_keyed();
  keyed->set_key_groups_begin(part.backend->key_groups().begin);
  keyed->set_key_groups_end(part.backend->key_groups().end);
  *keyed->add_files() = file_->handle();
  keyed->set_content_hash(part.backend->snapshot_content_hash());
  file_.reset();
  stage_ = FileStage::kNone;
  ++part_;
}

}  // namespace weir
