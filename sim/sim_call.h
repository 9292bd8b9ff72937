// SimCall: one call from its request to its outcome.
//
// The request travels to whoever serves the address when it arrives, the outcome travels back; the
// deadline runs at the caller. Whichever outcome comes first is the only one. When the connection is
// lost, a request that has not arrived may still do so (drawn), no answer does. Kept alive by the
// handle, the messages on their way, and the reply that the callee holds.
#ifndef WEIR_SIM_SIM_CALL_H_
#define WEIR_SIM_SIM_CALL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "core/env/network.h"
#include "sim/connection.h"
#include "sim/event_loop.h"
#include "sim/live_list.h"
#include "sim/network_model.h"
#include "sim/server_table.h"

namespace weir::sim {

class SimCall : public LiveNode, public std::enable_shared_from_this<SimCall> {
 public:
  using OnReply = absl::AnyInvocable<void(absl::StatusOr<std::string>)>;

  // The pointers outlive the world's processes. `on_reply` runs on `executor`.
  SimCall(EventLoop* loop, const ServerTable* servers, Connection* connection, uint64_t id,
          Address to, uint32_t executor, OnReply on_reply)
      : loop_(loop),
        servers_(servers),
        connection_(connection),
        id_(id),
        to_(std::move(to)),
        executor_(executor),
        on_reply_(std::move(on_reply)) {}

  void Start(std::string_view method, std::string request, int64_t deadline_ns);
  // The caller has no use for the outcome any more.
  void Drop();
  // The callee's answer, from any executor of its process or outside of turns.
  void Respond(absl::StatusOr<std::string> response);

  // The machine of the caller, the one that the request goes or went to, and the one whose process
  // has it (kNoMachine before).
  uint32_t dialer() const { return connection_->dialer(); }
  uint32_t target() const { return serving_ != kNoMachine ? serving_ : connection_->target(); }
  uint32_t serving() const { return serving_; }

  // Its connection is lost. False if it had ended.
  bool Lose(LossLearnedBy learned_by);
  // The process at one end has died (muted), and the other finds out.
  void DropDialer();
  void DropTarget() {}
  void PeerDied(bool resets);

 private:
  class Reply;

  void OnRequest();
  void OnResponse();
  void RunOnServer(CallReply reply);
  // The caller learns the outcome; later ones are ignored.
  void Complete(absl::StatusOr<std::string> outcome);
  void RunReply();

  EventLoop* loop_;
  const ServerTable* servers_;
  Connection* connection_;
  uint64_t id_;
  Address to_;
  uint32_t executor_;
  OnReply on_reply_;
  SlotHandle deadline_;
  std::string method_;
  std::string request_;
  std::string observed_request_;  // If there is an observer.
  uint64_t server_id_ = 0;
  uint32_t serving_ = kNoMachine;
  bool lost_ = false;                     // Nothing is sent any more.
  bool request_lost_ = false;             // Nor does the request arrive.
  absl::StatusOr<std::string> response_;  // On its way.
  absl::StatusOr<std::string> outcome_;
  bool completed_ = false;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_CALL_H_
