// The part of SimStream that loses the connection under it.
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/sim_stream.h"

namespace weir::sim {

bool SimStream::ended() const {
  return completed_ || ((!sender_alive_ || sender_broken_) && receiver_ended_);
}

void SimStream::CutPath() {
  if (std::exchange(path_dead_, true)) return;
  const auto cut = [&](InFlight& lane, Direction direction) {
    const uint64_t arriving = connection_->DrawArriving(direction, lane.size());
    lane.erase(lane.begin() + static_cast<ptrdiff_t>(arriving), lane.end());
  };
  cut(forward_fifo_, Direction::kForward);
  cut(forward_urgent_, Direction::kForward);
  cut(backward_, Direction::kBackward);
}

bool SimStream::Lose(LossLearnedBy learned_by) {
  if (ended()) return false;
  const bool first = !path_dead_;
  CutPath();
  if (learned_by.dialer) LearnSender();
  if (learned_by.target) LearnReceiver();
  if (!first) return false;
  const auto self = shared_from_this();
  if (!learned_by.dialer) connection_->AfterKeepalive([self] { self->LearnSender(); });
  if (!learned_by.target) connection_->AfterKeepalive([self] { self->LearnReceiver(); });
  return true;
}

void SimStream::LearnSender() {
  if (!sender_alive_ || sender_broken_ || std::exchange(sender_told_, true)) return;
  sender_inbox_.push_back(
      {.type = Message::Type::kBreak,
       .status = absl::UnavailableError(absl::StrCat("connection to ", to_, " lost"))});
  loop_->Post(sender_executor_, [self = shared_from_this()] { self->RunSenderInbox(); });
}

void SimStream::LearnReceiver() {
  if (receiver_ended_ || std::exchange(receiver_told_, true)) return;
  receiver_inbox_.push_back({.type = Message::Type::kBreak,
                             .status = absl::UnavailableError("connection to the opener lost")});
  if (!receiver_open_) return;  // RunAccept posts for what waits then.
  loop_->Post(receiver_executor_, [self = shared_from_this()] { self->RunReceiverInbox(); });
}

void SimStream::ResetSender() {
  if (sender_told_ || std::exchange(sender_reset_, true)) return;
  connection_->AfterReset(Direction::kForward,
                          [self = shared_from_this()] { self->LearnSender(); });
}

void SimStream::ResetReceiver() {
  if (receiver_told_ || std::exchange(receiver_reset_, true)) return;
  connection_->AfterReset(Direction::kBackward,
                          [self = shared_from_this()] { self->LearnReceiver(); });
}

void SimStream::DropDialer() {
  sender_alive_ = false;
  sender_inbox_.clear();
}

void SimStream::DropTarget() {
  receiver_ended_ = true;
  receiver_inbox_.clear();
  accepted_ = {};
}

void SimStream::PeerDied(bool resets) {
  if (completed_) return;
  CutPath();
  // One of the halves is gone, and is told nothing by these.
  const auto self = shared_from_this();
  if (resets) {
    connection_->AfterReset(Direction::kBackward, [self] { self->LearnSender(); });
    connection_->AfterReset(Direction::kForward, [self] { self->LearnReceiver(); });
  }
  connection_->AfterKeepalive([self] {
    self->LearnSender();
    self->LearnReceiver();
  });
}

// A stream without a sending half.
std::shared_ptr<SimStream> SimStream::NewGhost() const {
  auto ghost = std::make_shared<SimStream>(model_, connection_, to_, sender_executor_, nullptr);
  model_->streams.Add(*ghost);
  ghost->sender_alive_ = false;
  ghost->path_dead_ = true;
  connection_->AfterKeepalive([ghost] { ghost->LearnReceiver(); });
  return ghost;
}

void SimStream::Duplicate(const std::string& hello) {
  const size_t replayed = connection_->DrawReplayed();
  if (replayed == 0) return NewGhost()->OnOpen(hello);
  replay_ = std::make_unique<Replay>(Replay{.hello = hello, .count = replayed, .frames = {}});
}

void SimStream::KeepForReplay(const std::string& frame) {
  replay_->frames.push_back({.lane = Lane::kFifo, .bytes = frame});
  if (replay_->frames.size() < replay_->count) return;
  const std::shared_ptr<Replay> replay = std::move(replay_);
  connection_->AfterReset(Direction::kForward, [ghost = NewGhost(), replay] {
    ghost->receiver_inbox_ = std::move(replay->frames);
    ghost->OnOpen(std::move(replay->hello));
  });
}

}  // namespace weir::sim
