// SimStream: both halves of one stream and what is on its way between them.
//
// The opener's messages (open, frames, finish, break) travel forward, the acceptor's (credit,
// break) backward, each way in order; urgent frames have a lane of their own. What has arrived
// waits in the inbox of its half until the half's executor takes it, one message per closure. The
// receiving half takes nothing before on_accepted has run. It is handed frames whole or in drawn
// pieces, as they come from a socket.
//
// A break sent by one half follows what that half sent before; it is how refusal, Reject and
// destruction reach the other half. Kept alive by its halves and by the closures that concern it.
//
// When the connection is lost the path is dead: of what is on its way a drawn part still arrives,
// nothing sent later does. Each half is told at once, or by the reset that answers what it sends, or
// by its keepalive (sim_stream_loss.cc).
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
#include "sim/live_list.h"
#include "sim/network_model.h"
#include "sim/server_table.h"

namespace weir::sim {

class SimStream : public LiveNode, public std::enable_shared_from_this<SimStream> {
 public:
  // The pointers outlive the world's processes; `handler` the sending half.
  SimStream(NetworkModel* model, Connection* connection, Address to, uint32_t executor,
            StreamSenderHandler* handler);

  // The stream's opening leaves; returns the sending half. Called once.
  std::unique_ptr<StreamSender> Open(std::string hello);

  // The machine of the opener, the one that it opens to, and the one whose process has the opening
  // (kNoMachine before).
  uint32_t dialer() const { return connection_->dialer(); }
  uint32_t target() const { return serving_ != kNoMachine ? serving_ : connection_->target(); }
  uint32_t serving() const { return serving_; }

  // Its connection is lost. False if it had ended.
  bool Lose(LossLearnedBy learned_by);
  // The process at one end has died (muted), and the other finds out.
  void DropDialer();
  void DropTarget();
  void PeerDied(bool resets);

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

  // Losses.
  bool ended() const;
  void CutPath();
  void LearnSender();
  void LearnReceiver();
  void ResetSender();
  void ResetReceiver();
  // An opening arrives twice. Either the first time with nothing behind it, or the second time behind the true one, with what
  // that has sent until then, as if it had been lost and sent again.
  void Duplicate(const std::string& hello);
  void KeepForReplay(const std::string& frame);
  std::shared_ptr<SimStream> NewGhost() const;

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

  NetworkModel* model_;
  EventLoop* loop_;
  const ServerTable* servers_;
  Connection* connection_;
  const uint64_t id_;
  const Address to_;

  // What arrives once more when it holds `count` frames.
  struct Replay {
    std::string hello;
    size_t count = 0;
    std::deque<Message> frames;
  };
  std::unique_ptr<Replay> replay_;

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

  bool path_dead_ = false;
  bool sender_told_ = false;    // Of the loss; nothing else reaches it after that.
  bool receiver_told_ = false;  // Likewise.
  bool sender_reset_ = false;   // A reset is on its way.
  bool receiver_reset_ = false;
  bool completed_ = false;  // The receiver took the finish.

  uint64_t server_id_ = 0;
  uint32_t serving_ = kNoMachine;
  std::string hello_;
  ServerHandler::Accepted accepted_;
  uint32_t receiver_executor_ = kNoExecutor;
  bool receiver_open_ = false;   // on_accepted has run or runs.
  bool receiver_ended_ = false;  // Nothing more is taken or sent.
  std::deque<Message> receiver_inbox_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_STREAM_H_
