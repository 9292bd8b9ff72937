#include "connectors/file/file_source.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "connectors/file/compress_for_test.h"
#include "connectors/file/files_for_test.h"
#include "core/testing/env_factories.h"
#include "core/testing/verify_connector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::HasSubstr;

// The lines of `text` as records of file `container`, in the plainest words.
std::vector<SourceRecord> LinesOf(std::string_view text, int container = 0) {
  std::vector<SourceRecord> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({{container, static_cast<int64_t>(start)}, std::string(line)});
    start = end + 1;
  }
  return lines;
}

std::string Numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i * 7919) + (i % 5 == 0 ? "\r\n" : "\n");
  return text;
}

class FileSourceTest : public FilesForTest {
 protected:
  using MakeSource = std::function<std::unique_ptr<Source<std::string_view>>()>;

  static MakeSource Make(std::vector<std::string> paths, FileSourceOptions options) {
    return [paths, options] {
      return std::make_unique<FileSource>(FileSource::Lines(paths, options));
    };
  }

  // Whatever the sizes of splits, blocks and chunks.
  void Verify(const std::vector<std::string>& paths, const std::vector<SourceRecord>& expected) {
    VerifySource<std::string_view>(
        under_test(),
        {.variants = {Make(paths, {}), Make(paths, {.split_bytes_max = 5, .block_bytes = 3}),
                      Make(paths,
                           {.split_bytes_max = 64, .block_bytes = 16, .lines_per_chunk_max = 1}),
                      Make(paths, {.split_bytes_max = 13, .block_bytes = 1000}),
                      Make(paths, {.split_bytes_max = 40, .rows_per_second = 20'000})},
         .expected = expected});
  }
  void Verify(const std::string& path, std::string_view text) { Verify({path}, LinesOf(text)); }

  absl::Status DiscoveryError(std::vector<std::string> paths) {
    absl::Status status;
    RunOnIo(under_test(), [&] {
      const auto enumerator = FileSource::Lines(paths).NewEnumerator();
      status = enumerator->DiscoverSplits(env(), 2).status();
    });
    return status;
  }

  // Reads with one reader until an error or the end; `before_reading` comes after the listing.
  absl::Status ReadingError(
      const std::string& path, FileSourceOptions options = {},
      const std::function<void()>& before_reading = [] {}) {
    const FileSource source = FileSource::Lines(path, options);
    std::vector<SourceSplit> splits;
    RunOnIo(under_test(),
            [&] { splits = source.NewEnumerator()->DiscoverSplits(env(), 1).value(); });
    before_reading();
    absl::Status status;
    SubtaskUnderTest subtask(under_test(), 0, 1);
    const auto reader = source.NewReader();
    SplitReader<std::string_view>::Chunk chunk;
    bool opened = false;
    subtask.Run([&] {
      using Result = SplitReader<std::string_view>::Result;
      if (!opened) {
        opened = true;
        status = reader->Open(subtask);
        for (const SourceSplit& split : splits)
          status.Update(reader->AddSplit(split, std::nullopt));
      }
      const auto result = reader->Poll(chunk);
      status.Update(result.status());
      if (status.ok() && *result == Result::kChunk) return SubtaskUnderTest::Next::kAgain;
      if (status.ok() && *result == Result::kBlocked) return SubtaskUnderTest::Next::kWait;
      reader->Close();
      return SubtaskUnderTest::Next::kFinished;
    });
    return status;
  }
};

TEST_P(FileSourceTest, PlainFile) {
  const std::string text = Numbers(60);
  Write(Path("a.txt"), text);
  Verify(Path("a.txt"), text);
}

TEST_P(FileSourceTest, LineEndsAtEveryBorder) {
  const std::string text = "a\r\nbc\n\n\r\nd\r\n\r\n\nlast, without an end";
  Write(Path("a.txt"), text);
  Verify(Path("a.txt"), text);
}

TEST_P(FileSourceTest, BytesPassUnchanged) {
  const std::string text("\xff\xfe\0\x80\n\xc3(\n", 8);
  Write(Path("a.txt"), text);
  Verify(Path("a.txt"), text);
}

TEST_P(FileSourceTest, EmptyFilesCountButHoldNothing) {
  Write(Path("empty"), "");
  Write(Path("one"), "x\n");
  Verify({Path("empty"), Path("one")}, LinesOf("x\n", 1));
  Verify({Path("empty")}, {});
}

TEST_P(FileSourceTest, GzipAndZstdByContent) {
  const std::string text = Numbers(60);
  Write(Path("a"), Gzip(text));
  Verify(Path("a"), text);
  Write(Path("b.txt"), Zstd(text));
  Verify(Path("b.txt"), text);
}

TEST_P(FileSourceTest, MembersAndFramesBackToBack) {
  Write(Path("a.gz"), Gzip("one\ntw") + Gzip("") + Gzip("o\r\nthree"));
  Verify(Path("a.gz"), "one\ntwo\r\nthree");
  Write(Path("a.zst"), Zstd("one\ntw") + Zstd("") + Zstd("o\r\nthree"));
  Verify(Path("a.zst"), "one\ntwo\r\nthree");
}

TEST_P(FileSourceTest, EmptyGzip) {
  Write(Path("empty.gz"), Gzip(""));
  Verify({Path("empty.gz")}, {});
}

TEST_P(FileSourceTest, FolderOldestFirst) {
  const std::string folder = Path("logs");
  MakeFolder(folder);
  MakeFolder(folder + "/sub");
  Write(folder + "/sub/x", "not recursive\n");
  Write(folder + "/.hidden", "no\n");
  Write(folder + "/_SUCCESS", "no\n");
  Write(folder + "/app.log.1.gz", Gzip("old\nolder\n"));
  under_test().Settle();  // For a later modification time.
  Write(folder + "/app.log", "new\n");
  under_test().Settle();
  Write(folder + "/aaa.log", "newest\n");
  std::vector<SourceRecord> expected = LinesOf("old\nolder\n", 0);
  for (const auto& record : LinesOf("new\n", 1)) expected.push_back(record);
  for (const auto& record : LinesOf("newest\n", 2)) expected.push_back(record);
  Verify({folder}, expected);
}

TEST_P(FileSourceTest, RandomTextWithRandomCuts) {
  Random& random = env().random();
  const auto draw = [&](uint64_t bound) {
    return random.Uniform({RandomStream::kWorkload, "file_source_test.text"}, bound);
  };
  for (int round = 0; round < 10; ++round) {
    std::string text;
    for (uint64_t left = draw(200); left > 0; --left) text += "\n\n\r\rab\xff"[draw(7)];
    Write(Path("a.txt"), text);
    FileSourceOptions options;
    options.split_bytes_max = 1 + draw(40);
    options.block_bytes = 1 + draw(20);
    options.lines_per_chunk_max = 1 + draw(5);
    VerifySource<std::string_view>(
        under_test(), {.variants = {Make({Path("a.txt")}, options)}, .expected = LinesOf(text)});
  }
}

TEST_P(FileSourceTest, LineOfTenMegabytes) {
  const std::string text = "before\n" + std::string(10 << 20, 'x') + "\nafter\n";
  Write(Path("a.txt"), text);
  VerifySource<std::string_view>(under_test(),
                                 {.variants = {Make({Path("a.txt")}, {.split_bytes_max = 3 << 20})},
                                  .expected = LinesOf(text)});
}

TEST_P(FileSourceTest, TooLongLinesAreMalformed) {
  Write(Path("a.txt"), "12345\n123456\nok\n" + std::string(1000, 'y'));
  const std::vector<SourceRecord> expected = {
      {{0, 0}, "12345"}, {{0, 6}, "12345", true}, {{0, 13}, "ok"}, {{0, 16}, "yyyyy", true}};
  VerifySource<std::string_view>(
      under_test(),
      {.variants = {Make({Path("a.txt")}, {.line_bytes_max = 5}),
                    Make({Path("a.txt")},
                         {.split_bytes_max = 7, .block_bytes = 4, .line_bytes_max = 5})},
       .expected = expected});
}

TEST_P(FileSourceTest, PositionsAreDescribed) {
  Write(Path("a"), "x\n");
  Write(Path("b"), Gzip("x\n"));
  RunOnIo(under_test(), [&] {
    const auto enumerator = FileSource::Lines({Path("a"), Path("b")}).NewEnumerator();
    ASSERT_TRUE(enumerator->DiscoverSplits(env(), 1).ok());
    EXPECT_EQ(enumerator->DescribePosition({0, 12}), Path("a") + ", byte 12");
    EXPECT_EQ(enumerator->DescribePosition({1, 12}), Path("b") + ", uncompressed byte 12");
    EXPECT_EQ(enumerator->DescribePosition({}), "unknown place");
  });
  EXPECT_EQ(FileSource::Lines("/var/log/dpkg.log").Describe(), "file(/var/log/dpkg.log)");
}

TEST_P(FileSourceTest, MissingInputNamesPathAndRemedy) {
  const absl::Status status = DiscoveryError({Path("nothing")});
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(Path("nothing")));
  EXPECT_THAT(status.ToString(), HasSubstr("Name an existing file or folder"));
  EXPECT_TRUE(absl::IsInvalidArgument(DiscoveryError({"relative/path"})));
  EXPECT_TRUE(absl::IsInvalidArgument(DiscoveryError({})));
}

TEST_P(FileSourceTest, OptionsThatCannotBeAreNamed) {
  const auto error = [](FileSourceOptions options) {
    return std::string(FileSource::Lines("/x", options).Validate().message());
  };
  EXPECT_EQ(error({}), "");
  EXPECT_THAT(error({.split_bytes_max = 0}), HasSubstr("split_bytes_max is 0"));
  EXPECT_THAT(error({.block_bytes = 0}), HasSubstr("block_bytes is 0"));
  EXPECT_THAT(error({.line_bytes_max = 0}), HasSubstr("line_bytes_max is 0"));
  EXPECT_THAT(error({.lines_per_chunk_max = 0}), HasSubstr("lines_per_chunk_max is 0"));
}

TEST_P(FileSourceTest, DamagedCompressionFailsWithFileAndByte) {
  const std::string whole = Gzip(Numbers(2000));
  Write(Path("cut.gz"), whole.substr(0, whole.size() / 2));
  absl::Status status = ReadingError(Path("cut.gz"));
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(Path("cut.gz")));
  EXPECT_THAT(status.ToString(), HasSubstr("byte " + std::to_string(whole.size() / 2)));

  const std::string zstd = Zstd(Numbers(2000));
  Write(Path("cut.zst"), zstd.substr(0, zstd.size() - 5));
  status = ReadingError(Path("cut.zst"), {.block_bytes = 100});
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(Path("cut.zst")));

