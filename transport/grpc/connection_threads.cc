#include "transport/grpc/connection_threads.h"

#include "transport/grpc/completion.h"

namespace weir::remote {

void ServeQueue(::grpc::CompletionQueue* queue) {
  void* tag;
  bool ok;
  while (queue->Next(&tag, &ok)) {
    auto* const completion = static_cast<Completion*>(tag);
    completion->HappensAfter();
    completion->OnCompletion(ok);
  }
}

}  // namespace weir::remote
