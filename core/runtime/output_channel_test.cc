#include "core/runtime/output_channel.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/types/batch.h"
#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Text {
  std::string value;
};
// What a row of `Text` takes beside its characters.
constexpr size_t kRowOverheadBytes = 4;

// The receiver's side: grants when the test says so, and keeps what comes.
class FakeNetwork final : public Network {
 public:
  absl::StatusOr<std::unique_ptr<Server>> Serve(const Address&, Executor*,
                                                ServerHandler*) override {
    return absl::UnimplementedError("no server");
  }
  std::unique_ptr<CallHandle> Call(const Address&, std::string_view, std::string, absl::Duration,
                                   Executor*,
                                   absl::AnyInvocable<void(absl::StatusOr<std::string>)>) override {
    return nullptr;
  }
  std::unique_ptr<StreamSender> OpenStream(const Address&, std::string, Executor*,
                                           StreamSenderHandler* handler) override {
    handler_ = handler;
    return std::make_unique<Sender>(this);
  }

  void Grant(int64_t frames) {
    credit_ += frames;
    handler_->OnCredit();
  }
  const std::vector<std::string>& frames() const { return frames_; }

 private:
  class Sender final : public StreamSender {
   public:
    explicit Sender(FakeNetwork* network) : network_(network) {}
    int64_t credit() const override { return network_->credit_; }
    void Send(Lane, FrameBytes frame) override {
      --network_->credit_;
      network_->frames_.push_back(std::move(frame).Flatten());
    }
    void Finish() override {}

   private:
    FakeNetwork* const network_;
  };

  StreamSenderHandler* handler_ = nullptr;
  int64_t credit_ = 0;
  std::vector<std::string> frames_;
};

class OutputChannelTest : public ::testing::Test {
 protected:
  OutputChannelTest() { channel_.Connect(network_, "peer", "hello", nullptr); }

  absl::Status Append(const std::vector<size_t>& sizes) {
    Batch<Text> batch;
    for (const size_t size : sizes) batch.rows.push_back({std::string(size, 'x')});
    absl::Status appended = channel_.AppendRowRange(batch, 0, batch.size());
    channel_.Flush();
    return appended;
  }

  FakeNetwork network_;
  int credits_ = 0;
  OutputChannel channel_{{.channel = ChannelId(3),
                          .attempt = AttemptNumber(1),
                          .frame_bytes_max = 1000,
                          .record_bytes_max = 5000},
                         RowCodecFor<Text>(),
                         [this] { ++credits_; },
                         [](absl::Status) {}};
};

TEST_F(OutputChannelTest, ARecordLargerThanAFrameGoesInWhole) {
  network_.Grant(100);
  EXPECT_EQ(Append({10, 5000 - kRowOverheadBytes, 10}), absl::OkStatus());
  ASSERT_EQ(network_.frames().size(), 2u);
  EXPECT_GT(network_.frames()[0].size(), 5000u);
  EXPECT_LT(network_.frames()[1].size(), 100u);
}

TEST_F(OutputChannelTest, ARecordThatBeganInANearlyFullFrameMayHaveAllOfItsBound) {
  EXPECT_EQ(Append({980, 5000 - kRowOverheadBytes}), absl::OkStatus());
}

TEST_F(OutputChannelTest, ARecordOverTheBoundIsRefusedWithItsSizeAndTheOption) {
  const absl::Status refused = Append({10, 5001 - kRowOverheadBytes});
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(
      std::string(refused.message()),
      AllOf(HasSubstr("a record of 5001 bytes"), HasSubstr("the 5000 that"),
            HasSubstr("taskmanager.memory.record-size-max"), HasSubstr("record: {value=xxx")));
  EXPECT_LT(refused.message().size(), 1000u) << "an excerpt of the record, not all of it";
}

TEST_F(OutputChannelTest, RowsThatAreScatteredAreRefusedAlike) {
  Batch<Text> batch;
  for (const size_t size : {10, 6000, 10}) batch.rows.push_back({std::string(size, 'x')});
  const std::vector<uint32_t> around = {0, 2};
  EXPECT_EQ(channel_.AppendRows(batch, around), absl::OkStatus());
  const std::vector<uint32_t> large = {2, 1};
  EXPECT_THAT(std::string(channel_.AppendRows(batch, large).message()),
              HasSubstr("a record of 6004 bytes"));
}

TEST_F(OutputChannelTest, WhatIsGrantedGoesWithoutAFlush) {
  network_.Grant(1);
  Batch<Text> batch;
  for (int i = 0; i < 2; ++i) batch.rows.push_back({std::string(1000, 'x')});
  EXPECT_EQ(channel_.AppendRowRange(batch, 0, 1), absl::OkStatus());
  EXPECT_EQ(network_.frames().size(), 1u);
  // Who asks before the flush learns whether it has to wait for credit.
  EXPECT_FALSE(channel_.blocked());
  EXPECT_EQ(channel_.AppendRowRange(batch, 1, 2), absl::OkStatus());
  EXPECT_TRUE(channel_.blocked());
}

TEST_F(OutputChannelTest, WhatIsNotGrantedWaitsAndSaysSo) {
  EXPECT_EQ(Append({900, 900, 900}), absl::OkStatus());
  EXPECT_TRUE(channel_.blocked());
  EXPECT_TRUE(network_.frames().empty());
  network_.Grant(1);
  EXPECT_EQ(network_.frames().size(), 1u);
  EXPECT_TRUE(channel_.blocked());
  EXPECT_EQ(credits_, 0) << "some still waits";
  network_.Grant(8);
  EXPECT_FALSE(channel_.blocked());
  EXPECT_EQ(credits_, 1);
}

}  // namespace
}  // namespace weir
