// The callee's side of one call inside the process: sends the request, and sees to it that the
// caller's PendingCall hears one answer.
#ifndef WEIR_TRANSPORT_INPROCESS_CALL_H_
#define WEIR_TRANSPORT_INPROCESS_CALL_H_

#include <memory>
#include <string>
#include <string_view>

#include "transport/pending_call.h"
#include "transport/server_entry.h"

namespace weir::inprocess {

// Sends the request to `server`, or answers Unavailable if that is null.
void SendCall(const std::shared_ptr<ServerEntry>& server, std::shared_ptr<PendingCall> call,
              std::string_view method, std::string request);

}  // namespace weir::inprocess

#endif  // WEIR_TRANSPORT_INPROCESS_CALL_H_
