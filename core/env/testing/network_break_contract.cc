// Streams of core/env/network.h that end otherwise than by Finish: refused, rejected, destroyed,
// lost.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/env/testing/network_contract.h"
#include "gmock/gmock.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

TEST_P(NetworkStreamContract, ARefusedOpenTellsTheOpenerWhy) {
  ServerProbe& server = Serve();
  RunOn(host(), [&] {
    server.on_open = [](const std::string&) -> absl::StatusOr<ServerHandler::Accepted> {
      return absl::AbortedError("fenced by epoch 9");
    };
  });
  SenderProbe& out = Open();
  ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
  EXPECT_THAT(out.log.events(), ElementsAre("broken:ABORTED: fenced by epoch 9"));
}

TEST_P(NetworkStreamContract, AnOpenToNobodyIsUnavailable) {
  SenderProbe& out = Open("hello", under_test().unserved_address());
  ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
  EXPECT_THAT(out.log.events(), ElementsAre(StartsWith("broken:UNAVAILABLE: ")));
}

TEST_P(NetworkStreamContract, AnOpenToADestroyedServerIsUnavailable) {
  ServerProbe& server = Serve();
  RunOn(host(), [&] {
    server.on_open = [&](const std::string&) -> absl::StatusOr<ServerHandler::Accepted> {
      EXPECT_NE(server.server, nullptr) << "OnOpenStream after the Server was destroyed";
      return absl::AbortedError("refused");
    };
  });
  Destroy(server);
  SenderProbe& out = Open();
  ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
  EXPECT_THAT(out.log.events(), ElementsAre(StartsWith("broken:UNAVAILABLE: ")));
}

TEST_P(NetworkStreamContract, RejectTellsTheSenderWhy) {
  Stream stream = OpenAccepted(10, 0);
  Send(stream.out, Lane::kFifo, "a");
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.Has("frame:a"); }));
  RunOn(channel(), [&] { stream.in.receiver->Reject(absl::DataLossError("gap at 7")); });
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken(); }));
  EXPECT_EQ(stream.out.log.events().back(), "broken:DATA_LOSS: gap at 7");
  Send(stream.out, Lane::kUrgent, "into the void");
  Destroy(stream.out);
  Settle();
  EXPECT_THAT(stream.in.log.events(), ElementsAre("accepted", "frame:a"))
      << "who rejects hears no more of the stream";
}

TEST_P(NetworkStreamContract, RejectStopsFramesThatAreOnTheirWay) {
  Stream stream = OpenAccepted(100, 0);
  RunOn(channel(), [&] {
    stream.in.on_frame = [&in = stream.in] {
      if (in.log.size() == 3) in.receiver->Reject(absl::AbortedError("enough"));
    };
  });
  RunOn(client(), [&] {
    for (int i = 0; i < 100; ++i) stream.out.sender->Send(Lane::kFifo, std::to_string(i));
    stream.out.sender->Finish();
  });
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken(); }));
  Settle();
  EXPECT_THAT(stream.in.log.events(), ElementsAre("accepted", "frame:0", "frame:1"));
  EXPECT_EQ(stream.out.log.events().back(), "broken:ABORTED: enough");
}

TEST_P(NetworkStreamContract, ADestroyedSenderBreaksTheStream) {
  Stream stream = OpenAccepted(1, 0);
  Send(stream.out, Lane::kFifo, "x");
  Destroy(stream.out);
  ASSERT_TRUE(RunUntil([&] { return stream.in.ended(); }));
  EXPECT_THAT(stream.in.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
  Settle();
  EXPECT_FALSE(stream.out.broken()) << "no callback after destruction";
  // Whoever holds a broken receiver may still use it.
  RunOn(channel(), [&] {
    stream.in.receiver->Grant(1);
    stream.in.receiver->Reject(absl::AbortedError("too late"));
    stream.in.receiver.reset();
  });
}

TEST_P(NetworkStreamContract, ADestroyedReceiverBreaksTheStream) {
  Stream stream = OpenAccepted(3, 0);
  Destroy(stream.in);
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken(); }));
  EXPECT_THAT(stream.out.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
  // Frames sent after OnBroken are dropped, and the sender needs not ask before each.
  RunOn(client(), [&] {
    EXPECT_EQ(stream.out.sender->credit(), 3);
    for (int i = 0; i < 3; ++i) stream.out.sender->Send(Lane::kFifo, "x");
    stream.out.sender->Send(Lane::kUrgent, "u");
    stream.out.sender->Finish();
  });
  Settle();
  EXPECT_THAT(stream.in.log.events(), ElementsAre("accepted")) << "no callback after destruction";
}

