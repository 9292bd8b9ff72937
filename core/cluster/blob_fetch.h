// BlobFetch: gets a blob from the JobManager piece by piece, and compares it with its key. Belongs to one executor; one fetch per
// object. Calls that find nobody are repeated for as long as this object lives.
#ifndef WEIR_CORE_CLUSTER_BLOB_FETCH_H_
#define WEIR_CORE_CLUSTER_BLOB_FETCH_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "core/cluster/blob_key.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/rpc_client.h"
#include "core/env/env.h"
#include "core/proto/control.pb.h"

namespace weir {

class BlobFetch {
 public:
  // `executor` outlives this object; nothing is called back after its end.
  BlobFetch(Env& env, Executor& executor, Address job_manager, ClusterTimeouts timeouts,
            BlobKey key);

  // Once. `on_done` gets the bytes; NotFound: the JobManager has no use for it any more; DataLoss: it is not what the key says.
  // It may end this object.
  void Start(absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_done);

 private:
  void FetchNext();
  void OnPiece(absl::StatusOr<proto::GetBlobResponse> piece);
  void End(absl::StatusOr<std::string> result);

  Executor& executor_;
  const Address job_manager_;
  const ClusterTimeouts timeouts_;
  const BlobKey key_;
  RpcClient rpc_;
  std::string bytes_;
  absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_done_;
  std::shared_ptr<BlobFetch*> self_ = std::make_shared<BlobFetch*>(this);
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_BLOB_FETCH_H_
