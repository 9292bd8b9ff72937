// Streams of core/env/network.h while they live: opening, order, credit, lanes, the regular end.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/env/testing/network_contract.h"
#include "gmock/gmock.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(NetworkStreamContract, BringsTheHello) {
  ServerProbe& server = Serve();
  ReceiverProbe& in = NewReceiver();
  const std::string hello("magic\0and more", 14);
  EventLog hellos;
  RunOn(host(), [&] {
    server.on_open = [&](const std::string& bytes) {
      hellos.Add(bytes);
      return in.Accept();
    };
  });
  Open(hello);
  ASSERT_TRUE(RunUntil([&] { return in.log.Has("accepted"); }));
  EXPECT_THAT(hellos.events(), ElementsAre(hello));
}

TEST_P(NetworkStreamContract, CreditStartsAtZeroAndAddsUp) {
  Stream stream = OpenAccepted(0, 0);
  Settle();
  RunOn(client(), [&] { EXPECT_EQ(stream.out.sender->credit(), 0); });
  EXPECT_THAT(stream.out.log.events(), IsEmpty());
  RunOn(channel(), [&] {
    stream.in.receiver->Grant(1);
    stream.in.receiver->Grant(4);
  });
  AwaitCredit(stream.out, 5);
  RunOn(channel(), [&] { stream.in.receiver->Grant(2); });
  ASSERT_TRUE(RunUntil([&] { return stream.out.log.Has("credit:7"); }))
      << "credit() is updated before OnCredit";
  Send(stream.out, Lane::kFifo, "x");
  RunOn(client(), [&] { EXPECT_EQ(stream.out.sender->credit(), 6) << "a frame takes one"; });
}

TEST_P(NetworkStreamContract, NothingRunsInsideGrantOrSend) {
  Stream stream = OpenAccepted(10, 0);
  RunOn(client(), [&] {
    const int before = stream.out.log.size();
    for (int i = 0; i < 10; ++i) stream.out.sender->Send(Lane::kFifo, "x");
    stream.out.sender->Finish();
    EXPECT_EQ(stream.out.log.size(), before);
  });
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.Has("finished"); }));
}

TEST_P(NetworkStreamContract, BringsFramesInOrderWithinTheWindow) {
  static constexpr int kFrames = 5'000;
  static constexpr int kWindow = 8;
  Stream stream = OpenAccepted(0, 1);
  auto next = std::make_shared<int>(0);
  RunOn(client(), [&] {
    stream.out.on_credit = [&out = stream.out, next] {
      while (*next < kFrames && out.sender->credit() > 0) {
        EXPECT_LE(out.sender->credit(), kWindow);
        out.sender->Send(Lane::kFifo, std::to_string((*next)++));
      }
    };
  });
  RunOn(channel(), [&] { stream.in.receiver->Grant(kWindow); });
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.size() == kFrames + 1; }));
  const std::vector<std::string> events = stream.in.log.events();
  for (int i = 0; i < kFrames; ++i) ASSERT_EQ(events[i + 1], "frame:" + std::to_string(i));
}

TEST_P(NetworkStreamContract, BringsAnyBytes) {
  Stream stream = OpenAccepted(3, 0);
  std::string bytes;
  for (int i = 0; i < (1 << 20); ++i) bytes.push_back(static_cast<char>(i * 11));
  Send(stream.out, Lane::kFifo, bytes);
  Send(stream.out, Lane::kFifo, "");
  Send(stream.out, Lane::kFifo, std::string(1, '\0'));
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.size() == 4; }));
  EXPECT_TRUE(stream.in.log.events()[1] == "frame:" + bytes) << "bytes changed on their way";
  EXPECT_EQ(stream.in.log.events()[2], "frame:");
  EXPECT_EQ(stream.in.log.events()[3], std::string("frame:\0", 7));
}