TEST_P(NetworkStreamContract, AReceiverMayBeDestroyedInsideOnFrame) {
  Stream stream = OpenAccepted(100, 0);
  RunOn(channel(), [&] { stream.in.on_frame = [&in = stream.in] { in.receiver.reset(); }; });
  RunOn(client(), [&] {
    for (int i = 0; i < 100; ++i) stream.out.sender->Send(Lane::kFifo, std::to_string(i));
  });
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken(); }));
  Settle();
  EXPECT_THAT(stream.in.log.events(), ElementsAre("accepted", "frame:0"));
}

TEST_P(NetworkStreamContract, AReceiverMayBeDroppedWhenItIsAccepted) {
  ServerProbe& server = Serve();
  ReceiverProbe& in = NewReceiver();
  RunOn(host(), [&] {
    server.on_open = [&](const std::string&) {
      ServerHandler::Accepted accepted = in.Accept();
      accepted.on_accepted = [](std::unique_ptr<StreamReceiver>) {};
      return accepted;
    };
  });
  SenderProbe& out = Open();
  ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
  EXPECT_THAT(out.log.events(), ElementsAre(StartsWith("broken:UNAVAILABLE: ")));
}

TEST_P(NetworkStreamContract, ASenderMayBeDestroyedInsideOnBroken) {
  Stream stream = OpenAccepted(0, 0);
  RunOn(client(), [&] { stream.out.on_broken = [&out = stream.out] { out.sender.reset(); }; });
  Destroy(stream.in);
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken(); }));
}

TEST_P(NetworkStreamContract, ASenderMayBeDestroyedInsideOnCredit) {
  Stream stream = OpenAccepted(0, 0);
  RunOn(client(), [&] { stream.out.on_credit = [&out = stream.out] { out.sender.reset(); }; });
  RunOn(channel(), [&] {
    for (int i = 0; i < 10; ++i) stream.in.receiver->Grant(1);
  });
  ASSERT_TRUE(RunUntil([&] { return stream.in.ended(); }));
  Settle();
  EXPECT_EQ(stream.out.log.size(), 1);
}

// Both sides go at the same time, over and over, with frames and grants under way.
TEST_P(NetworkStreamContract, BothSidesMayGoAtAnyTime) {
  ServerProbe& server = Serve();
  constexpr int kRounds = 100;
  EventLog gone;
  // An opening may arrive rounds later: it says in its hello whom it is for.
  auto receivers = std::make_shared<std::vector<ReceiverProbe*>>(kRounds);
  RunOn(host(), [&] {
    server.on_open = [receivers](const std::string& hello) {
      return (*receivers)[std::stoul(hello)]->Accept();
    };
  });
  for (int round = 0; round < kRounds; ++round) {
    ReceiverProbe& in = NewReceiver();
    RunOn(host(), [&] { (*receivers)[round] = &in; });
    RunOn(channel(), [&] {
      in.grant_at_accept = 4;
      in.grant_per_frame = 1;
      in.on_frame = [&in, left = round % 5]() mutable {
        if (left-- == 0) in.receiver.reset();
      };
    });
    SenderProbe& out = Open(std::to_string(round));
    RunOn(client(), [&] {
      out.on_credit = [&out, left = round % 7]() mutable {
        while (out.sender->credit() > 0) out.sender->Send(Lane::kFifo, "x");
        if (left-- == 0) out.sender.reset();
      };
      out.on_broken = [&out] { out.sender.reset(); };
    });
    // Those that are still there go now; the other side may be doing so, too.
    channel().Post([&in] { in.receiver.reset(); });
    client().Post([&out, &gone] {
      out.sender.reset();
      gone.Add("gone");
    });
  }
  EXPECT_TRUE(RunUntil([&] { return gone.size() == kRounds; }));
  Settle();
}

