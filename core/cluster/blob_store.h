// BlobStore: bytes that clients upload and workers fetch, known by their SHA-256 (Flink's BLOB server). Belongs to the leading
// JobManager's executor; files are worked on by the I/O executor (core/cluster/blob_files.h), one task at a time, and what an error
// of the storage stops is tried again by whoever asked.
//
// A blob is there once its bytes have been compared with its key and are durable. It stays as long as a job holds it, and for
// unused_after behind an upload that no job has followed; then it is garbage. Uploads under way are in memory: at most two blobs
// of the largest size together, forgotten if nothing comes for upload_patience.
#ifndef WEIR_CORE_CLUSTER_BLOB_STORE_H_
#define WEIR_CORE_CLUSTER_BLOB_STORE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/checkpoint/storage_task_runner.h"
#include "core/cluster/blob_files.h"
#include "core/cluster/blob_key.h"
#include "core/cluster/rpc_dispatcher.h"
#include "core/env/env.h"
#include "core/proto/control.pb.h"

namespace weir {

inline constexpr size_t kBlobChunkBytesMax = 1 << 20;
// No configuration allows more.
inline constexpr uint64_t kBlobBytesLimit = uint64_t{1} << 30;

struct BlobStoreOptions {
  uint64_t blob_bytes_max = 64 << 20;            // blob.size-max
  absl::Duration unused_after = absl::Hours(1);  // blob.service.cleanup.interval
  absl::Duration upload_patience = absl::Minutes(1);
};

class BlobStore {
 public:
  // The folder of `place` is made if it is missing. What is passed in outlives this object; nothing is called back after its end.
  BlobStore(Env& env, Executor& control, Executor& io, BlobPlace place, BlobStoreOptions options,
            absl::Duration retry_delay);

  // One chunk of an upload. The answer says where the next one begins: 0 if this JobManager knows nothing of the upload.
  // InvalidArgument: too large, or the chunk does not fit. DataLoss: all of it has come, and is not what the key says.
  // Unavailable: later.
  void Put(const proto::PutBlobRequest& request, RpcReply<proto::PutBlobResponse> reply);

  // NotFound unless a job holds it.
  void Get(const proto::GetBlobRequest& request, RpcReply<proto::GetBlobResponse> reply);

  // From now on the job holds the blob, whether it is there or not; a job holds one.
  void Keep(const std::string& job_id, const BlobKey& key);

  struct Held {
    std::string path;
    std::string bytes;
  };
  // Keeps it and reads it. NotFound: there is none. DataLoss names the file: its bytes are not what the
  // key says. Errors of the storage are waited for. A job that is released meanwhile gets no answer.
  void Hold(const std::string& job_id, const BlobKey& key,
            absl::AnyInvocable<void(absl::StatusOr<Held>)> done);
  void Release(const std::string& job_id);

  // Removes what nobody needs, without telling.
  void CollectGarbage();

 private:
  struct Upload {
    uint64_t size = 0;
    std::string bytes;
    absl::Duration last_chunk;  // Monotonic.
    bool being_written = false;
  };
  // Runs it when those before have ended.
  template <class Task>
  void Run(std::shared_ptr<Task> task, absl::AnyInvocable<void(Task&, absl::Status)> done);
  void Enqueue(absl::AnyInvocable<void()> begin);
  void BeginNext();
  void After(absl::Duration delay, absl::AnyInvocable<void()> closure);
  absl::Status CheckChunk(const proto::PutBlobRequest& request) const;
  void TakeChunk(const BlobKey& key, const proto::PutBlobRequest& request,
                 RpcReply<proto::PutBlobResponse> reply);
  absl::Status MakeRoom(uint64_t bytes);
  void Write(const BlobKey& key, RpcReply<proto::PutBlobResponse> reply);
  void KeepUnused(const BlobKey& key);
  void TryHold(const std::string& job_id, const BlobKey& key,
               absl::AnyInvocable<void(absl::StatusOr<Held>)> done);
  bool IsHeld(const BlobKey& key) const;

  Env& env_;
  Executor& control_;
  StorageTaskRunner tasks_;
  const BlobPlace place_;
  const BlobStoreOptions options_;
  const absl::Duration retry_delay_;
  bool has_folder_ = false;
  bool busy_ = false;
  std::deque<absl::AnyInvocable<void()>> queue_;
  uint64_t writes_ = 0;
  std::map<BlobKey, Upload> uploads_;
  std::map<BlobKey, absl::Duration> unused_until_;  // Monotonic.
  std::map<std::string, BlobKey> held_;             // By job.
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_BLOB_STORE_H_
