#include "transport/grpc/wire.h"

#include <string>
#include <vector>

#include "core/base/byte_pieces.h"
#include "core/testing/cut_bytes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir::remote {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(WireTest, BringsRequests) {
  for (const std::string& body :
       {std::string(), std::string("a\0b", 3), std::string(100'000, 'x')}) {
    const absl::StatusOr<Request> request = ParseRequest(EncodeRequestHead("DeployTask") + body);
    ASSERT_TRUE(request.ok()) << request.status();
    EXPECT_EQ(request->method, "DeployTask");
    EXPECT_EQ(request->body, body);
  }
}

TEST(WireTest, BringsEveryStatusOfAnAnswer) {
  const std::string message("gap at 7 \xff\0 end", 15);
  for (int code = 1; code <= 16; ++code) {
    const auto status_code = static_cast<absl::StatusCode>(code);
    const absl::StatusOr<Response> response =
        ParseResponse(EncodeResponseHead(status_code) + message);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->outcome.status().code(), status_code);
    EXPECT_EQ(Message(response->outcome.status()), message);
    const absl::StatusOr<ReceiverMessage> end =
        ParseReceiverRecord(EncodeEnd(absl::Status(status_code, message)));
    ASSERT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(end->granted, 0);
    EXPECT_EQ(end->why.code(), status_code);
    EXPECT_EQ(Message(end->why), message);
  }
  const absl::StatusOr<Response> fine =
      ParseResponse(EncodeResponseHead(absl::StatusCode::kOk) + "answer");
  ASSERT_TRUE(fine.ok() && fine->outcome.ok());
  EXPECT_EQ(*fine->outcome, "answer");
}

TEST(WireTest, RefusesAnotherProtocolByName) {
  std::string request = EncodeRequestHead("Heartbeat");
  request[4] = 3;
  request[6] = 4;
  const absl::Status refused = ParseRequest(request).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(refused), HasSubstr("speaks protocol 3 to 4, this one 1 to 1"));
  std::string hello = EncodeHelloHead();
  hello[4] = 0;
  hello[6] = 9;  // 0 to 9 holds ours.
  EXPECT_TRUE(ParseHelloMessage(hello).ok());
  hello[4] = 10;  // Empty.
  EXPECT_EQ(ParseHelloMessage(hello).status().code(), absl::StatusCode::kDataLoss);
}

TEST(WireTest, RefusesWhatIsCutShort) {
  const std::string request = EncodeRequestHead("Heartbeat");
  for (size_t size = 0; size < request.size(); ++size) {
    EXPECT_FALSE(ParseRequest(request.substr(0, size)).ok()) << size;
  }
  const std::string response = EncodeResponseHead(absl::StatusCode::kAborted);
  for (size_t size = 0; size < response.size(); ++size) {
    EXPECT_FALSE(ParseResponse(response.substr(0, size)).ok()) << size;
  }
  const std::string hello = EncodeHelloHead();
  for (size_t size = 0; size < hello.size(); ++size) {
    EXPECT_FALSE(ParseHelloMessage(hello.substr(0, size)).ok()) << size;
  }
  EXPECT_THAT(Message(ParseRequest("GET / HTTP/1.1").status()), HasSubstr("no Weir process"));
}

TEST(WireTest, RefusesUnknownStatusCodes) {
  for (const uint32_t code : {17u, 255u, 0x80000000u}) {
    const auto status_code = static_cast<absl::StatusCode>(code);
    EXPECT_EQ(ParseResponse(EncodeResponseHead(status_code)).status().code(),
              absl::StatusCode::kDataLoss);
  }
  const std::string ok_end = std::string(4, '\0') + static_cast<char>(ReceiverRecord::kEnd);
  EXPECT_EQ(ParseReceiverRecord(ok_end).status().code(), absl::StatusCode::kDataLoss)
      << "an end says why";
}

