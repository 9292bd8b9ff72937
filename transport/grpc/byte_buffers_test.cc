#include "transport/grpc/byte_buffers.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/byte_pieces.h"
#include "core/env/frame_bytes.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"

namespace weir::remote {
namespace {

// A buffer of one slice for each of `sizes`, of bytes that count up; `*live` counts the slices that are left.
::grpc::ByteBuffer MakeBuffer(const std::vector<size_t>& sizes, int* live) {
  struct Memory {
    std::string bytes;
    int* live;
  };
  std::vector<::grpc::Slice> slices;
  char next = 0;
  for (const size_t size : sizes) {
    auto* const memory = new Memory{std::string(size, '\0'), live};
    for (char& byte : memory->bytes) byte = next++;
    ++*live;
    slices.emplace_back(
        memory->bytes.data(), size,
        [](void* of) {
          auto* const memory = static_cast<Memory*>(of);
          --*memory->live;
          delete memory;
        },
        memory);
  }
  return ::grpc::ByteBuffer(slices.data(), slices.size());
}

std::string Counting(size_t begin, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(begin + i);
  return bytes;
}

TEST(ByteBuffersTest, WhatIsSentArrives) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{256}, size_t{257}, size_t{100'000}}) {
    const std::string payload = Counting(0, size);
    EXPECT_EQ(CopyOut(MakeRecord(payload, 'k')), payload + 'k');
    EXPECT_EQ(CopyOut(MakeMessage("head", payload)), "head" + payload);
    ::grpc::ByteBuffer buffer = MakeRecord(payload, 'k');
    EXPECT_EQ(ReceivedMessage(buffer).bytes().ToString(), payload + 'k');
    EXPECT_EQ(buffer.Length(), 0u);
  }
  ::grpc::ByteBuffer nothing;
  EXPECT_TRUE(ReceivedMessage(nothing).bytes().empty());
}

TEST(ByteBuffersTest, ALargeFrameStaysWhereItIsAndKeepsItsBuffers) {
  int live = 0;
  ::grpc::ByteBuffer buffer = MakeBuffer({10'000, 1, 30'000}, &live);
  auto message = std::make_optional<ReceivedMessage>(buffer);
  EXPECT_EQ(live, 3);
  BytePieces part = message->bytes();
  const char* const where = part.first().data();
  part.RemovePrefix(5);
  part.RemoveSuffix(1);
  FrameBytes frame = message->Frame(part);
  message.reset();
  EXPECT_EQ(live, 3);
  EXPECT_EQ(static_cast<const void*>(frame.pieces().first().data()), where + 5);
  EXPECT_EQ(frame.pieces().ToString(), Counting(5, 39'995));
  frame = FrameBytes();
  EXPECT_EQ(live, 0);
}

TEST(ByteBuffersTest, ASmallFrameKeepsNoBuffer) {
  int live = 0;
  ::grpc::ByteBuffer buffer = MakeBuffer({10'000, 60'000}, &live);
  auto message = std::make_optional<ReceivedMessage>(buffer);
  BytePieces part = message->bytes();
  part.RemovePrefix(9'000);
  const FrameBytes below = message->Frame(part.Prefix(kFrameBytesCopiedBelow - 1));
  auto at = std::make_optional<FrameBytes>(message->Frame(part.Prefix(kFrameBytesCopiedBelow)));
  EXPECT_TRUE(below.pieces().in_one_piece());
  EXPECT_FALSE(at->pieces().in_one_piece());
  message.reset();
  EXPECT_EQ(live, 2);
  at.reset();
  EXPECT_EQ(live, 0);
  EXPECT_EQ(below.pieces().ToString(), Counting(9'000, kFrameBytesCopiedBelow - 1));
}

// gRPC keeps the bytes of short slices in the slice itself.
TEST(ByteBuffersTest, ShortSlicesStayInPlace) {
  std::vector<::grpc::Slice> slices;
  std::string expected;
  for (int i = 0; i < 5'000; ++i) {
    const std::string some = Counting(static_cast<size_t>(i), 4);
    slices.emplace_back(some);
    expected += some;
  }
  ::grpc::ByteBuffer buffer(slices.data(), slices.size());
  slices.clear();
  auto message = std::make_optional<ReceivedMessage>(buffer);
  auto moved = std::make_optional<ReceivedMessage>(*std::move(message));
  message.reset();
  const FrameBytes frame = moved->Frame(moved->bytes());
  moved.reset();
  EXPECT_EQ(frame.pieces().ToString(), expected);
}

}  // namespace
}  // namespace weir::remote
