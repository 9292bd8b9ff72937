#include "connectors/file/file_split.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

FileSplit Example() {
  return {.path = "/var/log/dpkg.log",
          .container = 3,
          .begin = 100,
          .end = 200,
          .compression = FileCompression::kNone,
          .file_size_bytes = 250,
          .modified_unix_nanos = 1'700'000'000'000'000'001};
}

TEST(FileSplit, SurvivesEncoding) {
  const auto decoded = DecodeFileSplit(EncodeFileSplit(Example()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Example());

  FileSplit gzip = Example();
  gzip.begin = 0;
  gzip.end = kFileSplitEndUnknown;
  gzip.compression = FileCompression::kGzip;
  EXPECT_EQ(*DecodeFileSplit(EncodeFileSplit(gzip)), gzip);
}

TEST(FileSplit, EveryTruncationIsAnError) {
  const std::string payload = EncodeFileSplit(Example());
  for (size_t size = 0; size < payload.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeFileSplit(payload.substr(0, size)).status())) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeFileSplit(payload + "x").status()));
}

TEST(FileSplit, RefusesWhatCannotBe) {
  std::string other_version = EncodeFileSplit(Example());
  other_version[0] = 9;
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeFileSplit(other_version).status()));

  FileSplit split = Example();
  split.begin = 201;
  EXPECT_FALSE(DecodeFileSplit(EncodeFileSplit(split)).ok());
  split = Example();
  split.end = 251;
  EXPECT_FALSE(DecodeFileSplit(EncodeFileSplit(split)).ok());
  split = Example();
  split.container = -1;
  EXPECT_FALSE(DecodeFileSplit(EncodeFileSplit(split)).ok());
  split = Example();
  split.compression = FileCompression::kZstd;  // A part of a compressed file.
  EXPECT_FALSE(DecodeFileSplit(EncodeFileSplit(split)).ok());
  split.compression = static_cast<FileCompression>(7);
  EXPECT_FALSE(DecodeFileSplit(EncodeFileSplit(split)).ok());
}

TEST(FileCompression, IsFoundByContent) {
  EXPECT_EQ(DetectCompression(""), FileCompression::kNone);
  EXPECT_EQ(DetectCompression("2026"), FileCompression::kNone);
  EXPECT_EQ(DetectCompression("\x1f"), FileCompression::kNone);
  EXPECT_EQ(DetectCompression("\x1f\x8b\x08"), FileCompression::kGzip);
  EXPECT_EQ(DetectCompression("\x28\xb5\x2f\xfd"), FileCompression::kZstd);
  EXPECT_EQ(DetectCompression("\x5e\x2a\x4d\x18"), FileCompression::kZstd);
  EXPECT_EQ(DetectCompression("P*M?"), FileCompression::kNone);
}

}  // namespace
}  // namespace weir
