// Calls and streams over a connection that loses, cuts, holds up or swallows bytes, and peers that
// go and come back.
#include <memory>
#include <string>

#include "core/env/testing/network_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/grpc/byte_proxy.h"
#include "tests/grpc/grpc_env_under_test.h"

namespace weir {

// Only the fixture is wanted here.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkCallContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkStreamContract);

namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::StartsWith;

GrpcNetworkOptions Impatient() {
  GrpcNetworkOptions options;
  options.connect_timeout = absl::Seconds(2);
  options.keepalive_interval = absl::Seconds(1);
  options.keepalive_timeout = absl::Seconds(1);
  return options;
}

class BadNetwork : public NetworkContract {
 protected:
  // Serves an echo and streams whose receivers grant `grant`, behind a proxy.
  void ServeBehindProxy(int64_t grant) {
    server_ = &Serve();
    RunOn(host(), [this, grant] {
      server_->on_call = [](std::string_view, std::string request, CallReply reply) {
        reply(std::move(request));
      };
      server_->on_open = [this, grant](const std::string&) {
        ReceiverProbe& in = *next_in_;
        in.grant_at_accept = grant;
        return in.Accept();
      };
    });
    proxy_ = std::make_unique<ByteProxy>(address());
  }

  struct ProxiedStream {
    SenderProbe& out;
    ReceiverProbe& in;
  };
  ProxiedStream OpenThroughProxy() {
    ReceiverProbe& in = NewReceiver();
    RunOn(host(), [&] { next_in_ = &in; });
    SenderProbe& out = Open("hello", proxy_->address());
    EXPECT_TRUE(RunUntil([&] { return in.log.Has("accepted") || out.broken(); }));
    return {out, in};
  }

