#include "connectors/file/decompressor.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "connectors/file/compress_for_test.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

struct Outcome {
  std::string text;
  absl::Status status;
  bool complete = false;
};

// Input in pieces, output in blocks.
Outcome Unpack(FileCompression compression, std::string_view input, size_t piece, size_t block) {
  const auto decompressor = NewDecompressor(compression);
  Outcome outcome;
  std::string_view in_hand;
  while (true) {
    if (in_hand.empty()) {
      in_hand = input.substr(0, piece);
      input.remove_prefix(in_hand.size());
    }
    std::string output;
    outcome.status = decompressor->Decompress(in_hand, block, output);
    EXPECT_LE(output.size(), block);
    outcome.text += output;
    if (!outcome.status.ok()) return outcome;
    if (input.empty() && in_hand.empty() && output.size() < block) break;
  }
  outcome.complete = decompressor->complete();
  return outcome;
}

std::string Numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

class DecompressorTest : public testing::TestWithParam<FileCompression> {
 protected:
  static std::string Compress(std::string_view text) {
    return GetParam() == FileCompression::kGzip ? Gzip(text) : Zstd(text);
  }
  static Outcome Unpack(std::string_view input, size_t piece, size_t block) {
    return weir::Unpack(GetParam(), input, piece, block);
  }
};

TEST_P(DecompressorTest, AnyPiecesGiveTheSameText) {
  const std::string text = Numbers(300);
  const std::string input = Compress(text);
  for (const size_t piece : {size_t{1}, size_t{100}, size_t{1} << 20}) {
    for (const size_t block : {size_t{1}, size_t{777}, text.size(), size_t{1} << 16}) {
      const Outcome outcome = Unpack(input, piece, block);
      EXPECT_TRUE(outcome.status.ok()) << outcome.status;
      EXPECT_TRUE(outcome.complete);
      EXPECT_TRUE(outcome.text == text) << piece << " " << block;
    }
  }
}

TEST_P(DecompressorTest, PartsBackToBackAreOneText) {
  const std::string input =
      Compress("one\n") + Compress("") + Compress("two\nthr") + Compress("ee");
  for (const size_t piece : {1, 5, 1000}) {
    const Outcome outcome = Unpack(input, piece, 4);
    EXPECT_TRUE(outcome.complete);
    EXPECT_EQ(outcome.text, "one\ntwo\nthree");
  }
}

TEST_P(DecompressorTest, EmptyTextIsComplete) {
  const Outcome outcome = Unpack(Compress(""), 3, 10);
  EXPECT_TRUE(outcome.complete);
  EXPECT_EQ(outcome.text, "");
}

TEST_P(DecompressorTest, NoTruncationIsTakenForTheEnd) {
  const std::string input = Compress("some lines\nof text\n");
  for (size_t size = 1; size < input.size(); ++size) {
    const Outcome outcome = Unpack(std::string_view(input).substr(0, size), 7, 100);
    EXPECT_FALSE(outcome.status.ok() && outcome.complete) << size;
  }
}

TEST_P(DecompressorTest, DamageIsDataLoss) {
  std::string input = Compress(Numbers(3000));
  for (size_t i = input.size() / 2; i < input.size() / 2 + 64; ++i) input[i] = 'x';
  const Outcome outcome = Unpack(input, 1000, 1000);
  EXPECT_TRUE(absl::IsDataLoss(outcome.status) || !outcome.complete) << outcome.status;
  EXPECT_TRUE(absl::IsDataLoss(Unpack(Compress("a\n") + "trailing", 1000, 1000).status));
}

INSTANTIATE_TEST_SUITE_P(Formats, DecompressorTest,
                         testing::Values(FileCompression::kGzip, FileCompression::kZstd));

TEST(GzipDecompressor, IgnoresPaddingWithZeros) {
  const std::string padding(1000, '\0');
  const Outcome outcome = Unpack(FileCompression::kGzip, Gzip("a\n") + padding, 10, 100);
  EXPECT_TRUE(outcome.complete);
  EXPECT_EQ(outcome.text, "a\n");
}

TEST(ZstdDecompressor, RefusesFramesOfOldFormatsHoweverTheyAreCut) {
  const std::string_view old_frame = "\x27\xb5\x2f\xfd\x64\x8b\x08";
  for (const std::string& before : {std::string(), Zstd("a\n")}) {
    for (const size_t piece : {1, 3, 4, 1000}) {
      const absl::Status status =
          Unpack(FileCompression::kZstd, before + std::string(old_frame), piece, 100).status;
      EXPECT_TRUE(absl::IsDataLoss(status)) << piece << " " << status;
    }
  }
}

TEST(ZstdDecompressor, SkipsSkippableFrames) {
  const std::string frame("\x50\x2a\x4d\x18\x04\0\0\0abcd", 12);
  const Outcome outcome = Unpack(FileCompression::kZstd, frame + Zstd("a\n") + frame, 5, 100);
  EXPECT_TRUE(outcome.complete) << outcome.status;
  EXPECT_EQ(outcome.text, "a\n");
}

}  // namespace
}  // namespace weir