// Some alone and some together with others, in whatever pieces they come.
TEST_P(NetworkStreamContract, BringsFramesOfAllSizes) {
  std::vector<std::string> frames;
  for (const size_t around : {0, 1, 40, 256, 4096, 8192, 16384, 32768, 65536, 131072, 1 << 20}) {
    for (size_t size = around; size <= around + 2; ++size) {
      std::string bytes;
      for (size_t i = 0; i < size; ++i)
        bytes.push_back(static_cast<char>(i * 7 + i / 256 + around));
      for (int times = 0; times < (size < 20'000 ? 3 : 1); ++times) frames.push_back(bytes);
    }
  }
  Stream stream = OpenAccepted(static_cast<int64_t>(frames.size()), 0);
  RunOn(client(), [&] {
    for (const std::string& frame : frames) stream.out.sender->Send(Lane::kFifo, frame);
    stream.out.sender->Finish();
  });
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.Has("finished"); }));
  const std::vector<std::string> events = stream.in.log.events();
  ASSERT_EQ(events.size(), frames.size() + 2);
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_TRUE(events[i + 1] == "frame:" + frames[i]) << "frame " << i << " changed on its way";
  }
}

TEST_P(NetworkStreamContract, AFrameBelongsToWhoTookIt) {
  std::vector<std::string> frames;
  for (int i = 0; i < 30; ++i) {
    const size_t size = i % 3 == 0 ? 40'000 : 100;
    frames.push_back(std::to_string(i) + std::string(size, static_cast<char>('a' + i % 26)));
  }
  Stream stream = OpenAccepted(30, 0);
  RunOn(channel(), [&] { stream.in.keep_frames = true; });
  RunOn(client(), [&] {
    for (const std::string& frame : frames) stream.out.sender->Send(Lane::kFifo, frame);
    stream.out.sender->Finish();
  });
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.Has("finished"); }));
  Destroy(stream.in);
  Destroy(stream.out);
  Destroy(stream.server);
  Settle();
  RunOn(channel(), [&] {
    ASSERT_EQ(stream.in.frames.size(), 30u);
    // Some go earlier than others that may lie in the same memory.
    for (size_t i = 0; i < 30; i += 2) stream.in.frames[i] = FrameBytes();
    for (size_t i = 1; i < 30; i += 2) {
      EXPECT_TRUE(std::move(stream.in.frames[i]).Flatten() == frames[i]) << i;
    }
    stream.in.frames.clear();
  });
}

TEST_P(NetworkStreamContract, UrgentFramesNeedNoCredit) {
  Stream stream = OpenAccepted(1, 0);
  Send(stream.out, Lane::kFifo, "last credit");
  for (const char* frame : {"u1", "u2", "u3"}) Send(stream.out, Lane::kUrgent, frame);
  RunOn(client(), [&] { EXPECT_EQ(stream.out.sender->credit(), 0); });
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.size() == 5; }));
  // They keep an order among themselves; they may overtake the other lane.
  std::vector<std::string> urgent;
  for (const std::string& event : stream.in.log.events()) {
    if (event.rfind("urgent:", 0) == 0) urgent.push_back(event);
  }
  EXPECT_THAT(urgent, ElementsAre("urgent:u1", "urgent:u2", "urgent:u3"));
}

TEST_P(NetworkStreamContract, UrgentFramesMayBeSentBeforeTheStreamIsAccepted) {
  ServerProbe& server = Serve();
  ReceiverProbe& in = NewReceiver();
  RunOn(host(), [&] { server.on_open = [&](const std::string&) { return in.Accept(); }; });
  auto* out = &Open("unused", under_test().unserved_address());
  RunOn(client(), [&] {
    out->sender.reset();
    out->sender = env().network().OpenStream(address(), "hello", &client(), out);
    out->sender->Send(Lane::kUrgent, "early");
  });
  ASSERT_TRUE(RunUntil([&] { return in.log.size() == 2; }));
  EXPECT_THAT(in.log.events(), ElementsAre("accepted", "urgent:early"));
}

TEST_P(NetworkStreamContract, FinishFollowsTheLastFrame) {
  Stream stream = OpenAccepted(100, 0);
  RunOn(client(), [&] {
    for (int i = 0; i < 100; ++i) stream.out.sender->Send(Lane::kFifo, std::to_string(i));
    stream.out.sender->Send(Lane::kUrgent, "u");
    stream.out.sender->Finish();
  });
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.Has("finished"); }));
  EXPECT_EQ(stream.in.log.size(), 1 + 100 + 1 + 1);
  Destroy(stream.in);
  Destroy(stream.out);
  Settle();
  EXPECT_FALSE(stream.out.broken()) << "a stream that finished does not break";
}