  Write(Path("bad.gz"), whole + "trailing garbage");
  EXPECT_TRUE(absl::IsDataLoss(ReadingError(Path("bad.gz"))));
}

TEST_P(FileSourceTest, GoesOnWithTheFilesThatThereWere) {
  MakeFolder(Path("logs"));
  Write(Path("logs/b.log"), "one\ntwo\n");
  const auto source = FileSource::Lines(Path("logs"));
  std::vector<SourceSplit> splits;
  RunOnIo(under_test(), [&] { splits = source.NewEnumerator()->DiscoverSplits(env(), 1).value(); });
  const auto restore = [&](std::vector<SourceSplit> unfinished, std::vector<SourceSplit> finished) {
    absl::Status status;
    RunOnIo(under_test(), [&] {
      const auto enumerator = source.NewEnumerator();
      status = enumerator->Restore(env(), unfinished, finished);
      if (!status.ok()) return;
      EXPECT_EQ(enumerator->DescribePosition({0, 4}), Path("logs/b.log") + ", byte 4");
      EXPECT_EQ(enumerator->total_bytes(), 8u);
    });
    return status;
  };
  Write(Path("logs/a.log"), "a file that is new\n");
  EXPECT_TRUE(restore(splits, {}).ok());
  Write(Path("logs/b.log"), "one\ntwo\nthree\n");
  EXPECT_TRUE(restore(splits, {}).ok()) << "it has only grown";

  for (const char* text : {"ONE\ntwo\nthree\n", "one\n", ""}) {
    Write(Path("logs/b.log"), text);
    const absl::Status status = restore(splits, {});
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(status.ToString(), HasSubstr("input " + Path("logs/b.log")));
    EXPECT_THAT(status.ToString(), HasSubstr("start over with --fresh"));
    EXPECT_TRUE(restore({}, splits).ok()) << "nothing of it is still to be read";
  }
  Remove(Path("logs/b.log"));
  EXPECT_TRUE(absl::IsFailedPrecondition(restore(splits, {})));
}

