// ConnectionThread: one of the few threads of a network; ServeQueue: what those do that carry out
// completions. A network has two such threads for each served address, one of which accepts connections, and one
// for what it opens before there is any. They run short steps only and hand everything to executors.
#ifndef WEIR_TRANSPORT_GRPC_CONNECTION_THREADS_H_
#define WEIR_TRANSPORT_GRPC_CONNECTION_THREADS_H_

#include <thread>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "grpcpp/completion_queue.h"

namespace weir::remote {

class ConnectionThread {
 public:
  explicit ConnectionThread(absl::AnyInvocable<void()> body) : thread_(std::move(body)) {}
  // Waits for the body's end, which its owner brings about.
  ~ConnectionThread() { thread_.join(); }
  ConnectionThread(const ConnectionThread&) = delete;
  ConnectionThread& operator=(const ConnectionThread&) = delete;

 private:
  std::thread thread_;
};

// Takes completions off `queue` until it was shut down and is empty. Its tags are Completions.
void ServeQueue(::grpc::CompletionQueue* queue);

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_CONNECTION_THREADS_H_
