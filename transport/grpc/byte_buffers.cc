#include "transport/grpc/byte_buffers.h"

#include <utility>
#include <vector>

#include "grpcpp/support/slice.h"

namespace weir::remote {
namespace {

// Below this a copy is cheaper than the bookkeeping of handing over.
constexpr size_t kCopiedBytesMax = 256;

::grpc::Slice OwningSlice(std::string bytes) {
  if (bytes.size() <= kCopiedBytesMax) return ::grpc::Slice(bytes);
  auto* const owner = new std::string(std::move(bytes));
  return ::grpc::Slice(
      owner->data(), owner->size(), [](void* owner) { delete static_cast<std::string*>(owner); },
      owner);
}

// gRPC is not built for the thread sanitizer, which takes every word read from what gRPC wrote for a
// race and looks up, slowly, that this one is not to be told. Under it each buffer is copied once,
// into one of its own.
void TakeOver([[maybe_unused]] std::vector<::grpc::Slice>& slices) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  for (::grpc::Slice& slice : slices) slice = ::grpc::Slice(slice.begin(), slice.size());
#endif
#endif
}

}  // namespace

::grpc::ByteBuffer MakeMessage(std::string_view head, std::string payload) {
  const ::grpc::Slice slices[] = {::grpc::Slice(head.data(), head.size()),
                                  OwningSlice(std::move(payload))};
  return ::grpc::ByteBuffer(slices, 2);
}

::grpc::ByteBuffer MakeRecord(std::string payload, char last) {
  const ::grpc::Slice slices[] = {OwningSlice(std::move(payload)), ::grpc::Slice(&last, 1)};
  return ::grpc::ByteBuffer(slices, 2);
}

// The pieces point into the slices, the short ones of which hold their bytes themselves: neither is
// moved any more.
struct ReceivedMessage::Slices {
  std::vector<::grpc::Slice> slices;
  std::vector<std::string_view> pieces;
};

ReceivedMessage::ReceivedMessage(::grpc::ByteBuffer& buffer) {
  constexpr size_t kMostHaveAtMost = 8;
  auto taken = std::make_shared<Slices>();
  taken->slices.reserve(kMostHaveAtMost);
  if (buffer.Dump(&taken->slices).ok()) {
    TakeOver(taken->slices);
    taken->pieces.reserve(taken->slices.size());
    for (const ::grpc::Slice& slice : taken->slices) {
      taken->pieces.emplace_back(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  slices_ = std::move(taken);
  buffer.Clear();
}

BytePieces ReceivedMessage::bytes() const { return BytePieces(slices_->pieces); }

FrameBytes ReceivedMessage::Frame(const BytePieces& part) const {
  if (part.size() < kFrameBytesCopiedBelow) return part.ToString();
  return FrameBytes(part, slices_);
}

std::string CopyOut(const ::grpc::ByteBuffer& buffer) {
  std::vector<::grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const ::grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace weir::remote
