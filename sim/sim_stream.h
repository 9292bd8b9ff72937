// SimStream: both halves of one stream and what is on its way between them.
//
// The opener's messages (open, frames, finish, break) travel forward, the acceptor's (credit,
// break) backward, each way in order; urgent frames have a lane of their own. What has arrived
// waits in the inbox of its half until the half's executor takes it, one message per closure. The
// receiving half takes nothing before on_accepted has run.
//
// A break sent by one half follows what that half sent before; it is how refusal, Reject and
// destruction reach the other half. Kept alive by its halves and by the closures that concern it.
#ifndef WEIR_SIM_SIM_STREAM_H_
#define WEIR_SIM_SIM_STREAM_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "core/env/network.h"
#include "sim/connection.h"
#include "sim/event_loop.h"
#include "sim/server_table.h"

namespace weir::sim {

class SimStream : public std::enable_shared_from_this<SimStream> {
 public:
  // The pointers outlive the world's processes; `handler` the sending half.
  SimStream(EventLoop* loop, const ServerTable* servers, Connection* connection, uint64_t id,
            Address to, uint32_t executor, StreamSenderHandler* handler);

  // The stream's opening leaves; returns the sending half. Called once.
  std::unique_ptr<StreamSender> Open(std::string hello);

 private:
  class Sender;
  class Receiver;
  class OpenOnServer;
  class AcceptOnReceiver;

  struct Message {
    enum class Type : uint8_t { kOpen, kFrame, kFinish, kBreak, kCredit };
    Type type = Type::kFrame;
    Lane lane = Lane::kFifo;
    int64_t credit = 0;
    std::string bytes = {};
    absl::Status status = {};
  };
  // What was sent on one lane and has not arrived, and how to name it.
  using InFlight = std::deque<Message>;

  static std::string_view Name(Message::Type type);
  MessageLabel Label(const Message& message) const;
  void SendForward(LaneUse lane_use, Message message);
  void SendBackward(Message message);
  void ArriveForward(InFlight& lane);
  void ArriveBackward();

  // The sending half.
  void SendFrame(Lane lane, FrameBytes frame);
  void Finish();
  void DestroySender();
  void RunSenderInbox();

  // The receiving half.
  void OnOpen(std::string hello);
  void OpenLost(absl::Status why);
  void RunOpen();
  void RunAccept();
  void RunReceiverInbox();
  void Grant(int64_t frames);
  void BreakFromReceiver(absl::Status why);

  EventLoop* loop_;
  const ServerTable* servers_;
  Connection* connection_;
  const uint64_t id_;
  const Address to_;

  InFlight forward_fifo_;
  InFlight forward_urgent_;
  InFlight backward_;

  const uint32_t sender_executor_;
  StreamSenderHandler* sender_handler_;
  int64_t credit_ = 0;
  bool finished_ = false;
  bool sender_broken_ = false;  // OnBroken was called.
  bool sender_alive_ = true;
  std::deque<Message> sender_inbox_;

  uint64_t server_id_ = 0;
  std::string hello_;
  ServerHandler::Accepted accepted_;
  uint32_t receiver_executor_ = kNoExecutor;
  bool receiver_open_ = false;   // on_accepted has run or runs.
  bool receiver_ended_ = false;  // Nothing more is taken or sent.
  std::deque<Message> receiver_inbox_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_STREAM_H_
