#include "core/runtime/state_restore.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir {

StateRestore::StateRestore(std::vector<Read> reads, std::shared_ptr<StateStorage> storage,
                           Executor& worker, Executor& io,
                           absl::AnyInvocable<void(absl::Status)> on_done)
    : reads_(std::move(reads)),
      storage_(std::move(storage)),
      worker_(worker),
      io_(io),
      on_done_(std::move(on_done)),
      self_(std::make_shared<StateRestore*>(this)) {
  WEIR_CHECK(reads_.empty() || storage_ != nullptr)
      << "keyed state to restore, and no storage to read it from";
}

template <class Result>
void StateRestore::RunIo(absl::AnyInvocable<Result()> call, absl::AnyInvocable<void(Result)> then) {
  io_.Post([&worker = worker_, weak = std::weak_ptr<StateRestore*>(self_), call = std::move(call),
            then = std::move(then)]() mutable {
    Result result = call();
    worker.Post([weak, then = std::move(then), result = std::move(result)]() mutable {
      if (weak.lock() != nullptr) then(std::move(result));
    });
  });
}

void StateRestore::Start() {
  // Through the worker's queue even if there is nothing to read.
  worker_.Post([weak = std::weak_ptr<StateRestore*>(self_)] {
    if (auto self = weak.lock()) (*self)->NextFile();
  });
}

void StateRestore::NextFile() {
  if (next_ == reads_.size()) return on_done_(absl::OkStatus());
  bytes_.clear();
  std::shared_ptr<StateDownload> file = storage_->NewDownload(reads_[next_].file);
  RunIo<absl::Status>([file] { return file->Open(); },
                      [this, file](absl::Status opened) {
                        if (!opened.ok()) return on_done_(std::move(opened));
                        ReadPiece(file);
                      });
}

void StateRestore::ReadPiece(std::shared_ptr<StateDownload> file) {
  RunIo<absl::StatusOr<std::string>>(
      [file] { return file->Read(kReadBytes); },
      [this, file](absl::StatusOr<std::string> piece) { OnPiece(file, std::move(piece)); });
}

void StateRestore::OnPiece(std::shared_ptr<StateDownload> file, absl::StatusOr<std::string> piece) {
  if (!piece.ok()) return on_done_(piece.status());
  if (!piece->empty()) {
    bytes_ += *piece;
    return ReadPiece(std::move(file));
  }
  // The whole file is read, and its checksum was right.
  const Read& read = reads_[next_++];
  if (absl::Status restored = read.backend->Restore(bytes_); !restored.ok()) {
    return on_done_(absl::Status(
        restored.code(), absl::StrCat(read.file.name(), ": ", std::string(restored.message()))));
  }
  NextFile();
}

}  // namespace weir
