#include "tests/grpc/bare_stream.h"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/check.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace weir {
namespace {

void SetArguments(const std::function<void(const char*, int)>& set) {
  set(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, 256 << 10);
  set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 1 << 20);
  set(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1);
}

bool Next(::grpc::CompletionQueue& queue) {
  void* tag;
  bool ok = false;
  WEIR_CHECK(queue.Next(&tag, &ok));
  return ok;
}

void Drain(::grpc::CompletionQueue& queue) {
  queue.Shutdown();
  void* tag;
  bool ok;
  while (queue.Next(&tag, &ok)) {
  }
}

size_t ReceiveBare(::grpc::AsyncGenericService& service, ::grpc::ServerCompletionQueue& queue) {
  ::grpc::GenericServerContext context;
  ::grpc::GenericServerAsyncReaderWriter stream(&context);
  service.RequestCall(&context, &stream, &queue, &queue, nullptr);
  WEIR_CHECK(Next(queue));
  size_t bytes = 0;
  for (::grpc::ByteBuffer buffer;; buffer.Clear()) {
    stream.Read(&buffer, nullptr);
    if (!Next(queue)) break;
    std::vector<::grpc::Slice> slices;
    WEIR_CHECK(buffer.Dump(&slices).ok());
    std::string frame;
    frame.reserve(buffer.Length());
    for (const ::grpc::Slice& slice : slices) {
      frame.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    bytes += frame.size();
  }
  stream.Finish(::grpc::Status::OK, nullptr);
  Next(queue);
  return bytes;
}

void SendBare(const std::string& address, int frames, size_t frame_bytes) {
  ::grpc::ChannelArguments arguments;
  SetArguments([&](const char* name, int value) { arguments.SetInt(name, value); });
  ::grpc::GenericStub stub(
      ::grpc::CreateCustomChannel(address, ::grpc::InsecureChannelCredentials(), arguments));
  ::grpc::CompletionQueue queue;
  {
    ::grpc::ClientContext context;
    const auto stream = stub.PrepareCall(&context, "/bench/Stream", &queue);
    stream->StartCall(nullptr);
    WEIR_CHECK(Next(queue));
    const std::string frame(frame_bytes, 'x');
    for (int i = 0; i < frames; ++i) {
      auto* const owned = new std::string(frame);
      const ::grpc::Slice slice(
          owned->data(), owned->size(),
          [](void* owned) { delete static_cast<std::string*>(owned); }, owned);
      stream->Write(::grpc::ByteBuffer(&slice, 1), nullptr);
      WEIR_CHECK(Next(queue));
    }
    stream->WritesDone(nullptr);
    Next(queue);
    ::grpc::Status status;
    stream->Finish(&status, nullptr);
    Next(queue);
    WEIR_CHECK(status.ok()) << status.error_message();
  }
  Drain(queue);
}

}  // namespace

double TimeBareStream(int frames, size_t frame_bytes) {
  ::grpc::AsyncGenericService service;
  ::grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", ::grpc::InsecureServerCredentials(), &port);
  SetArguments([&](const char* name, int value) { builder.AddChannelArgument(name, value); });
  builder.RegisterAsyncGenericService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  size_t bytes = 0;
  std::thread receiving([&] { bytes = ReceiveBare(service, *queue); });
  const auto start = std::chrono::steady_clock::now();
  SendBare("127.0.0.1:" + std::to_string(port), frames, frame_bytes);
  receiving.join();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  WEIR_CHECK_EQ(bytes, static_cast<size_t>(frames) * frame_bytes);
  server->Shutdown();
  Drain(*queue);
  return seconds;
}

}  // namespace weir
