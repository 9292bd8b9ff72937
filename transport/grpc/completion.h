// Completion: the tag of one operation that gRPC carries out; RpcOp: the tag of an operation of one
// RPC, which keeps that RPC alive until the operation is over. CompletionQueueThreads call them.
#ifndef WEIR_TRANSPORT_GRPC_COMPLETION_H_
#define WEIR_TRANSPORT_GRPC_COMPLETION_H_

#include <memory>
#include <utility>

#include "core/base/check.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEIR_REMOTE_TSAN 1
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif
#endif

namespace weir::remote {

class Completion {
 public:
  // The operation succeeded, or not. On the queue's thread.
  virtual void OnCompletion(bool ok) = 0;

  // Whoever starts an operation happens before whoever takes its completion. gRPC holds this, but
  // is not built for the thread sanitizer, which has to be told. Free of cost elsewhere.
  void HappensBefore() {
#ifdef WEIR_REMOTE_TSAN
    __tsan_release(this);
#endif
  }
  void HappensAfter() {
#ifdef WEIR_REMOTE_TSAN
    __tsan_acquire(this);
#endif
  }

 protected:
  ~Completion() = default;
};

// One kind of operation of an Rpc, of which one at a time is under way.
template <class Rpc, void (Rpc::*kOnCompletion)(bool ok)>
class RpcOp final : public Completion {
 public:
  // The tag for an operation about to start.
  void* Start(std::shared_ptr<Rpc> rpc) {
    WEIR_CHECK(rpc_ == nullptr) << "the operation is under way";
    rpc_ = std::move(rpc);
    HappensBefore();
    return static_cast<Completion*>(this);
  }

  void OnCompletion(bool ok) override {
    const std::shared_ptr<Rpc> rpc = std::exchange(rpc_, nullptr);
    (rpc.get()->*kOnCompletion)(ok);
  }

 private:
  std::shared_ptr<Rpc> rpc_;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_COMPLETION_H_
