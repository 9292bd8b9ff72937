// What a GrpcNetwork makes of peers that are no Weir processes, or Weir processes gone mad: an error
// that says so, and everybody else is served as before.
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/env/testing/network_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/grpc/byte_proxy.h"
#include "tests/grpc/grpc_env_under_test.h"
#include "tests/grpc/raw_grpc.h"
#include "transport/grpc/wire.h"

namespace weir {

// Only the fixture is wanted here.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkCallContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkStreamContract);

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr size_t kMessageBytesMax = 1 << 20;

std::string Record(std::string payload, remote::SenderRecord kind) {
  return payload + static_cast<char>(kind);
}

class Malformed : public NetworkContract {
 protected:
  // The server echoes, accepts streams with a receiver that grants 2, and has a stream of its own
  // kind open that must live through the test.
  void SetUp() override {
    NetworkContract::SetUp();
    server_ = &Serve();
    good_in_ = &NewReceiver();
    bad_in_ = &NewReceiver();
    RunOn(host(), [&] {
      server_->on_call = [](std::string_view, std::string request, CallReply reply) {
        reply(std::move(request));
      };
      server_->on_open = [&](const std::string& hello) {
        ReceiverProbe& in = hello == "good" ? *good_in_ : *bad_in_;
        in.grant_at_accept = 2;
        return in.Accept();
      };
    });
    good_out_ = &Open("good");
    AwaitCredit(*good_out_, 2);
    raw_ = std::make_unique<RawClient>(address());
  }

  void TearDown() override {
    // The good are served all the while.
    Call("still served");
    Send(*good_out_, Lane::kFifo, "still here");
    EXPECT_TRUE(RunUntil([&] { return good_in_->log.Has("frame:still here"); }));
    EXPECT_TRUE(RunUntil([&] { return log().Has("still served:still served"); }));
    raw_.reset();
    NetworkContract::TearDown();
  }

  // What an answer to `request` says.
  absl::Status AnswerTo(const std::string& request) {
    std::string answer;
    const ::grpc::Status status = raw_->Call(remote::kCallPath, request, &answer);
    EXPECT_TRUE(status.ok()) << status.error_message();
    const absl::StatusOr<remote::Response> response = remote::ParseResponse(answer);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->outcome.status() : response.status();
  }

  // Opens a stream with `hello`, sends `records` and returns why it ended.
  absl::Status EndOf(const std::string& hello, const std::vector<std::string>& records) {
    raw_->Open(remote::kStreamPath);
    raw_->Write(hello);
    for (const std::string& record : records) raw_->Write(record);
    while (const std::optional<std::string> message = raw_->Read()) {
      absl::StatusOr<remote::ReceiverMessage> parsed = remote::ParseReceiverRecord(*message);
      EXPECT_TRUE(parsed.ok()) << parsed.status();
      if (!parsed.ok() || parsed->granted > 0) continue;
      EXPECT_TRUE(raw_->Finish().ok());
      return parsed->why;
    }
    return absl::UnknownError(raw_->Finish().error_message());
  }

  ServerProbe* server_ = nullptr;
  ReceiverProbe* good_in_ = nullptr;
  ReceiverProbe* bad_in_ = nullptr;
  SenderProbe* good_out_ = nullptr;
  std::unique_ptr<RawClient> raw_;
};

TEST_P(Malformed, BytesThatAreNoGrpcCloseTheirConnection) {
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: weir\r\n\r\n"), std::string(1000, '\0'),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string(100, '\xff'),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(600, 'x')}) {
    const int fd = ConnectTo(address());
    ASSERT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    char buffer[4096];
    ssize_t size;
    do {
      size = ::recv(fd, buffer, sizeof(buffer), 0);
    } while (size > 0);
    ::close(fd);
  }
  // Gone before a word was said.
  ::close(ConnectTo(address()));
}

TEST_P(Malformed, HealthIsOfTheWholeProcess) {
  const std::string path = "/grpc.health.v1.Health/Check";
  for (const std::string& of_all : {std::string(), std::string("\x0a\x00", 2)}) {
    std::string answer;
    ASSERT_TRUE(raw_->Call(path, of_all, &answer).ok());
    EXPECT_EQ(answer, "\x08\x01");
  }
  for (const std::string& other : {std::string("\x0a\x01x"), std::string("\xff\xff\xff")}) {
    std::string answer;
    EXPECT_EQ(raw_->Call(path, other, &answer).error_code(), ::grpc::StatusCode::NOT_FOUND);
  }
}

TEST_P(Malformed, UnknownMethodsAreUnimplemented) {
  for (const std::string path :
       {"/", "/weir.Network/Nothing", "/weir.Network/Call/", "/grpc.health.v1.Health/Watch"}) {
    std::string answer;
    const ::grpc::Status status = raw_->Call(path, "x", &answer);
    EXPECT_EQ(status.error_code(), ::grpc::StatusCode::UNIMPLEMENTED) << path;
    EXPECT_THAT(status.error_message(), HasSubstr("has no method"));
  }
}

