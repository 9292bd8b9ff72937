#include "tests/grpc/raw_grpc.h"

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir {
namespace {

::grpc::ByteBuffer Buffer(const std::string& bytes) {
  const ::grpc::Slice slice(bytes);
  return ::grpc::ByteBuffer(&slice, 1);
}

std::string Bytes(const ::grpc::ByteBuffer& buffer) {
  std::vector<::grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const ::grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

bool Next(::grpc::CompletionQueue& queue) {
  void* tag;
  bool ok = false;
  WEIR_CHECK(queue.Next(&tag, &ok));
  return ok;
}

}  // namespace

RawClient::RawClient(const Address& to)
    : stub_(
          ::grpc::CreateChannel(absl::StrCat("ipv4:", to), ::grpc::InsecureChannelCredentials())) {}

RawClient::~RawClient() {
  if (stream_ != nullptr) {
    context_->TryCancel();
    Finish();
  }
  queue_.Shutdown();
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool RawClient::Await() { return Next(queue_); }

::grpc::Status RawClient::Call(const std::string& path, const std::string& request,
                               std::string* response) {
  ::grpc::ClientContext context;
  const auto reader = stub_.PrepareUnaryCall(&context, path, Buffer(request), &queue_);
  ::grpc::ByteBuffer received;
  ::grpc::Status status;
  reader->StartCall();
  reader->Finish(&received, &status, this);
  Await();
  *response = Bytes(received);
  return status;
}

void RawClient::Open(const std::string& path) {
  context_ = std::make_unique<::grpc::ClientContext>();
  stream_ = stub_.PrepareCall(context_.get(), path, &queue_);
  stream_->StartCall(this);
  Await();
}

bool RawClient::Write(const std::string& message) {
  stream_->Write(Buffer(message), this);
  return Await();
}

std::optional<std::string> RawClient::Read() {
  ::grpc::ByteBuffer message;
  stream_->Read(&message, this);
  if (!Await()) return std::nullopt;
  return Bytes(message);
}

::grpc::Status RawClient::Finish() {
  ::grpc::Status status;
  stream_->Finish(&status, this);
  Await();
  stream_.reset();
  return status;
}

RawServer::RawServer(std::vector<std::string> messages, ::grpc::Status status) {
  ::grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", ::grpc::InsecureServerCredentials(), &port);
  builder.RegisterAsyncGenericService(&service_);
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
  thread_ = std::thread([this, messages = std::move(messages), status = std::move(status)] {
    Serve(messages, status);
  });
}

void RawServer::Serve(const std::vector<std::string>& messages, const ::grpc::Status& status) {
  ::grpc::GenericServerContext context;
  ::grpc::GenericServerAsyncReaderWriter stream(&context);
  service_.RequestCall(&context, &stream, queue_.get(), queue_.get(), this);
  if (!Next(*queue_)) return;
  ::grpc::ByteBuffer request;
  stream.Read(&request, this);
  Next(*queue_);
  for (const std::string& message : messages) {
    stream.Write(Buffer(message), this);
    if (!Next(*queue_)) break;
  }
  stream.Finish(status, this);
  Next(*queue_);
}

RawServer::~RawServer() {
  server_->Shutdown(gpr_time_0(GPR_CLOCK_REALTIME));
  thread_.join();
  queue_->Shutdown();
  void* tag;
  bool ok;
  while (queue_->Next(&tag, &ok)) {
  }
}

}  // namespace weir
