// Network: calls with a deadline, and ordered streams of frames with credit.
//
// An address names a process ("tm-1" in memory, "host:port" over gRPC). A process serves at one
// address with one ServerHandler. Calls travel on one connection per pair of processes, streams on
// another; losing a connection breaks all streams on it, and one side may learn of the loss before
// the other. A stream never resumes: whoever needs the data opens a new one with a new attempt.
//
// All handler methods run on the executor that was given with the handler, one at a time; handlers
// and their executor must outlive the object returned for them. Destroying that object (Server,
// StreamSender, StreamReceiver, CallHandle) on its executor guarantees that no further handler
// method runs; it may be done inside a method of its own handler. After the executor's Shutdown it
// may be destroyed anywhere. No handler method runs inside a call of Network, StreamSender or
// StreamReceiver: always later, as a closure of the executor.
#ifndef WEIR_CORE_ENV_NETWORK_H_
#define WEIR_CORE_ENV_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/env/executor.h"
#include "core/env/frame_bytes.h"

namespace weir {

using Address = std::string;

// kFifo frames keep their order and need credit. kUrgent frames need none and may overtake queued
// kFifo frames (cancel).
enum class Lane : uint8_t { kFifo, kUrgent };

// Answers one call; must be called exactly once, from any executor of the serving process. Dropping
// it unanswered makes the caller see Unavailable at once (in process) or DeadlineExceeded at the
// latest.
using CallReply = absl::AnyInvocable<void(absl::StatusOr<std::string> response)>;

// The sending half of a stream, held by the process that opened it.
class StreamSender {
 public:
  virtual ~StreamSender() = default;  // Breaks the stream unless Finish() was called.

  // Frames that may still be sent on Lane::kFifo. Starts at 0 and grows as the receiver grants.
  virtual int64_t credit() const = 0;

  // Hands `frame` over. Lane::kFifo requires credit() > 0 (CHECKed) and takes one. After OnBroken
  // frames are dropped and credit is neither required nor taken. Urgent frames may be sent before
  // the stream is accepted.
  virtual void Send(Lane lane, FrameBytes frame) = 0;

  // No frame follows (CHECKed). The receiver sees OnFinished after the last frame.
  virtual void Finish() = 0;
};

class StreamSenderHandler {
 public:
  virtual ~StreamSenderHandler() = default;

  // The receiver granted more; credit() is already updated.
  virtual void OnCredit() = 0;

  // The stream is dead: Unavailable (lost, refused, nobody there), or the status the receiver gave
  // to Reject(). Sent frames may or may not have arrived. Called at most once, and not after
  // destruction.
  virtual void OnBroken(absl::Status why) = 0;
};

// The receiving half.
class StreamReceiver {
 public:
  virtual ~StreamReceiver() = default;  // Breaks the stream unless it finished.

  // Lets the sender send `frames` (> 0) more.
  virtual void Grant(int64_t frames) = 0;

  // Breaks the stream and tells the sender why (e.g. Aborted: fenced; DataLoss: gap in the
  // sequence). No method of the receiving handler runs after that. Grant and Reject do nothing on a
  // stream that has ended.
  virtual void Reject(absl::Status why) = 0;
};

class StreamReceiverHandler {
 public:
  virtual ~StreamReceiverHandler() = default;
  // In one piece or in several, which may differ from how it was sent.
  virtual void OnFrame(Lane lane, FrameBytes frame) = 0;
  virtual void OnFinished() = 0;
  virtual void OnBroken(absl::Status why) = 0;
};

class ServerHandler {
 public:
  virtual ~ServerHandler() = default;

  // A call arrived. `method` is a name such as "DeployTask"; unknown methods are answered
  // Unimplemented.
  virtual void OnCall(std::string_view method, std::string request, CallReply reply) = 0;

  // Somebody opened a stream; `hello` are the opener's bytes. To accept, return the handler and the
  // executor it runs on; `receiver` is then given to it through `OnAccepted`. To refuse, return a
  // status: the opener sees it in OnBroken.
  struct Accepted {
    StreamReceiverHandler* handler = nullptr;
    Executor* executor = nullptr;
    // Called on `executor` before any other method of `handler`; destroyed uncalled if `executor`
    // was shut down. Until then there is no receiver whose destruction would end the stream:
    // whoever may be gone when this runs captures something that tells (a weak_ptr) and drops
    // `receiver` then.
    absl::AnyInvocable<void(std::unique_ptr<StreamReceiver> receiver)> on_accepted;
  };
  virtual absl::StatusOr<Accepted> OnOpenStream(std::string hello) = 0;
};

// Keeps an address served; destroying it stops that. Streams that were accepted live on.
class Server {
 public:
  virtual ~Server() = default;
  virtual const Address& address() const = 0;
};

// Destroying it drops the reply (the callee still runs the call).
class CallHandle {
 public:
  virtual ~CallHandle() = default;
};

class Network {
 public:
  virtual ~Network() = default;

  // Serves this process at `address`; `handler` runs on `executor`. AlreadyExists if somebody
  // serves there.
  virtual absl::StatusOr<std::unique_ptr<Server>> Serve(const Address& address, Executor* executor,
                                                        ServerHandler* handler) = 0;

  // Calls `method` at `to`. `on_reply` runs once on `executor` with the response, the callee's
  // error, Unavailable (nobody there, connection lost) or DeadlineExceeded after `deadline` (> 0):
  // then the call may or may not have taken effect.
  virtual std::unique_ptr<CallHandle> Call(
      const Address& to, std::string_view method, std::string request, absl::Duration deadline,
      Executor* executor, absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_reply) = 0;

  // Opens a stream to the process at `to`; failures come through handler->OnBroken. Use the sender
  // only on `executor`.
  virtual std::unique_ptr<StreamSender> OpenStream(const Address& to, std::string hello,
                                                   Executor* executor,
                                                   StreamSenderHandler* handler) = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_NETWORK_H_
