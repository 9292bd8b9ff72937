// ServerEntry: one served address, shared by its Server, the network's table, and the calls and
// opens on their way to it.
#ifndef WEIR_TRANSPORT_SERVER_ENTRY_H_
#define WEIR_TRANSPORT_SERVER_ENTRY_H_

#include "core/env/network.h"
#include "transport/post_gate.h"

namespace weir {

struct ServerEntry {
  ServerEntry(Executor* executor, ServerHandler* handler) : gate(executor), handler(handler) {}

  PostGate gate;
  // Touched on the server's executor only. Null once the Server is destroyed.
  ServerHandler* handler;
};

}  // namespace weir

#endif  // WEIR_TRANSPORT_SERVER_ENTRY_H_
