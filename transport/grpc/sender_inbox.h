// SenderInbox: what travels from a stream's connection to the handler of its sending half: credit,
// and the end. Filled from threads of gRPC, emptied on the handler's executor. At most one closure
// is queued there at a time, however many grants come. A named file for the rule about locks.
//
// Methods say where they may be called; "sender" is the handler's executor, or anywhere after its
// Shutdown.
#ifndef WEIR_TRANSPORT_GRPC_SENDER_INBOX_H_
#define WEIR_TRANSPORT_GRPC_SENDER_INBOX_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "core/env/network.h"
#include "transport/post_gate.h"

namespace weir::remote {

class SenderInbox : public std::enable_shared_from_this<SenderInbox> {
 public:
  SenderInbox(Executor* executor, StreamSenderHandler* handler)
      : gate_(executor), handler_(handler) {}

  // --- Any thread.

  void Grant(int64_t frames);
  // The first counts, and nothing after it.
  void Break(absl::Status why);

  // --- Sender.

  int64_t credit() const { return credit_; }
  void TakeCredit() { --credit_; }
  // True once OnBroken was called.
  bool broken() const { return broken_; }
  // No method of the handler runs after this.
  void Close();

 private:
  struct Box {
    int64_t granted = 0;
    std::optional<absl::Status> broken;
    bool closed = false;  // Nothing is taken any more.
    bool drain_queued = false;
  };

  // Changes the box under mutex_ by `change` and sees to it that a drain is queued.
  template <class Change>
  void Put(Change change);
  void Drain();

  std::mutex mutex_;
  Box box_;  // Guarded by mutex_.
  PostGate gate_;

  // The sender's own. The handler is null once no method of it may run.
  StreamSenderHandler* handler_;
  int64_t credit_ = 0;
  bool broken_ = false;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_SENDER_INBOX_H_