TEST(WireTest, TakesTheKindOffTheEndOfARecord) {
  BytePieces frame = "rows\x01";
  EXPECT_EQ(*TakeSenderRecordKind(frame), SenderRecord::kFifoFrame);
  EXPECT_EQ(frame.ToString(), "rows");
  BytePieces urgent = "\x02";
  EXPECT_EQ(*TakeSenderRecordKind(urgent), SenderRecord::kUrgentFrame);
  EXPECT_TRUE(urgent.empty());
  BytePieces finish = "\x03";
  EXPECT_EQ(*TakeSenderRecordKind(finish), SenderRecord::kFinish);
  for (const char* const text : {"", "x\x03", "\x04", "x\x05", "x\x41"}) {
    BytePieces bad = text;
    EXPECT_EQ(TakeSenderRecordKind(bad).status().code(), absl::StatusCode::kDataLoss) << text;
  }
}

TEST(WireTest, BringsSeveralFramesInOneRecord) {
  const std::vector<std::string> sent = {"a", "", std::string("\0b", 2), std::string(1000, 'c')};
  std::string record;
  for (const std::string& frame : sent) AppendFrame(frame, record);
  record.push_back('\x04');
  std::vector<std::string> got;
  BytePieces left = record;
  EXPECT_EQ(*TakeSenderRecordKind(left), SenderRecord::kFifoFrames);
  while (!left.empty()) got.push_back(TakeFrame(left)->ToString());
  EXPECT_EQ(got, sent);
  left = BytePieces(record).Prefix(record.size() - 2);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(TakeFrame(left).ok());
  EXPECT_EQ(TakeFrame(left).status().code(), absl::StatusCode::kDataLoss);
  left = "abc";
  EXPECT_EQ(TakeFrame(left).status().code(), absl::StatusCode::kDataLoss);
}

TEST(WireTest, CutsRecordsThatComeInPieces) {
  const std::vector<std::string> sent = {"a", "", "bcd"};
  std::string record;
  for (const std::string& frame : sent) AppendFrame(frame, record);
  record.push_back('\x04');
  for (size_t first = 0; first <= record.size(); ++first) {
    for (size_t second = first; second <= record.size(); ++second) {
      const CutBytes cut(record, {first, second});
      BytePieces left = cut.pieces();
      ASSERT_EQ(*TakeSenderRecordKind(left), SenderRecord::kFifoFrames);
      std::vector<std::string> got;
      while (!left.empty()) got.push_back(TakeFrame(left)->ToString());
      ASSERT_EQ(got, sent) << first << " " << second;
      left = cut.pieces().Prefix(record.size() - 2);
      ASSERT_TRUE(TakeFrame(left).ok() && TakeFrame(left).ok());
      ASSERT_FALSE(TakeFrame(left).ok());
    }
  }
  std::string copied;
  AppendFrame(CutBytes("bcd", {1, 2}).pieces(), copied);
  EXPECT_EQ(copied, std::string("\x03\0\0\0bcd", 7));
}

TEST(WireTest, RefusesAbsurdGrants) {
  for (const int64_t frames : {int64_t{1}, int64_t{8}, kGrantMax}) {
    EXPECT_EQ(ParseReceiverRecord(EncodeGrant(frames))->granted, frames);
  }
  std::string grant = EncodeGrant(1);
  grant[0] = 0;  // None.
  EXPECT_THAT(Message(ParseReceiverRecord(grant).status()), HasSubstr("a grant of 0 frames"));
  grant[7] = '\x80';  // Negative.
  EXPECT_THAT(Message(ParseReceiverRecord(grant).status()), HasSubstr("a grant of -"));
  grant[7] = '\x7f';
  EXPECT_FALSE(ParseReceiverRecord(grant).ok());
  EXPECT_FALSE(ParseReceiverRecord(grant.substr(1)).ok());
  EXPECT_FALSE(ParseReceiverRecord("x" + EncodeGrant(1)).ok());
  EXPECT_FALSE(ParseReceiverRecord("").ok());
}

}  // namespace
}  // namespace weir::remote
