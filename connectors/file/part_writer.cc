#include "connectors/file/part_writer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/file/part_name.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "core/env/random.h"

namespace weir {
namespace {

constexpr int kBuffersInFlightMax = 2;
constexpr int64_t kPartNumberMax = int64_t{1} << 46;
constexpr char kNextPart[] = "next-part";

}  // namespace

PartWriter::PartWriter(PartWriterOptions options) : options_(std::move(options)) {
  WEIR_CHECK_LT(0, options_.part_bytes_max);
  WEIR_CHECK_LT(0, options_.buffer_bytes);
}

absl::Status PartWriter::Open(OperatorContext& context) {
  WEIR_CHECK(phase_ == Phase::kNew);
  phase_ = Phase::kWriting;
  context_ = &context;
  queue_.emplace(context);
  folder_ = std::make_shared<PartFolder>(context.env().file_system(), options_.directory);
  const OperatorIdentity& identity = context.identity();
  const RandomSite site{
      RandomStream::kWorkload, "file_sink.unique",
      StableHash64WithSeed(identity.uid, static_cast<uint64_t>(identity.subtask_index))};
  // The life tells apart what two lives of one process draw.
  unique_ = context.env().random().Draw(site) ^ StableHashOfU64(context.executor().life().value());
  return absl::OkStatus();
}

// ---- Rows ----

absl::StatusOr<bool> PartWriter::CanTakeRow() {
  WEIR_CHECK(phase_ == Phase::kWriting);
  WEIR_CHECK(!preparing_.has_value() && !committing_.has_value()) << "a row inside a checkpoint";
  WEIR_RETURN_IF_ERROR(queue_->status());
  const bool part_is_full =
      open_part_.has_value() && open_part_->size_bytes + buffer_.size() >= options_.part_bytes_max;
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
  if (!open_part_.has_value()) StartPart();
  return buffer_;
}

void PartWriter::StartPart() {
  WEIR_CHECK(!open_part_.has_value());
  WEIR_CHECK(buffer_.empty());
  const OperatorIdentity& identity = context_->identity();
  const PartName name{identity.subtask_index, next_part_++, options_.extension};
  open_part_.emplace();
  open_part_->visible = name.Visible();
  open_part_->temporary =
      InProgressPartName{name, identity.epoch, identity.attempt, unique_}.ToString();
  open_part_hash_.Reset();
  buffer_ = options_.header;
  queue_->Post(
      [folder = folder_, temporary = open_part_->temporary] { return folder->Create(temporary); });
}

void PartWriter::FlushBuffer() {
  if (buffer_.empty()) return;
  open_part_->size_bytes += buffer_.size();
  open_part_hash_.Update(buffer_);
  context_->metrics().num_bytes_out += static_cast<int64_t>(buffer_.size());
  std::string bytes = std::exchange(buffer_, std::string());
  buffer_.reserve(bytes.size());
  queue_->Post([folder = folder_, bytes = std::move(bytes)] { return folder->Append(bytes); }, 1);
}

void PartWriter::EndPart() {
  WEIR_CHECK(open_part_.has_value());
  FlushBuffer();
  queue_->Post([folder = folder_] { return folder->Sync(); });
  queue_->Post([folder = folder_] { return folder->CloseFile(); });
  open_part_->checksum = open_part_hash_.Digest();
  ended_.push_back(*std::exchange(open_part_, std::nullopt));
}

absl::StatusOr<Progress> PartWriter::WaitForQueue() const {
  WEIR_RETURN_IF_ERROR(queue_->status());
  return queue_->steps_in_flight() == 0 ? Progress::kDone : Progress::kBlocked;
}

absl::StatusOr<Progress> PartWriter::Finish() {
  WEIR_CHECK(phase_ == Phase::kWriting || phase_ == Phase::kFinished);
  phase_ = Phase::kFinished;
  return Progress::kDone;
}

// ---- Checkpoints ----

absl::StatusOr<Progress> PartWriter::PrepareCommit(CheckpointId checkpoint) {
  WEIR_CHECK(phase_ == Phase::kWriting || phase_ == Phase::kFinished);
  WEIR_CHECK(!committing_.has_value()) << "PrepareCommit inside Commit";
  WEIR_RETURN_IF_ERROR(queue_->status());
  if (!preparing_.has_value()) {
    if (queue_->buffers_in_flight() >= kBuffersInFlightMax) return Progress::kBlocked;
    preparing_ = checkpoint;
    const bool shows_that_job_ran =
        phase_ == Phase::kFinished && context_->identity().subtask_index == 0 && next_part_ == 0;
    if (shows_that_job_ran) StartPart();
    if (open_part_.has_value()) EndPart();
    if (!ended_.empty()) queue_->Post([folder = folder_] { return folder->SyncFolder(); });
  }
  WEIR_CHECK_EQ(*preparing_, checkpoint);
  WEIR_ASSIGN_OR_RETURN(const Progress progress, WaitForQueue());
  if (progress != Progress::kDone) return progress;
  preparing_.reset();
  for (PartCommittable& part : ended_) prepared_.push_back({checkpoint, std::move(part)});
  ended_.clear();
  return Progress::kDone;
}

void PartWriter::Snapshot(OperatorSnapshot& snapshot) const {
  WEIR_CHECK(ended_.empty() && !open_part_.has_value()) << "Snapshot without PrepareCommit";
  for (const Prepared& prepared : prepared_) {
    snapshot.committables.push_back(EncodePartCommittable(prepared.part));
  }
  snapshot.lists.push_back(
      {.name = kNextPart, .to_all = true, .elements = {absl::StrCat(next_part_)}});
}

absl::Status PartWriter::Restore(const OperatorSnapshot& restored) {
  WEIR_CHECK(phase_ == Phase::kWriting && next_part_ == 0 && prepared_.empty());
  for (const std::string& bytes : restored.committables) {
    WEIR_ASSIGN_OR_RETURN(PartCommittable part, DecodePartCommittable(bytes));
    prepared_.push_back({CheckpointId(), std::move(part)});
  }
  for (const ListState& list : restored.lists) {
    if (list.name != kNextPart) continue;
    for (const std::string& text : list.elements) {
      int64_t next = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), next);
      if (error != std::errc() || end != text.data() + text.size() || next < 0 ||
          next >= kPartNumberMax) {
        return absl::DataLossError("the part number of a file sink is damaged");
      }
      next_part_ = std::max(next_part_, next);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Progress> PartWriter::Commit(CheckpointId through) {
  WEIR_CHECK(phase_ == Phase::kWriting || phase_ == Phase::kFinished);
  WEIR_CHECK(!preparing_.has_value()) << "Commit inside PrepareCommit";
  WEIR_RETURN_IF_ERROR(queue_->status());
  if (!committing_.has_value()) {
    if (prepared_.empty() || prepared_.front().checkpoint > through) return Progress::kDone;
    committing_ = through;
    PostCommit(through);
  }
  WEIR_CHECK_EQ(*committing_, through);
  WEIR_ASSIGN_OR_RETURN(const Progress progress, WaitForQueue());
  if (progress != Progress::kDone) return progress;
  committing_.reset();
  std::erase_if(prepared_, [&](const Prepared& p) { return p.checkpoint <= through; });
  return Progress::kDone;
}

void PartWriter::PostCommit(CheckpointId through) {
  const auto end = std::find_if(prepared_.begin(), prepared_.end(), [&](const Prepared& prepared) {
    return prepared.checkpoint > through;
  });
  for (auto it = prepared_.begin(); it != end; ++it) {
    // What this writer wrote itself it has synced; what comes from before a crash is looked at.
    if (it->checkpoint == CheckpointId()) {
      queue_->Post([folder = folder_, part = it->part] { return folder->Verify(part); });
    }
    queue_->Post([folder = folder_, part = it->part] { return folder->Publish(part); });
  }
  queue_->Post([folder = folder_] { return folder->SyncFolder(); });
  for (auto it = prepared_.begin(); it != end; ++it) {
    queue_->Post([folder = folder_, part = it->part] { return folder->RemoveTemporary(part); });
  }
}

void PartWriter::Close() {
  const bool opened = phase_ == Phase::kWriting || phase_ == Phase::kFinished;
  phase_ = Phase::kClosed;
  if (!opened) return;
  // Prepared parts stay: a checkpoint may name them.
  std::vector<std::string> aborted;
  for (const PartCommittable& part : ended_) aborted.push_back(part.temporary);
  if (open_part_.has_value()) aborted.push_back(open_part_->temporary);
  queue_->Close(
      [folder = std::move(folder_), aborted = std::move(aborted)] { folder->Abandon(aborted); });
}

}  // namespace weir
