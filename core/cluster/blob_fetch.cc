#include "core/cluster/blob_fetch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/cluster/blob_store.h"

namespace weir {

BlobFetch::BlobFetch(Env& env, Executor& executor, Address job_manager, ClusterTimeouts timeouts,
                     BlobKey key)
    : executor_(executor),
      job_manager_(std::move(job_manager)),
      timeouts_(timeouts),
      key_(std::move(key)),
      rpc_(env.network(), &executor) {}

void BlobFetch::Start(absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_done) {
  on_done_ = std::move(on_done);
  FetchNext();
}

void BlobFetch::FetchNext() {
  proto::GetBlobRequest request;
  request.set_key(key_.hex());
  request.set_offset(bytes_.size());
  rpc_.Call<proto::GetBlobResponse>(
      job_manager_, "GetBlob", request, timeouts_.ask_timeout,
      [this](absl::StatusOr<proto::GetBlobResponse> piece) { OnPiece(std::move(piece)); });
}

void BlobFetch::OnPiece(absl::StatusOr<proto::GetBlobResponse> piece) {
  if (absl::IsUnavailable(piece.status()) || absl::IsDeadlineExceeded(piece.status())) {
    executor_.PostAfter(timeouts_.retry_delay, [this, weak = std::weak_ptr<BlobFetch*>(self_)] {
      if (weak.lock() != nullptr) FetchNext();
    });
    return;
  }
  if (!piece.ok()) return End(piece.status());
  bytes_ += piece->chunk();
  const bool at_end = bytes_.size() >= piece->size();
  if (piece->size() > kBlobBytesLimit || bytes_.size() > piece->size() ||
      (piece->chunk().empty() && !at_end)) {
    return End(absl::DataLossError(absl::StrCat("the JobManager sent ", bytes_.size(),
                                                " bytes of the blob ", key_.hex(),
                                                ", which it says has ", piece->size())));
  }
  if (!at_end) return FetchNext();
  if (const BlobKey is = BlobKey::Of(bytes_); is != key_) {
    return End(absl::DataLossError(
        absl::StrCat("the blob ", key_.hex(), " came from the JobManager as ", is.hex())));
  }
  End(std::move(bytes_));
}

void BlobFetch::End(absl::StatusOr<std::string> result) {
  auto on_done = std::move(on_done_);
  on_done(std::move(result));
}

}  // namespace weir
