// RawClient and RawServer: gRPC peers of a GrpcNetwork that send whatever bytes a test gives them.
// They block, and are used from one thread. testonly.
#ifndef WEIR_TESTS_GRPC_RAW_GRPC_H_
#define WEIR_TESTS_GRPC_RAW_GRPC_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/env/network.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace weir {

class RawClient {
 public:
  explicit RawClient(const Address& to);
  ~RawClient();

  // A unary RPC: its status, and the response if that is OK.
  ::grpc::Status Call(const std::string& path, const std::string& request, std::string* response);

  // One streaming RPC.
  void Open(const std::string& path);
  bool Write(const std::string& message);
  // Nothing once the server has ended it.
  std::optional<std::string> Read();
  ::grpc::Status Finish();

 private:
  // Waits for the one operation that is under way.
  bool Await();

  ::grpc::GenericStub stub_;
  ::grpc::CompletionQueue queue_;
  std::unique_ptr<::grpc::ClientContext> context_;
  std::unique_ptr<::grpc::GenericClientAsyncReaderWriter> stream_;
};

// Reads the first message of one RPC, answers with `messages`, waits for the client's end (or
// not), ends with `status`.
class RawServer {
 public:
  RawServer(std::vector<std::string> messages, ::grpc::Status status);
  ~RawServer();
  const Address& address() const { return address_; }

 private:
  void Serve(const std::vector<std::string>& messages, const ::grpc::Status& status);

  Address address_;
  ::grpc::AsyncGenericService service_;
  std::unique_ptr<::grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<::grpc::Server> server_;
  std::thread thread_;
};

}  // namespace weir

#endif  // WEIR_TESTS_GRPC_RAW_GRPC_H_
