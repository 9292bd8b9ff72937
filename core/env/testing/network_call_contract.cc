// The calls of core/env/network.h.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/env/testing/network_contract.h"
#include "gmock/gmock.h"

namespace weir {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The outcomes of a call whose callee does not answer: at once where the network can tell, at its
// deadline elsewhere.
auto IsLost(const std::string& name) {
  return AnyOf(StartsWith(name + ":UNAVAILABLE: "), StartsWith(name + ":DEADLINE_EXCEEDED: "));
}

constexpr absl::Duration kShort = absl::Milliseconds(100);

TEST_P(NetworkCallContract, BringsTheRequestAndTheResponse) {
  ServerProbe& server = Serve();
  EventLog calls;
  RunOn(host(), [&] {
    server.on_call = [&](std::string_view method, std::string request, CallReply reply) {
      calls.Add(std::string(method) + "(" + request + ")");
      reply("<" + request + ">");
    };
  });
  Call(address(), "first", "DeployTask", "request");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  Call(address(), "empty", "Heartbeat", "");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 2; }));
  EXPECT_THAT(calls.events(), ElementsAre("DeployTask(request)", "Heartbeat()"));
  EXPECT_THAT(log().events(), ElementsAre("first:<request>", "empty:<>"));
}

TEST_P(NetworkCallContract, BringsAnyBytes) {
  ServerProbe& server = Serve();
  std::string bytes;
  for (int i = 0; i < (1 << 20); ++i) bytes.push_back(static_cast<char>(i * 7));
  RunOn(host(), [&] {
    server.on_call = [](std::string_view, std::string request, CallReply reply) {
      reply(std::move(request));
    };
  });
  Call(address(), "bytes", "Echo", bytes);
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_TRUE(log().Has("bytes:" + bytes)) << "the bytes changed on their way";
}

TEST_P(NetworkCallContract, BringsTheErrorOfTheHandler) {
  ServerProbe& server = Serve();
  RunOn(host(), [&] {
    server.on_call = [](std::string_view, std::string, CallReply reply) {
      reply(absl::FailedPreconditionError("no job with id 7"));
    };
  });
  Call("a");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events(), ElementsAre("a:FAILED_PRECONDITION: no job with id 7"));
}

TEST_P(NetworkCallContract, TakesTheAnswerLaterFromAnotherExecutor) {
  ServerProbe& server = Serve();
  RunOn(host(), [&] {
    server.on_call = [&](std::string_view, std::string request, CallReply reply) {
      channel().PostAfter(absl::Milliseconds(5),
                          [request, reply = std::move(reply)]() mutable { reply(request); });
    };
  });
  Call("late");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events(), ElementsAre("late:late"));
}

TEST_P(NetworkCallContract, EachCallHasItsOwnReply) {
  ServerProbe& server = Serve();
  auto held = std::make_shared<std::vector<std::pair<std::string, CallReply>>>();
  constexpr int kCalls = 50;
  RunOn(host(), [&] {
    server.on_call = [&, held](std::string_view, std::string request, CallReply reply) {
      held->emplace_back(std::move(request), std::move(reply));
      if (held->size() < kCalls) return;
      // Answered in the order opposite to that of arrival.
      for (auto it = held->rbegin(); it != held->rend(); ++it) it->second(it->first);
      held->clear();
    };
  });
  for (int i = 0; i < kCalls; ++i) Call(std::to_string(i));
  ASSERT_TRUE(RunUntil([&] { return log().size() == kCalls; }));
  for (int i = 0; i < kCalls; ++i) {
    EXPECT_EQ(log().Count(std::to_string(i) + ":" + std::to_string(i)), 1);
  }
}

TEST_P(NetworkCallContract, CallsToNobodyAreUnavailable) {
  Call(under_test().unserved_address(), "nobody", "Echo", "x");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events(), ElementsAre(StartsWith("nobody:UNAVAILABLE: ")));
}

TEST_P(NetworkCallContract, AnUnansweredCallEndsAtItsDeadline) {
  ServerProbe& server = Serve();
  EventLog calls;
  auto held = std::make_shared<std::optional<CallReply>>();
  RunOn(host(), [&] {
    server.on_call = [&, held](std::string_view, std::string, CallReply reply) {
      *held = std::move(reply);
      calls.Add("called");
    };
  });
  const absl::Duration start = env().clock().Monotonic();
  Call(address(), "slow", "Echo", "x", kShort);
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_GE(env().clock().Monotonic() - start, kShort);
  EXPECT_THAT(log().events(), ElementsAre(StartsWith("slow:DEADLINE_EXCEEDED: ")));
  ASSERT_TRUE(RunUntil([&] { return calls.Has("called"); }));
  RunOn(host(), [&] { (**held)("too late"); });
  Settle();
  EXPECT_THAT(log().events(), SizeIs(1)) << "on_reply runs once";
}

TEST_P(NetworkCallContract, ADroppedReplyLosesTheCall) {
  ServerProbe& server = Serve();
  RunOn(host(), [&] { server.on_call = [](std::string_view, std::string, CallReply) {}; });
  Call(address(), "dropped", "Echo", "x", kShort);
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events(), ElementsAre(IsLost("dropped")));
  Settle();
  EXPECT_EQ(log().size(), 1) << "on_reply runs once";
}

TEST_P(NetworkCallContract, ADestroyedHandleDropsTheReplyButNotTheCall) {
  ServerProbe& server = Serve();
  EventLog calls;
  RunOn(host(), [&] {
    server.on_call = [&](std::string_view, std::string, CallReply reply) {
      reply("answer");
      calls.Add("called");
    };
  });
  RunOn(client(), [&] {
    auto handle = env().network().Call(address(), "Echo", "x", absl::Minutes(1), &client(),
                                       [&](absl::StatusOr<std::string>) { log().Add("reply"); });
    handle.reset();
  });
  ASSERT_TRUE(RunUntil([&] { return calls.Has("called"); }));
  Settle();
  EXPECT_EQ(log().size(), 0) << "on_reply ran after the handle was destroyed";
}