TEST_P(Malformed, RequestsWithoutMagicOrOfAnotherProtocolAreRefused) {
  for (const std::string& request : {std::string(), std::string("x"), std::string(100'000, 'x'),
                                     remote::EncodeRequestHead("Echo").substr(0, 10)}) {
    EXPECT_EQ(AnswerTo(request).code(), absl::StatusCode::kDataLoss);
  }
  std::string other = remote::EncodeRequestHead("Echo");
  other[4] = 3;
  other[6] = 4;
  const absl::Status refused = AnswerTo(other);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("speaks protocol 3 to 4, this one 1 to 1"));
}

TEST_P(Malformed, HellosWithoutMagicOrOfAnotherProtocolAreRefused) {
  EXPECT_EQ(EndOf("garbage", {}).code(), absl::StatusCode::kDataLoss);
  std::string other = remote::EncodeHelloHead();
  other[4] = 2;
  other[6] = 2;
  EXPECT_EQ(EndOf(other, {}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(Malformed, AFrameWithoutCreditEndsItsStream) {
  const std::string frame = Record("frame", remote::SenderRecord::kFifoFrame);
  const absl::Status end =
      EndOf(remote::EncodeHelloHead() + "bad", {frame, frame, frame, frame, frame});
  EXPECT_EQ(end.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(end.message()), HasSubstr("a frame without credit"));
  ASSERT_TRUE(RunUntil([&] { return bad_in_->ended(); }));
  EXPECT_THAT(bad_in_->log.events().back(),
              AllOf(StartsWith("broken:DATA_LOSS: "), HasSubstr("a frame without credit")));
}

TEST_P(Malformed, RecordsThatAreNoneEndTheirStream) {
  for (const std::string& record :
       {std::string(), std::string("x\x09"), std::string(100'000, 'x'),
        Record("with bytes", remote::SenderRecord::kFinish), std::string("\x41")}) {
    EXPECT_EQ(EndOf(remote::EncodeHelloHead() + "bad", {record}).code(),
              absl::StatusCode::kDataLoss);
    ASSERT_TRUE(RunUntil([&] { return bad_in_->ended(); }));
    RunOn(host(), [&] { bad_in_ = &NewReceiver(); });
  }
}

TEST_P(Malformed, AFloodOfUrgentFramesEndsItsStream) {
  // Nobody takes them.
  auto unblocked = std::make_shared<std::atomic<bool>>(false);
  channel().Post([unblocked] {
    while (!unblocked->load()) std::this_thread::yield();
  });
  const std::vector<std::string> flood(20'000, Record("", remote::SenderRecord::kUrgentFrame));
  const absl::Status end = EndOf(remote::EncodeHelloHead() + "bad", flood);
  unblocked->store(true);
  EXPECT_EQ(end.code(), absl::StatusCode::kResourceExhausted) << end;
}

TEST_P(Malformed, AnswersThatAreNoneAreDataLoss) {
  RawServer server({"garbage"}, ::grpc::Status::OK);
  Call(server.address(), "garbage", "Echo", "x");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events().back(),
              AllOf(StartsWith("garbage:DATA_LOSS: "), HasSubstr(server.address())));
}

TEST_P(Malformed, AnAnswerOfAnotherProtocolNamesBoth) {
  std::string answer = remote::EncodeResponseHead(absl::StatusCode::kFailedPrecondition) + "why";
  answer[4] = 5;
  answer[6] = 6;
  RawServer server({answer}, ::grpc::Status::OK);
  Call(server.address(), "other", "Echo", "x");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events().back(), AllOf(StartsWith("other:FAILED_PRECONDITION: "),
                                           HasSubstr("protocol 5 to 6, this one 1 to 1")));
}

TEST_P(Malformed, AnotherProgramAtTheAddressIsUnavailable) {
  for (const auto code : {::grpc::StatusCode::UNIMPLEMENTED, ::grpc::StatusCode::INTERNAL}) {
    RawServer server({}, ::grpc::Status(code, "no such method"));
    const int before = log().size();
    Call(server.address(), "call", "Echo", "x");
    ASSERT_TRUE(RunUntil([&] { return log().size() > before; }));
    EXPECT_THAT(log().events().back(), StartsWith("call:UNAVAILABLE: "));
  }
  RawServer server({}, ::grpc::Status(::grpc::StatusCode::UNIMPLEMENTED, "no such method"));
  SenderProbe& out = Open("hello", server.address());
  ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
  EXPECT_THAT(out.log.events().back(),
              AllOf(StartsWith("broken:UNAVAILABLE: "), HasSubstr("no Weir process")));
}

TEST_P(Malformed, AbsurdGrantsBreakTheStream) {
  std::string negative = remote::EncodeGrant(1);
  negative[7] = '\x80';
  for (const std::string& record : {negative, std::string("\x41"), std::string(),
                                    std::string("\x01"), std::string("\0\0\0\0\x42", 5)}) {
    RawServer server({remote::EncodeGrant(3), record}, ::grpc::Status::OK);
    SenderProbe& out = Open("hello", server.address());
    ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
    EXPECT_THAT(out.log.events().back(),
                AllOf(StartsWith("broken:DATA_LOSS: "), HasSubstr(server.address())));
  }
}

TEST_P(Malformed, AStreamThatEndsWithoutAWordIsUnavailable) {
  RawServer server({remote::EncodeGrant(3)}, ::grpc::Status::OK);
  SenderProbe& out = Open("hello", server.address());
  ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
  EXPECT_THAT(out.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
}

// --- Sizes.

TEST_P(Malformed, WhatIsTooLargeIsRefusedWhereItWouldBeSent) {
  Call(address(), "request", "Echo", std::string(kMessageBytesMax + 1, 'x'));
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_THAT(log().events().back(), AllOf(StartsWith("request:RESOURCE_EXHAUSTED: "),
                                           HasSubstr("1048577 bytes"), HasSubstr("1048576")));
  RunOn(host(), [&] {
    server_->on_call = [](std::string_view, std::string, CallReply reply) {
      reply(std::string(kMessageBytesMax + 1, 'x'));
    };
  });
  Call(address(), "response", "Echo", "x");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 2; }));
  EXPECT_THAT(log().events().back(), AllOf(StartsWith("response:RESOURCE_EXHAUSTED: "),
                                           HasSubstr("1048577 bytes"), HasSubstr("1048576")));
  RunOn(host(), [&] {
    server_->on_call = [](std::string_view, std::string request, CallReply reply) {
      reply(std::move(request));
    };
  });
  // The largest that is allowed goes through.
  Call(address(), "fits", "Echo", std::string(kMessageBytesMax, 'x'));
  ASSERT_TRUE(RunUntil([&] { return log().size() == 3; }));
  EXPECT_TRUE(log().Has("fits:" + std::string(kMessageBytesMax, 'x')));
}

TEST_P(Malformed, AFrameThatIsTooLargeBreaksItsStream) {
  SenderProbe& out = Open("bad");
  AwaitCredit(out, 2);
  Send(out, Lane::kFifo, std::string(kMessageBytesMax, 'x'));
  ASSERT_TRUE(RunUntil([&] { return bad_in_->log.size() == 2; })) << "the largest that is allowed";
  Send(out, Lane::kFifo, std::string(kMessageBytesMax + 1, 'x'));
  ASSERT_TRUE(RunUntil([&] { return out.broken() && bad_in_->ended(); }));
  EXPECT_THAT(out.log.events().back(), AllOf(StartsWith("broken:RESOURCE_EXHAUSTED: "),
                                             HasSubstr("1048577 bytes"), HasSubstr("1048576")));
}

TEST_P(Malformed, TheReceiverRefusesWhatIsTooLargeForIt) {
  std::string answer;
  const ::grpc::Status status = raw_->Call(
      remote::kCallPath, remote::EncodeRequestHead("Echo") + std::string(8 << 20, 'x'), &answer);
  EXPECT_EQ(status.error_code(), ::grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("larger than max"));
  raw_->Open(remote::kStreamPath);
  raw_->Write(remote::EncodeHelloHead() + "bad");
  raw_->Write(std::string(8 << 20, 'x'));
  while (raw_->Read()) {
  }
  EXPECT_FALSE(raw_->Finish().ok());
}

// --- What errors say arrives as it was said.

TEST_P(Malformed, MessagesOfErrorsMayHoldAnyBytes) {
  std::string message("not UTF-8: \xff\xfe, a zero: \0, lines\r\n", 34);
  message += std::string(100'000, '%');
  RunOn(host(), [&] {
    server_->on_call = [&](std::string_view, std::string, CallReply reply) {
      reply(absl::NotFoundError(message));
    };
  });
  Call(address(), "error", "Echo", "x");
  ASSERT_TRUE(RunUntil([&] { return log().size() == 1; }));
  EXPECT_TRUE(log().Has("error:NOT_FOUND: " + message));
  SenderProbe& out = Open("bad");
  AwaitCredit(out, 2);
  RunOn(channel(), [&] { bad_in_->receiver->Reject(absl::DataLossError(message)); });
  ASSERT_TRUE(RunUntil([&] { return out.broken(); }));
  EXPECT_TRUE(out.log.Has("broken:DATA_LOSS: " + message));
  RunOn(host(), [&] {
    server_->on_call = [](std::string_view, std::string request, CallReply reply) {
      reply(std::move(request));
    };
  });
}

EnvFactory WithLowLimits() {
  return {"loopback", [] {
            GrpcNetworkOptions options;
            options.message_bytes_max = kMessageBytesMax;
            return std::make_unique<GrpcEnvUnderTest>(options);
          }};
}

INSTANTIATE_TEST_SUITE_P(Grpc, Malformed, testing::Values(WithLowLimits()), EnvFactoryName);

}  // namespace
}  // namespace weir
