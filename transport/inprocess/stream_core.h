// StreamCore: what the two halves of one in-process stream share. A mailbox towards each side,
// guarded by one mutex, and a gate to each side's executor. At most one drain closure per side is
// queued: the first entry posts it, the drain takes everything that is there, so a busy stream
// costs one short critical section per frame and no wake-up. A named file for the rule about locks.
//
// Bounds: kFifo frames by the credit the receiver granted; urgent frames are few by their nature.
// Methods say where they may be called: "sender" and "receiver" are the executors of the two
// handlers.
#ifndef WEIR_TRANSPORT_INPROCESS_STREAM_CORE_H_
#define WEIR_TRANSPORT_INPROCESS_STREAM_CORE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/env/network.h"
#include "transport/post_gate.h"

namespace weir::inprocess {

class StreamCore : public std::enable_shared_from_this<StreamCore> {
 public:
  StreamCore(Address to, Executor* sender_executor, StreamSenderHandler* sender_handler);

  // --- Sender.
  int64_t credit() const { return credit_; }
  void Send(Lane lane, FrameBytes frame);
  void Finish();
  void DestroySender();

  // --- The server's executor, at most one of them, once.
  void Accept(ServerHandler::Accepted accepted);
  void Refuse(absl::Status why);

  // --- Receiver.
  void Grant(int64_t frames);
  void Reject(absl::Status why);
  void DestroyReceiver();

  // --- Any thread: the connection is lost. The side that does not see it hears nothing more, ever.
  void Lose(bool sender_sees, bool receiver_sees);

 private:
  // On its way to the receiver.
  struct ToReceiver {
    std::vector<FrameBytes> fifo;
    std::vector<FrameBytes> urgent;
    bool finished = false;
    std::optional<absl::Status> broken;
    bool closed = false;  // Nothing is taken any more.
    // True from the start: accepting the stream is the first drain.
    bool drain_queued = true;
  };
  struct ToSender {
    int64_t granted = 0;
    std::optional<absl::Status> broken;
    bool closed = false;
    bool drain_queued = false;
  };

  // Each changes one mailbox under mutex_ by `change` and sees to it that a drain is queued.
  template <class Change>
  void PutToReceiver(Change change);
  template <class Change>
  void PutToSender(Change change);

  void DrainToReceiver();
  void DrainToSender();
  // Hands frames of `frames` to the handler until that is gone, then empties it.
  void DeliverFrames(Lane lane, std::vector<FrameBytes>& frames);
  // No method of the receiving handler runs after this.
  void CloseReceiver();

  const Address to_;

  std::mutex mutex_;
  ToReceiver to_receiver_;  // Guarded by mutex_.
  ToSender to_sender_;      // Guarded by mutex_.

  PostGate sender_gate_;
  // Made by Accept() before anybody can use it, see drain_queued.
  std::unique_ptr<PostGate> receiver_gate_;

  // The sender's own. The handler is null once no method of it may run.
  StreamSenderHandler* sender_handler_;
  int64_t credit_ = 0;
  bool finish_called_ = false;
  bool sender_broken_ = false;

  // The receiver's own.
  StreamReceiverHandler* receiver_handler_ = nullptr;
  std::vector<FrameBytes> fifo_batch_;
  std::vector<FrameBytes> urgent_batch_;
};

class InProcessSender final : public StreamSender {
 public:
  explicit InProcessSender(std::shared_ptr<StreamCore> core) : core_(std::move(core)) {}
  ~InProcessSender() override { core_->DestroySender(); }
  int64_t credit() const override { return core_->credit(); }
  void Send(Lane lane, FrameBytes frame) override { core_->Send(lane, std::move(frame)); }
  void Finish() override { core_->Finish(); }

 private:
  const std::shared_ptr<StreamCore> core_;
};

class InProcessReceiver final : public StreamReceiver {
 public:
  explicit InProcessReceiver(std::shared_ptr<StreamCore> core) : core_(std::move(core)) {}
  ~InProcessReceiver() override { core_->DestroyReceiver(); }
  void Grant(int64_t frames) override { core_->Grant(frames); }
  void Reject(absl::Status why) override { core_->Reject(std::move(why)); }

 private:
  const std::shared_ptr<StreamCore> core_;
};

}  // namespace weir::inprocess

#endif  // WEIR_TRANSPORT_INPROCESS_STREAM_CORE_H_