TEST_P(NetworkCallContract, TheHandleMayBeDestroyedInsideOnReply) {
  ServerProbe& server = Serve();
  RunOn(host(), [&] {
    server.on_call = [](std::string_view, std::string, CallReply reply) { reply("answer"); };
  });
  RunOn(client(), [&] {
    auto handle = std::make_shared<std::unique_ptr<CallHandle>>();
    *handle = env().network().Call(address(), "Echo", "x", absl::Minutes(1), &client(),
                                   [this, handle](absl::StatusOr<std::string> response) {
                                     handle->reset();
                                     log().Add(*response);
                                   });
  });
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events(), ElementsAre("answer"));
}

TEST_P(NetworkCallContract, ADestroyedServerIsCalledNoMore) {
  ServerProbe& server = Serve();
  constexpr int kCalls = 100;
  RunOn(host(), [&] {
    server.on_call = [&](std::string_view, std::string request, CallReply reply) {
      EXPECT_NE(server.server, nullptr) << "OnCall after the Server was destroyed";
      reply(request);
    };
  });
  client().Post([this, to = address()] {
    for (int i = 0; i < kCalls; ++i) {
      const std::string name = std::to_string(i);
      auto handle = std::make_shared<std::unique_ptr<CallHandle>>();
      *handle = env().network().Call(to, "Echo", name, absl::Seconds(1), &client(),
                                     [this, name, handle](absl::StatusOr<std::string> response) {
                                       log().Add(name + ":" + (response.ok() ? *response : "lost"));
                                     });
    }
  });
  Destroy(server);
  ASSERT_TRUE(RunUntil([&] { return log().size() == kCalls; })) << "every call has an outcome";
  for (int i = 0; i < kCalls; ++i) {
    const std::string name = std::to_string(i);
    EXPECT_EQ(log().Count(name + ":" + name) + log().Count(name + ":lost"), 1);
  }
  Call("afterwards");
  ASSERT_TRUE(RunUntil([&] { return log().size() == kCalls + 1; }));
  EXPECT_THAT(log().events().back(), StartsWith("afterwards:UNAVAILABLE: "));
}

TEST_P(NetworkCallContract, TheServerMayBeDestroyedInsideOnCall) {
  ServerProbe& server = Serve();
  RunOn(host(), [&] {
    server.on_call = [&](std::string_view, std::string, CallReply reply) {
      server.server.reset();
      reply("goodbye");
    };
  });
  Call(address(), "a", "Echo", "a", kShort);
  Call(address(), "b", "Echo", "b", kShort);
  ASSERT_TRUE(RunUntil([&] { return log().size() == 2; }));
  EXPECT_LE(log().Count("a:goodbye") + log().Count("b:goodbye"), 1);
}

TEST_P(NetworkCallContract, AReplyMayOutliveItsServer) {
  ServerProbe& server = Serve();
  EventLog calls;
  auto held = std::make_shared<std::optional<CallReply>>();
  RunOn(host(), [&] {
    server.on_call = [&, held](std::string_view, std::string, CallReply reply) {
      *held = std::move(reply);
      calls.Add("called");
    };
  });
  Call(address(), "a", "Echo", "a", absl::Seconds(1));
  ASSERT_TRUE(RunUntil([&] { return calls.Has("called"); }));
  Destroy(server);
  RunOn(host(), [&] {
    (**held)("answer");
    held->reset();
  });
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events(), ElementsAre(AnyOf(IsLost("a"), "a:answer")));
}

TEST_P(NetworkCallContract, AnAddressHasOneServer) {
  ServerProbe& first = Serve();
  const Address taken = address();
  ServerProbe second(&host());
  RunOn(host(), [&] {
    auto refused = peer().network().Serve(taken, &host(), &second);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists) << refused.status();
    EXPECT_EQ(first.server->address(), taken);
  });
  Destroy(first);
  ServerProbe& again = Serve(taken);
  RunOn(host(), [&] {
    again.on_call = [](std::string_view, std::string, CallReply reply) { reply("again"); };
  });
  Call(taken, "a", "Echo", "x");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events(), ElementsAre("a:again"));
}

// The process of the caller dies: its executors are shut down first, everything else is destroyed
// after.
TEST_P(NetworkCallContract, NothingRunsOnACallerThatWasShutDown) {
  ServerProbe& server = Serve();
  EventLog calls;
  auto held = std::make_shared<std::vector<CallReply>>();
  RunOn(host(), [&] {
    server.on_call = [&, held](std::string_view, std::string, CallReply reply) {
      held->push_back(std::move(reply));
      calls.Add("called");
    };
  });
  for (const char* name : {"answered", "dropped"}) Call(name);
  ASSERT_TRUE(RunUntil([&] { return calls.size() == 2; }));
  client().Shutdown();
  RunOn(host(), [&] {
    held->front()("answer");
    held->clear();
  });
  Settle();
  EXPECT_EQ(log().size(), 0);
}

TEST_P(NetworkCallContract, CallsToAServerThatWasShutDownAreLost) {
  ServerProbe& server = Serve();
  RunOn(host(), [&] { server.on_call = [](std::string_view, std::string, CallReply) {}; });
  host().Shutdown();
  Call(address(), "a", "Echo", "a", kShort);
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events(), ElementsAre(IsLost("a")));
}

}  // namespace
}  // namespace weir
