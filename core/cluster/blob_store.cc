#include "core/cluster/blob_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/file_tasks.h"

namespace weir {
namespace {

proto::PutBlobResponse Stored(uint64_t size) {
  proto::PutBlobResponse response;
  response.set_received(size);
  response.set_stored(true);
  return response;
}

}  // namespace

BlobStore::BlobStore(Env& env, Executor& control, Executor& io, BlobPlace place,
                     BlobStoreOptions options, absl::Duration retry_delay)
    : env_(env),
      control_(control),
      tasks_(control, io),
      place_(std::move(place)),
      options_(options),
      retry_delay_(retry_delay) {
  WEIR_CHECK(options_.blob_bytes_max <= kBlobBytesLimit);
}

// ---- One task at a time ----

void BlobStore::Enqueue(absl::AnyInvocable<void()> begin) {
  queue_.push_back(std::move(begin));
  if (!busy_) BeginNext();
}

void BlobStore::BeginNext() {
  busy_ = !queue_.empty();
  if (!busy_) return;
  absl::AnyInvocable<void()> begin = std::move(queue_.front());
  queue_.pop_front();
  begin();
}

template <class Task>
void BlobStore::Run(std::shared_ptr<Task> task,
                    absl::AnyInvocable<void(Task&, absl::Status)> done) {
  auto then = [this, done = std::move(done)](Task& finished, absl::Status status) mutable {
    const auto alive = tasks_.alive();
    done(finished, std::move(status));
    if (!alive.expired()) BeginNext();
  };
  Enqueue([this, task, then = std::move(then)]() mutable {
    if (has_folder_) return tasks_.Run<Task>(task, std::move(then));
    tasks_.Run<CreateFolderTask>(
        std::make_shared<CreateFolderTask>(env_.file_system(), place_.folder),
        [this, task, then = std::move(then)](CreateFolderTask&, absl::Status created) mutable {
          if (!created.ok()) return then(*task, std::move(created));
          has_folder_ = true;
          tasks_.Run<Task>(task, std::move(then));
        });
  });
}

void BlobStore::After(absl::Duration delay, absl::AnyInvocable<void()> closure) {
  control_.PostAfter(delay, tasks_.WhileAlive(std::move(closure)));
}

// ---- Uploads ----

absl::Status BlobStore::CheckChunk(const proto::PutBlobRequest& request) const {
  if (request.size() > options_.blob_bytes_max) {
    return absl::InvalidArgumentError(
        absl::StrCat("a blob of ", request.size(), " bytes is larger than the ",
                     options_.blob_bytes_max, " that blob.size-max of the JobManager allows"));
  }
  const uint64_t chunk = request.chunk().size();
  if (request.size() > 0 && chunk <= kBlobChunkBytesMax && request.offset() <= request.size() &&
      chunk <= request.size() - request.offset()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("a chunk of ", chunk, " bytes at ",
                                                 request.offset(), " is no part of a blob of ",
                                                 request.size()));
}

void BlobStore::Put(const proto::PutBlobRequest& request, RpcReply<proto::PutBlobResponse> reply) {
  const absl::StatusOr<BlobKey> key = BlobKey::Parse(request.key());
  if (!key.ok()) return reply(key.status());
  if (absl::Status fits = CheckChunk(request); !fits.ok()) return reply(fits);
  if (uploads_.contains(*key)) return TakeChunk(*key, request, std::move(reply));
  // It may be here already, of an earlier upload.
  Run<ClaimBlobTask>(std::make_shared<ClaimBlobTask>(env_.file_system(), place_, *key),
                     [this, key = *key, request, reply = std::move(reply)](
                         ClaimBlobTask& task, absl::Status status) mutable {
                       if (status.ok() && task.size_bytes() == request.size()) {
                         KeepUnused(key);
                         return reply(Stored(request.size()));
                       }
                       if (status.ok() || absl::IsNotFound(status))
                         return TakeChunk(key, request, std::move(reply));
                       reply(absl::UnavailableError(status.message()));
                     });
}

void BlobStore::TakeChunk(const BlobKey& key, const proto::PutBlobRequest& request,
                          RpcReply<proto::PutBlobResponse> reply) {
  auto found = uploads_.find(key);
  if (found == uploads_.end()) {
    if (absl::Status room = MakeRoom(request.size()); !room.ok()) return reply(room);
    found = uploads_.emplace(key, Upload{.size = request.size()}).first;
  }
  Upload& upload = found->second;
  if (upload.size != request.size()) {
    return reply(absl::InvalidArgumentError(
        absl::StrCat("the blob had ", upload.size, " bytes and has ", request.size(), " now")));
  }
  upload.last_chunk = env_.clock().Monotonic();
  // Another chunk than the next: a repeated call, or this JobManager has not seen those before.
  if (request.offset() == upload.bytes.size()) upload.bytes += request.chunk();
  if (upload.bytes.size() == upload.size) return Write(key, std::move(reply));
  proto::PutBlobResponse response;
  response.set_received(upload.bytes.size());
  reply(std::move(response));
}

// Memory for an upload of so many bytes.
absl::Status BlobStore::MakeRoom(uint64_t bytes) {
  const absl::Duration now = env_.clock().Monotonic();
  uint64_t taken = 0;
  for (auto it = uploads_.begin(); it != uploads_.end();) {
    const Upload& upload = it->second;
    if (!upload.being_written && upload.last_chunk + options_.upload_patience < now) {
      it = uploads_.erase(it);
      continue;
    }
    taken += upload.size;
    ++it;
  }
  if (taken + bytes <= 2 * options_.blob_bytes_max) return absl::OkStatus();
  return absl::UnavailableError("other uploads are under way; try again later");
}

void BlobStore::Write(const BlobKey& key, RpcReply<proto::PutBlobResponse> reply) {
  Upload& upload = uploads_.at(key);
  if (upload.being_written) {
    return reply(absl::UnavailableError("the blob is being written; ask again"));
  }
  if (const BlobKey is = BlobKey::Of(upload.bytes); is != key) {
    uploads_.erase(key);
    return reply(absl::DataLossError(absl::StrCat("the blob was announced with SHA-256 ", key.hex(),
                                                  ", but what has come has ", is.hex())));
  }
  upload.being_written = true;
  const uint64_t size = upload.size;
  Run<WriteBlobTask>(
      std::make_shared<WriteBlobTask>(env_.file_system(), place_, key, ++writes_, upload.bytes),
      [this, key, size, reply = std::move(reply)](WriteBlobTask&, absl::Status status) mutable {
        if (!status.ok()) {
          uploads_.at(key).being_written = false;
          return reply(absl::UnavailableError(status.message()));
        }
        uploads_.erase(key);
        KeepUnused(key);
        reply(Stored(size));
      });
}

// A job may follow.
void BlobStore::KeepUnused(const BlobKey& key) {
  unused_until_[key] = env_.clock().Monotonic() + options_.unused_after;
  After(options_.unused_after + absl::Milliseconds(1), [this] { CollectGarbage(); });
}

// ---- Use ----

void BlobStore::Get(const proto::GetBlobRequest& request, RpcReply<proto::GetBlobResponse> reply) {
  const absl::StatusOr<BlobKey> key = BlobKey::Parse(request.key());
  if (!key.ok()) return reply(key.status());
  if (!IsHeld(*key)) {
    return reply(
        absl::NotFoundError(absl::StrCat("no job of this JobManager needs the blob ", key->hex())));
  }
  Run<ReadBlobPieceTask>(
      std::make_shared<ReadBlobPieceTask>(env_.file_system(), place_.PathOf(*key), request.offset(),
                                          kBlobChunkBytesMax),
      [reply = std::move(reply)](ReadBlobPieceTask& task, absl::Status status) mutable {
        // Whoever fetches it asks again.
        if (!status.ok()) return reply(absl::UnavailableError(status.message()));
        proto::GetBlobResponse response;
        response.set_size(task.size_bytes());
        response.set_chunk(task.bytes());
        reply(std::move(response));
      });
}

bool BlobStore::IsHeld(const BlobKey& key) const {
  return std::any_of(held_.begin(), held_.end(),
                     [&](const auto& held) { return held.second == key; });
}

void BlobStore::Keep(const std::string& job_id, const BlobKey& key) {
  held_.insert_or_assign(job_id, key);
}

void BlobStore::Hold(const std::string& job_id, const BlobKey& key,
                     absl::AnyInvocable<void(absl::StatusOr<Held>)> done) {
  Keep(job_id, key);
  TryHold(job_id, key, std::move(done));
}

void BlobStore::TryHold(const std::string& job_id, const BlobKey& key,
                        absl::AnyInvocable<void(absl::StatusOr<Held>)> done) {
  if (!held_.contains(job_id)) return;
  const auto again = [this, job_id, key](auto waiting) {
    After(retry_delay_, [this, job_id, key, waiting = std::move(waiting)]() mutable {
      TryHold(job_id, key, std::move(waiting));
    });
  };
  Run<ClaimBlobTask>(
      std::make_shared<ClaimBlobTask>(env_.file_system(), place_, key),
      [this, key, again, done = std::move(done)](ClaimBlobTask&, absl::Status status) mutable {
        if (absl::IsNotFound(status)) return done(std::move(status));
        if (!status.ok()) return again(std::move(done));
        const std::string path = place_.PathOf(key);
        Run<ReadFileTask>(std::make_shared<ReadFileTask>(env_.file_system(), path, kBlobBytesLimit),
                          [key, again, path, done = std::move(done)](ReadFileTask& task,
                                                                     absl::Status status) mutable {
                            if (!status.ok()) return again(std::move(done));
                            if (const BlobKey is = BlobKey::Of(task.bytes()); is != key) {
                              return done(absl::DataLossError(
                                  absl::StrCat(path, " is damaged: its SHA-256 is ", is.hex())));
                            }
                            done(Held{path, task.bytes()});
                          });
      });
}

void BlobStore::Release(const std::string& job_id) { held_.erase(job_id); }

void BlobStore::CollectGarbage() {
  // When its turn comes: what is held by then stays.
  Enqueue([this] {
    const absl::Duration now = env_.clock().Monotonic();
    std::erase_if(unused_until_, [&](const auto& entry) { return entry.second <= now; });
    std::set<BlobKey> needed;
    for (const auto& [job, key] : held_) needed.insert(key);
    for (const auto& [key, until] : unused_until_) needed.insert(key);
    tasks_.Run<CollectBlobsTask>(
        std::make_shared<CollectBlobsTask>(env_.file_system(), place_, std::move(needed)),
        [this](CollectBlobsTask&, absl::Status) { BeginNext(); });
  });
}

}  // namespace weir
