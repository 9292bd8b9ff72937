#include "cli/run_record.h"

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "core/base/hash.h"
#include "gtest/gtest.h"

namespace weir::cli {
namespace {

RunRecord Sample() {
  RunRecord record;
  record.run_id = "word_count-00ff-1";
  record.job = "word_count";
  record.arguments = {{"input", "/a=b,/c\nd"}, {"top", "\xff"}};
  record.state = RunState::kFinished;
  record.pid = 4711;
  record.started = "2026-05-20 10:11:12";
  record.starts = 3;
  record.fresh = true;
  record.checkpoints = "/state/word_count-00ff/checkpoints-1";
  record.restore = "/elsewhere";
  record.results = {"/out", "/ou\tt"};
  record.summary = "word_count FINISHED\n  read  1 row\n\n  rank: 1\n";
  return record;
}

TEST(RunRecordTest, ComesBackAsItWas) {
  const RunRecord record = Sample();
  const absl::StatusOr<RunRecord> parsed = ParseRunRecord(FormatRunRecord(record), "/run");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, record);
}

TEST(RunRecordTest, IsReadable) {
  const std::string text = FormatRunRecord(Sample());
  EXPECT_NE(text.find("\njob: word_count\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nstate: finished\npid: 4711\n"), std::string::npos) << text;
}

TEST(RunRecordTest, EveryTruncationAndEveryChangeIsSeen) {
  const std::string text = FormatRunRecord(Sample());
  for (size_t size = 0; size < text.size(); ++size) {
    const absl::Status status = ParseRunRecord(text.substr(0, size), "/state/run").status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << size;
    EXPECT_NE(status.message().find("/state/run"), std::string::npos);
  }
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] ^= 1;
    EXPECT_FALSE(ParseRunRecord(changed, "/run").ok()) << i;
  }
}

TEST(RunRecordTest, AResultWithoutAPathIsDamage) {
  std::string body = FormatRunRecord(Sample());
  body.resize(body.rfind("checksum: "));
  body += "result: \n";
  const std::string checksum = absl::StrFormat("checksum: %016x\n", StableHash64(body));
  EXPECT_TRUE(absl::IsDataLoss(ParseRunRecord(body + checksum, "/run").status()));
}

}  // namespace
}  // namespace weir::cli