TEST_P(NetworkStreamContract, AStreamMayFinishWithoutFrames) {
  Stream stream = OpenAccepted(0, 0);
  Finish(stream.out);
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.Has("finished"); }));
  EXPECT_THAT(stream.in.log.events(), ElementsAre("accepted", "finished"));
}

TEST_P(NetworkStreamContract, ASenderThatFinishedMayGo) {
  Stream stream = OpenAccepted(100, 0);
  RunOn(client(), [&] {
    for (int i = 0; i < 100; ++i) stream.out.sender->Send(Lane::kFifo, std::to_string(i));
    stream.out.sender->Finish();
    stream.out.sender.reset();
  });
  ASSERT_TRUE(RunUntil([&] { return stream.in.ended(); }));
  EXPECT_EQ(stream.in.log.events().back(), "finished");
  EXPECT_EQ(stream.in.log.size(), 1 + 100 + 1) << "frames were lost";
  Destroy(stream.in);
}

TEST_P(NetworkStreamContract, TheReceiverMayGoInsideOnFinished) {
  Stream stream = OpenAccepted(1, 0);
  RunOn(channel(), [&] { stream.in.on_end = [&in = stream.in] { in.receiver.reset(); }; });
  Send(stream.out, Lane::kFifo, "x");
  Finish(stream.out);
  ASSERT_TRUE(RunUntil([&] { return stream.in.log.Has("finished"); }));
  Settle();
  EXPECT_FALSE(stream.out.broken());
}

TEST_P(NetworkStreamContract, StreamsAreIndependent) {
  Stream first = OpenAccepted(2, 0);
  ReceiverProbe& second_in = NewReceiver();
  RunOn(host(),
        [&] { first.server.on_open = [&](const std::string&) { return second_in.Accept(); }; });
  SenderProbe& second = Open();
  ASSERT_TRUE(RunUntil([&] { return second_in.log.Has("accepted"); }));
  RunOn(client(), [&] { EXPECT_EQ(second.sender->credit(), 0) << "credit of another stream"; });
  RunOn(channel(), [&] { second_in.receiver->Grant(5); });
  AwaitCredit(second, 5);
  Destroy(first.in);
  ASSERT_TRUE(RunUntil([&] { return first.out.broken(); }));
  Send(second, Lane::kFifo, "x");
  Finish(second);
  ASSERT_TRUE(RunUntil([&] { return second_in.log.Has("finished"); }));
  EXPECT_THAT(second_in.log.events(), ElementsAre("accepted", "frame:x", "finished"));
  EXPECT_FALSE(second.broken());
}

TEST_P(NetworkStreamContract, AcceptedStreamsOutliveTheServer) {
  Stream stream = OpenAccepted(1, 1);
  Destroy(stream.server);
  Settle();
  for (const char* frame : {"a", "b", "c"}) {
    AwaitCredit(stream.out, 1);
    Send(stream.out, Lane::kFifo, frame);
  }
  Finish(stream.out);
  ASSERT_TRUE(RunUntil([&] { return stream.in.ended(); }));
  EXPECT_THAT(stream.in.log.events(),
              ElementsAre("accepted", "frame:a", "frame:b", "frame:c", "finished"));
}

TEST_P(NetworkStreamContract, DiesWhenASenderHasNoCredit) {
  Stream stream = OpenAccepted(1, 0);
  EXPECT_DEATH(RunOn(client(),
                     [&] {
                       stream.out.sender->Send(Lane::kFifo, "allowed");
                       stream.out.sender->Send(Lane::kFifo, "one too many");
                     }),
               "credit");
}

TEST_P(NetworkStreamContract, DiesWhenAFrameFollowsFinish) {
  Stream stream = OpenAccepted(1, 0);
  EXPECT_DEATH(RunOn(client(),
                     [&] {
                       stream.out.sender->Finish();
                       stream.out.sender->Send(Lane::kUrgent, "after the end");
                     }),
               "Finish");
}

}  // namespace
}  // namespace weir
