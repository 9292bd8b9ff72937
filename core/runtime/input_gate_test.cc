#include "core/runtime/input_gate.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/runtime/barrier_aligner.h"
#include "core/types/frame.h"
#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

// Keeps what was granted, and why it was rejected.
struct Given {
  std::vector<int64_t> grants;
  absl::Status rejected;
};

class FakeReceiver final : public StreamReceiver {
 public:
  explicit FakeReceiver(Given* given) : given_(given) {}
  void Grant(int64_t frames) override { given_->grants.push_back(frames); }
  void Reject(absl::Status why) override { given_->rejected = std::move(why); }

 private:
  Given* const given_;
};

class InputGateTest : public ::testing::Test {
 protected:
  void Open(int64_t credit) {
    std::vector<InputChannelSpec> channels = {
        {.channel = ChannelId(3), .input = 0, .codec = RowCodecFor<int64_t>()}};
    gate_ = std::make_unique<InputGate>(
        std::move(channels), InputGate::Options{.attempt = AttemptNumber(1), .credit = credit},
        [] {}, [](absl::Status) {});
    gate_->Attach(0, std::make_unique<FakeReceiver>(&given_));
  }
  // `count` frames come, and are taken.
  void Take(int count) {
    for (int i = 0; i < count; ++i) {
      const FrameHeader header{
          .channel = ChannelId(3), .attempt = AttemptNumber(1), .sequence = next_++};
      gate_->handler(0)->OnFrame(Lane::kFifo,
                                 EncodeWatermarkFrame(header, {EventTime::FromSeconds(1), false}));
      const auto element = gate_->Next(nullptr, aligner_);
      ASSERT_TRUE(element.ok()) << element.status();
      ASSERT_TRUE(element->has_value());
    }
  }

  Given given_;
  BarrierAligner aligner_{1};
  std::unique_ptr<InputGate> gate_;
  uint64_t next_ = 0;
};

TEST_F(InputGateTest, CreditGoesBackByHalves) {
  Open(8);
  EXPECT_THAT(given_.grants, ElementsAre(8));
  Take(3);
  EXPECT_THAT(given_.grants, ElementsAre(8));
  Take(1);
  EXPECT_THAT(given_.grants, ElementsAre(8, 4));
  Take(9);
  EXPECT_THAT(given_.grants, ElementsAre(8, 4, 4, 4));
}

TEST_F(InputGateTest, ACreditOfOneGoesBackFrameByFrame) {
  Open(1);
  Take(3);
  EXPECT_THAT(given_.grants, ElementsAre(1, 1, 1, 1));
}

TEST_F(InputGateTest, ASecondStreamOfAChannelIsRefused) {
  Open(8);
  Given second;
  gate_->Attach(0, std::make_unique<FakeReceiver>(&second));
  EXPECT_TRUE(absl::IsAborted(second.rejected)) << second.rejected;
  EXPECT_TRUE(second.grants.empty());
  EXPECT_EQ(given_.rejected, absl::OkStatus());
}

}  // namespace
}  // namespace weir