TEST_P(NetworkStreamContract, AReceiverWhoseExecutorIsDownBreaksTheStreamWhenDestroyed) {
  Stream stream = OpenAccepted(10, 0);
  channel().Shutdown();
  Send(stream.out, Lane::kFifo, "nobody runs this");
  stream.in.receiver.reset();
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken(); }));
  EXPECT_THAT(stream.in.log.events(), ElementsAre("accepted"));
}

TEST_P(NetworkStreamContract, ASenderWhoseExecutorIsDownBreaksTheStreamWhenDestroyed) {
  Stream stream = OpenAccepted(10, 0);
  client().Shutdown();
  RunOn(channel(), [&] { stream.in.receiver->Grant(1); });
  stream.out.sender.reset();
  ASSERT_TRUE(RunUntil([&] { return stream.in.ended(); }));
  EXPECT_THAT(stream.in.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
}

TEST_P(NetworkStreamContract, AnOpenIsLostWhenTheAcceptingExecutorIsDown) {
  ServerProbe& server = Serve();
  ReceiverProbe& in = NewReceiver();
  RunOn(host(), [&] { server.on_open = [&](const std::string&) { return in.Accept(); }; });
  channel().Shutdown();
  SenderProbe& out = Open();
  ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
  EXPECT_THAT(out.log.events(), ElementsAre(StartsWith("broken:UNAVAILABLE: ")));
  EXPECT_EQ(in.log.size(), 0);
}

TEST_P(NetworkStreamContract, BothSidesMayLearnOfALoss) {
  Stream stream = OpenAccepted(10, 0);
  if (!under_test().BreakStreams(LossSeenBy::kBoth)) GTEST_SKIP() << "cannot break streams";
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken() && stream.in.ended(); }));
  EXPECT_THAT(stream.out.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
  EXPECT_THAT(stream.in.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
}

TEST_P(NetworkStreamContract, TheOpenerMayLearnOfALossFirst) {
  Stream stream = OpenAccepted(10, 0);
  if (!under_test().BreakStreams(LossSeenBy::kOpener)) GTEST_SKIP() << "cannot break streams";
  ASSERT_TRUE(RunUntil([&] { return stream.out.broken(); }));
  Send(stream.out, Lane::kFifo, "after the loss");
  Send(stream.out, Lane::kUrgent, "after the loss");
  RunOn(channel(), [&] {
    stream.in.receiver->Grant(1);
    stream.in.receiver.reset();
  });
  Settle();
  EXPECT_EQ(stream.in.log.Count("frame:after the loss"), 0);
  EXPECT_EQ(stream.in.log.Count("urgent:after the loss"), 0);
  EXPECT_TRUE(stream.out.broken()) << "OnBroken is the last event";
}

TEST_P(NetworkStreamContract, TheAcceptorMayLearnOfALossFirst) {
  Stream stream = OpenAccepted(10, 0);
  if (!under_test().BreakStreams(LossSeenBy::kAcceptor)) GTEST_SKIP() << "cannot break streams";
  ASSERT_TRUE(RunUntil([&] { return stream.in.ended(); }));
  EXPECT_THAT(stream.in.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
  Send(stream.out, Lane::kFifo, "after the loss");
  Finish(stream.out);
  Settle();
  EXPECT_TRUE(stream.in.ended()) << "OnBroken is the last event";
}

}  // namespace
}  // namespace weir
