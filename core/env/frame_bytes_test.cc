#include "core/env/frame_bytes.h"

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/byte_pieces.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

static_assert(!std::is_copy_constructible_v<FrameBytes>);

// What pieces lie in.
struct Buffers {
  std::vector<std::string> memory;
  std::vector<std::string_view> views;
};

std::shared_ptr<const Buffers> MakeBuffers(std::vector<std::string> memory) {
  auto buffers = std::make_shared<Buffers>(Buffers{std::move(memory), {}});
  for (const std::string& some : buffers->memory) buffers->views.push_back(some);
  return buffers;
}

TEST(FrameBytesTest, AStringIsMovedInAndOut) {
  std::string bytes(1000, 'x');
  const void* const where = bytes.data();
  FrameBytes frame = std::move(bytes);
  EXPECT_EQ(frame.size(), 1000u);
  FrameBytes moved = std::move(frame);
  EXPECT_TRUE(moved.pieces().in_one_piece());
  EXPECT_EQ(static_cast<const void*>(moved.pieces().first().data()), where);
  const std::string out = std::move(moved).Flatten();
  EXPECT_EQ(static_cast<const void*>(out.data()), where);
}

TEST(FrameBytesTest, LiteralsAndNothingAreFrames) {
  EXPECT_EQ(FrameBytes("abc").pieces().ToString(), "abc");
  EXPECT_EQ(FrameBytes().size(), 0u);
}

TEST(FrameBytesTest, PiecesAreNotCopiedAndLiveAsLongAsTheFrame) {
  auto buffers = MakeBuffers({"a piece that has memory of its own", "and another one, as long"});
  const void* const where = buffers->memory[0].data();
  const std::weak_ptr<const Buffers> alive = buffers;
  FrameBytes frame(BytePieces(buffers->views), buffers);
  buffers.reset();
  FrameBytes moved = std::move(frame);
  EXPECT_EQ(moved.size(), 58u);
  EXPECT_EQ(static_cast<const void*>(moved.pieces().first().data()), where);
  EXPECT_EQ(moved.pieces().ToString(),
            "a piece that has memory of its ownand another one, as long");
  EXPECT_FALSE(alive.expired());
  const std::string flat = std::move(moved).Flatten();
  moved = FrameBytes("next");
  EXPECT_TRUE(alive.expired());
  EXPECT_EQ(flat, "a piece that has memory of its ownand another one, as long");
  EXPECT_EQ(moved.pieces().ToString(), "next");
}

}  // namespace
}  // namespace weir
