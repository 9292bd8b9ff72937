#include "core/types/hello.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace weir {
namespace {

Hello Ours() { return {1, 3, "prod", 0x1234, LeaderEpoch(7)}; }
ChannelHello OurChannel() { return {JobId("j-1"), ChannelId(3), AttemptNumber(2), 0xabcd}; }

std::string Encoded(const Hello& hello) {
  std::string bytes;
  EncodeHello(hello, bytes);
  return bytes;
}

TEST(HelloTest, BothPartsReadBackOneAfterTheOther) {
  std::string bytes = Encoded(Ours());
  EncodeChannelHello(OurChannel(), bytes);
  bytes += "rest";
  std::string_view left = bytes;
  EXPECT_EQ(ParseHello(left).value(), Ours());
  EXPECT_EQ(ParseChannelHello(left).value(), OurChannel());
  EXPECT_EQ(left, "rest");
  EXPECT_EQ(Ours().ToString(),
            "cluster 'prod', process 0000000000001234, epoch-7, protocol 1 to 3");
  EXPECT_EQ(OurChannel().ToString(), "channel-3 attempt-2 of job 'j-1', schema 000000000000abcd");
}

TEST(HelloTest, EveryDamageIsDataLoss) {
  const std::string hello = Encoded(Ours());
  std::string channel;
  EncodeChannelHello(OurChannel(), channel);
  for (size_t i = 0; i < hello.size(); ++i) {
    std::string damaged = hello;
    damaged[i] ^= 0x10;
    std::string_view left = damaged;
    EXPECT_EQ(ParseHello(left).status().code(), absl::StatusCode::kDataLoss) << i;
    EXPECT_EQ(left, damaged);
    std::string_view cut = std::string_view(hello).substr(0, i);
    EXPECT_EQ(ParseHello(cut).status().code(), absl::StatusCode::kDataLoss) << i;
  }
  for (size_t i = 0; i < channel.size(); ++i) {
    std::string damaged = channel;
    damaged[i] ^= 0x10;
    std::string_view left = damaged;
    EXPECT_EQ(ParseChannelHello(left).status().code(), absl::StatusCode::kDataLoss) << i;
    std::string_view cut = std::string_view(channel).substr(0, i);
    EXPECT_EQ(ParseChannelHello(cut).status().code(), absl::StatusCode::kDataLoss) << i;
  }
  std::string_view http = "GET / HTTP/1.1\r\n\r\n";
  EXPECT_EQ(ParseHello(http).status().message(),
            "hello: it does not start with its magic: the other side is no Weir process");
}

TEST(HelloTest, NegotiatesTheHighestCommonProtocol) {
  Hello theirs = Ours();
  theirs.protocol_min = 2;
  theirs.protocol_max = 5;
  EXPECT_EQ(NegotiateProtocol(Ours(), theirs).value(), 3);
  theirs.protocol_min = 4;
  EXPECT_EQ(
      NegotiateProtocol(Ours(), theirs).status(),
      absl::FailedPreconditionError("this process speaks protocol 1 to 3, the other one 4 to 5"));
}

TEST(HelloTest, RefusesOtherClustersAndDeposedLeaders) {
  Hello theirs = Ours();
  theirs.cluster_id = "test";
  EXPECT_EQ(NegotiateProtocol(Ours(), theirs).status(),
            absl::InvalidArgumentError(
                "this process belongs to cluster 'prod', the other one to cluster 'test'"));
  theirs = Ours();
  theirs.leader_epoch = LeaderEpoch(6);
  EXPECT_EQ(NegotiateProtocol(Ours(), theirs).status().code(), absl::StatusCode::kAborted);
  theirs.leader_epoch = LeaderEpoch(8);
  EXPECT_TRUE(NegotiateProtocol(Ours(), theirs).ok());
}

TEST(HelloTest, ChannelsMatchInEveryPart) {
  using Code = absl::StatusCode;
  const ChannelHello expected = OurChannel();
  const auto code = [&](auto change) {
    ChannelHello got = expected;
    change(got);
    return CheckChannelHello(expected, got).code();
  };
  EXPECT_EQ(code([](ChannelHello&) {}), Code::kOk);
  EXPECT_EQ(code([](ChannelHello& h) { h.job = JobId("j-2"); }), Code::kNotFound);
  EXPECT_EQ(code([](ChannelHello& h) { h.channel = ChannelId(4); }), Code::kNotFound);
  EXPECT_EQ(code([](ChannelHello& h) { h.attempt = AttemptNumber(1); }), Code::kAborted);
  EXPECT_EQ(code([](ChannelHello& h) { h.attempt = AttemptNumber(3); }), Code::kUnavailable);
  EXPECT_EQ(code([](ChannelHello& h) { h.schema_digest = 1; }), Code::kFailedPrecondition);
}

}  // namespace
}  // namespace weir
