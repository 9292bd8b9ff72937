// InProcessNetwork: Network between the executors of one process. The embedded mode sends
// everything through it.
//
// Frames and payloads are moved, never copied. A call or open that cannot be delivered (nobody
// serves, the server is gone or its executor is shut down) fails at once with Unavailable.
// Thread-safe; must outlive everything that it returned. A named file for the rule about locks.
#ifndef WEIR_TRANSPORT_INPROCESS_INPROCESS_NETWORK_H_
#define WEIR_TRANSPORT_INPROCESS_INPROCESS_NETWORK_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/env/network.h"

namespace weir {

struct ServerEntry;
namespace inprocess {
class StreamCore;
}

class InProcessNetwork final : public Network {
 public:
  InProcessNetwork();
  ~InProcessNetwork() override;

  absl::StatusOr<std::unique_ptr<Server>> Serve(const Address& address, Executor* executor,
                                                ServerHandler* handler) override;
  // On `executor`.
  std::unique_ptr<CallHandle> Call(
      const Address& to, std::string_view method, std::string request, absl::Duration deadline,
      Executor* executor, absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_reply) override;
  std::unique_ptr<StreamSender> OpenStream(const Address& to, std::string hello, Executor* executor,
                                           StreamSenderHandler* handler) override;

  // For tests of who uses streams: loses the connection under all streams that were opened to `to`.
  // A side that does not see it hears nothing more. Calls go on.
  void LoseStreams(const Address& to, bool opener_sees, bool acceptor_sees);

 private:
  class ServerImpl;
  using ServerPtr = std::shared_ptr<ServerEntry>;

  // Null if nobody serves there.
  ServerPtr Find(const Address& address);
  void Remove(const Address& address);
  void Remember(const Address& to, const std::shared_ptr<inprocess::StreamCore>& stream);

  struct OpenedStream {
    Address to;
    std::weak_ptr<inprocess::StreamCore> core;
  };

  std::mutex mutex_;
  std::map<Address, ServerPtr> servers_;  // Guarded by mutex_, as all below.
  std::vector<OpenedStream> streams_;
  size_t streams_size_to_purge_ = 64;
};

}  // namespace weir

#endif  // WEIR_TRANSPORT_INPROCESS_INPROCESS_NETWORK_H_
