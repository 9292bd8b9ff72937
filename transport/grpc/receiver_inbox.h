// ReceiverInbox: what travels from a stream's connection to the handler of its receiving half:
// frames of both lanes, and the end. Filled from threads of gRPC, emptied on the handler's executor.
// At most one closure is queued there at a time; it takes all that has come. A named file for the
// rule about locks.
//
// Bounds: its filler holds the peer to the credit it was granted, and to kUrgentQueuedMax frames of
// the urgent lane.
#ifndef WEIR_TRANSPORT_GRPC_RECEIVER_INBOX_H_
#define WEIR_TRANSPORT_GRPC_RECEIVER_INBOX_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/base/check.h"
#include "core/env/network.h"
#include "transport/post_gate.h"

namespace weir::remote {

inline constexpr size_t kUrgentQueuedMax = 4096;

class ReceiverInbox : public std::enable_shared_from_this<ReceiverInbox> {
 public:
  // --- Any thread.

  void PutFifo(FrameBytes frame);
  // False if kUrgentQueuedMax wait already.
  bool PutUrgent(FrameBytes frame);
  // Either ends the stream; the first counts, and nothing after it. `on_taken` runs when the handler
  // has seen all that came before, just before OnFinished.
  void Finish(absl::AnyInvocable<void()> on_taken);
  void Break(absl::Status why);

  // --- The server's executor, at most once.

  // What came before waits for this. on_accepted is called first of all, with `receiver`.
  void Accept(ServerHandler::Accepted accepted, std::unique_ptr<StreamReceiver> receiver);

  // --- The handler's executor, or anywhere after its Shutdown.

  // False once the stream has ended for the handler.
  bool open() const { return handler_ != nullptr; }
  // No method of the handler runs after this; what waits is dropped.
  void Close();
  // In addition nothing is posted to its executor. Only after Accept().
  void CloseGate() { gate_->Close(); }

 private:
  struct Box {
    std::vector<FrameBytes> fifo;
    std::vector<FrameBytes> urgent;
    absl::AnyInvocable<void()> finished;  // Set once it is; on_taken.
    std::optional<absl::Status> broken;
    bool closed = false;  // Nothing is taken any more.
    // True from the start: accepting the stream is the first drain.
    bool drain_queued = true;
  };

  // Changes the box under mutex_ by `change` and sees to it that a drain is queued.
  template <class Change>
  void Put(Change change);
  void Drain();
  // Hands frames of `frames` to the handler until that is gone, then empties it.
  void Deliver(Lane lane, std::vector<FrameBytes>& frames);

  std::mutex mutex_;
  Box box_;  // Guarded by mutex_.
  // Made by Accept() before anybody can use it, see drain_queued.
  std::unique_ptr<PostGate> gate_;

  // The handler's own. Null once no method of it may run.
  StreamReceiverHandler* handler_ = nullptr;
  std::vector<FrameBytes> fifo_batch_;
  std::vector<FrameBytes> urgent_batch_;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_RECEIVER_INBOX_H_