TEST_P(FileSourceTest, AReaderNoticesAnotherFileUnderTheName) {
  const std::string path = Path("log");
  Write(path, "one\ntwo\n");
  const auto source = FileSource::Lines(path);
  std::vector<SourceSplit> splits;
  RunOnIo(under_test(), [&] { splits = source.NewEnumerator()->DiscoverSplits(env(), 1).value(); });
  Write(path, "ONE\ntwo\n");
  SubtaskUnderTest subtask(under_test(), 0, 1);
  const auto reader = source.NewReader();
  absl::Status status;
  bool opened = false;
  subtask.Run([&] {
    if (!std::exchange(opened, true)) {
      EXPECT_TRUE(reader->Open(subtask).ok());
      EXPECT_TRUE(reader->AddSplit(splits[0], SourcePosition{0, 4}).ok());
    }
    SplitReader<std::string_view>::Chunk chunk;
    const auto result = reader->Poll(chunk);
    status = result.status();
    if (result.ok() && *result == SplitReader<std::string_view>::Result::kBlocked) {
      return SubtaskUnderTest::Next::kWait;
    }
    reader->Close();
    return SubtaskUnderTest::Next::kFinished;
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(path + " is another file now"));
}

TEST_P(FileSourceTest, ReadsAtItsRate) {
  const std::string path = Path("a.txt");
  Write(path, Numbers(60));
  const absl::Duration start = env().clock().Monotonic();
  EXPECT_TRUE(ReadingError(path, {.rows_per_second = 300}).ok());
  EXPECT_GE(env().clock().Monotonic() - start, absl::Milliseconds(59 * 1000 / 300));
  const FileSource negative = FileSource::Lines(path, {.rows_per_second = -1});
  EXPECT_THAT(negative.Validate().ToString(), HasSubstr("rows_per_second is -1"));
}

TEST_P(FileSourceTest, FileThatDisappearsOrShrinks) {
  const std::string path = Path("a.txt");
  Write(path, Numbers(100));
  EXPECT_TRUE(ReadingError(path).ok());
  absl::Status status = ReadingError(path, {}, [&] { Remove(path); });
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(path + " disappeared"));

  Write(path, Numbers(100));
  status = ReadingError(path, {}, [&] { Write(path, "short\n"); });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(path + " shrank to 6 bytes"));
}

TEST_P(FileSourceTest, WhatIsAppendedLaterIsNotRead) {
  const std::string path = Path("a.txt");
  Write(path, "a\n");
  EXPECT_TRUE(ReadingError(path, {}, [&] { Write(path, "a\nmore\n"); }).ok());
}

INSTANTIATE_TEST_SUITE_P(Envs, FileSourceTest, testing::ValuesIn(AllEnvs()), EnvFactoryName);

}  // namespace
}  // namespace weir