  // A stream of a new connection, after some perhaps that find the lost one.
  ProxiedStream OpenThroughProxySoon() {
    for (int tries = 1;; ++tries) {
      ProxiedStream stream = OpenThroughProxy();
      if (!stream.out.broken() || tries == 100) return stream;
      EXPECT_THAT(stream.out.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
    }
  }

  // One call through the proxy succeeds.
  void ExpectEcho(const std::string& name) {
    const int before = log().size();
    Call(proxy_->address(), name, "Echo", name, absl::Seconds(20));
    ASSERT_TRUE(RunUntil([&] { return log().size() > before; }));
    EXPECT_THAT(log().events().back(), name + ":" + name);
  }

  // A call through the proxy succeeds, after some perhaps that find the lost connection.
  void ExpectEchoSoon(const std::string& name) {
    for (int tries = 0; tries < 100; ++tries) {
      const int before = log().size();
      Call(proxy_->address(), name, "Echo", name, absl::Seconds(20));
      ASSERT_TRUE(RunUntil([&] { return log().size() > before; }));
      if (log().events().back() == name + ":" + name) return;
      ASSERT_THAT(log().events().back(), StartsWith(name + ":UNAVAILABLE: "));
    }
    ADD_FAILURE() << "no call of 100 succeeds";
  }

  ServerProbe* server_ = nullptr;
  ReceiverProbe* next_in_ = nullptr;  // (host)
  std::unique_ptr<ByteProxy> proxy_;
};

TEST_P(BadNetwork, AResetInTheMiddleOfAFrameBreaksBothSides) {
  ServeBehindProxy(100);
  ProxiedStream stream = OpenThroughProxy();
  AwaitCredit(stream.out, 100);
  proxy_->ResetAfter(1'000'000);
  RunOn(client(), [&] {
    for (int i = 0; i < 50; ++i) {
      stream.out.sender->Send(Lane::kFifo, std::string(100'000, static_cast<char>('a' + i % 26)));
    }
  });
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken() && stream.in.ended(); }));
  EXPECT_THAT(stream.out.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
  EXPECT_THAT(stream.in.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
  // What arrived is whole, and a prefix of what was sent.
  int frames = 0;
  for (const std::string& event : stream.in.log.events()) {
    if (event.rfind("frame:", 0) != 0) continue;
    EXPECT_EQ(event, "frame:" + std::string(100'000, static_cast<char>('a' + frames++ % 26)));
  }
  EXPECT_LE(frames, 10);
  // Streams opened now have a new connection.
  ProxiedStream next = OpenThroughProxySoon();
  EXPECT_THAT(next.in.log.events(), ElementsAre("accepted"));
}

TEST_P(BadNetwork, AllStreamsOfAConnectionBreakTogetherAndCallsGoOn) {
  ServeBehindProxy(1);
  ProxiedStream a = OpenThroughProxy();
  ProxiedStream b = OpenThroughProxy();
  EXPECT_EQ(proxy_->connection_count(), 1) << "streams to one peer share a connection";
  ExpectEcho("before");
  EXPECT_EQ(proxy_->connection_count(), 2) << "calls have another";
  proxy_->Reset();
  ASSERT_TRUE(
      RunUntil([&] { return a.out.broken() && a.in.ended() && b.out.broken() && b.in.ended(); }));
  ExpectEchoSoon("after");
}

TEST_P(BadNetwork, AHalfClosedConnectionBreaksBothSides) {
  for (const bool to_targets : {true, false}) {
    ServeBehindProxy(1);
    ProxiedStream stream = OpenThroughProxy();
    proxy_->HalfClose(to_targets);
    ASSERT_TRUE(RunUntil([&] { return stream.out.broken() && stream.in.ended(); }));
    EXPECT_THAT(stream.out.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
    EXPECT_THAT(stream.in.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
  }
}

TEST_P(BadNetwork, ASilentLossIsNoticedByBothSides) {
  ServeBehindProxy(1);
  ProxiedStream stream = OpenThroughProxy();
  const absl::Duration start = env().clock().Monotonic();
  proxy_->Swallow();
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken() && stream.in.ended(); }));
  EXPECT_LE(env().clock().Monotonic() - start, absl::Seconds(15));
  EXPECT_THAT(stream.out.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
  EXPECT_THAT(stream.in.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
}

TEST_P(BadNetwork, ACallIntoSilenceEndsAtItsDeadline) {
  ServeBehindProxy(1);
  ExpectEcho("before");
  proxy_->Swallow();
  Call(proxy_->address(), "lost", "Echo", "x", absl::Milliseconds(200));
  ASSERT_TRUE(RunUntil([&] { return log().size() == 2; }));
  EXPECT_THAT(log().events().back(), StartsWith("lost:DEADLINE_EXCEEDED: "));
}

TEST_P(BadNetwork, SlowAndChoppedBytesArriveWhole) {
  ServeBehindProxy(64);
  proxy_->Delay(absl::Milliseconds(1));
  ProxiedStream stream = OpenThroughProxy();
  AwaitCredit(stream.out, 64);
  std::string sent;
  for (int i = 0; i < 300'000; ++i) sent.push_back(static_cast<char>(i * 13));
  RunOn(client(), [&] {
    for (int i = 0; i < 5; ++i) stream.out.sender->Send(Lane::kFifo, sent);
    stream.out.sender->Finish();
  });
  ASSERT_TRUE(RunUntil([&] { return stream.in.ended(); }));
  EXPECT_EQ(stream.in.log.Count("frame:" + sent), 5);
  EXPECT_EQ(stream.in.log.events().back(), "finished");
}

// Whoever accepts connections and says nothing is no Weir process.
TEST_P(BadNetwork, AConnectionThatSaysNothingIsUnavailable) {
  ServeBehindProxy(1);
  proxy_->Swallow();
  const absl::Duration start = env().clock().Monotonic();
  Call(proxy_->address(), "mute", "Echo", "x", absl::Seconds(30));
  SenderProbe& out = Open("hello", proxy_->address());
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1 && out.broken(); }));
  EXPECT_THAT(log().events().back(), StartsWith("mute:UNAVAILABLE: "));
  EXPECT_LE(env().clock().Monotonic() - start, absl::Seconds(15)) << "connect_timeout is 2 s";
}

TEST_P(BadNetwork, AnAddressThatIsServedAgainWorksAtOnce) {
  // Nobody yet: the connection is refused, and gRPC would wait before it tries again.
  const Address to = under_test().unserved_address();
  for (int i = 0; i < 3; ++i) {
    Call(to, "early" + std::to_string(i), "Echo", "x");
    ASSERT_TRUE(RunUntil([&] { return log().size() == i + 1; }));
    EXPECT_THAT(log().events().back(), StartsWith("early" + std::to_string(i) + ":UNAVAILABLE: "));
  }
  for (int round = 0; round < 3; ++round) {
    ServerProbe& server = Serve(to);
    ReceiverProbe& in = NewReceiver();
    RunOn(host(), [&] {
      server.on_call = [](std::string_view, std::string request, CallReply reply) {
        reply(std::move(request));
      };
      server.on_open = [&](const std::string&) { return in.Accept(); };
    });
    const absl::Duration start = env().clock().Monotonic();
    Call(to, "served", "Echo", std::to_string(round));
    ASSERT_TRUE(RunUntil([&] { return log().Has("served:" + std::to_string(round)); }));
    SenderProbe& out = Open("hello", to);
    ASSERT_TRUE(RunUntil([&] { return in.log.Has("accepted") || out.broken(); }));
    EXPECT_FALSE(out.broken()) << out.log.events().back();
    EXPECT_LE(env().clock().Monotonic() - start, absl::Seconds(5));
    Destroy(in);
    Destroy(server);
    Call(to, "gone" + std::to_string(round), "Echo", "x");
    ASSERT_TRUE(RunUntil([&] { return log().events().back().rfind("gone", 0) == 0; }));
    EXPECT_THAT(log().events().back(), StartsWith("gone" + std::to_string(round) + ":UNAVAILABLE"));
  }
}

EnvFactory Impatiently() {
  return {"loopback", [] { return std::make_unique<GrpcEnvUnderTest>(Impatient()); }};
}

INSTANTIATE_TEST_SUITE_P(Grpc, BadNetwork, testing::Values(Impatiently()), EnvFactoryName);

}  // namespace
}  // namespace weir
