#include "connectors/file/file_listing.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/env/file_system.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

ListedFile File(std::string path, uint64_t size_bytes,
                FileCompression compression = FileCompression::kNone) {
  return {std::move(path), size_bytes, absl::UnixEpoch(), compression};
}

// One file, which nobody may read.
class UnreadableFiles final : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override {
    return No("open " + path);
  }
  absl::StatusOr<FileInfo> Stat(const std::string& path) override {
    if (path == "/closed/secret") return No("stat " + path);
    FileInfo info;
    info.type = path == "/closed" ? FileType::kDirectory : FileType::kFile;
    info.size_bytes = 10;
    return info;
  }
  absl::StatusOr<std::vector<DirectoryEntry>> List(const std::string& path) override {
    return No("list " + path);
  }
  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string&, CreateMode) override {
    return No("");
  }
  absl::Status Truncate(const std::string&, uint64_t) override { return No(""); }
  absl::Status Rename(const std::string&, const std::string&) override { return No(""); }
  absl::Status Link(const std::string&, const std::string&) override { return No(""); }
  absl::Status Remove(const std::string&) override { return No(""); }
  absl::Status CreateDirectories(const std::string&) override { return No(""); }
  absl::Status RemoveDirectory(const std::string&) override { return No(""); }
  absl::Status SyncDirectory(const std::string&) override { return No(""); }
  absl::StatusOr<std::string> Canonical(const std::string&) override { return No(""); }
  absl::StatusOr<std::unique_ptr<FileLock>> TryLock(const std::string&) override { return No(""); }

 private:
  static absl::Status No(const std::string& call) {
    return absl::PermissionDeniedError(call + ": Permission denied");
  }
};

TEST(ListFiles, SaysWhatToDoAboutUnreadableInput) {
  UnreadableFiles file_system;
  const auto error = [&](const char* path, const char* call) {
    const absl::Status status = ListFiles(file_system, {path}).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
    EXPECT_EQ(status.message(), absl::StrCat("input ", path, " cannot be read (", call, " ", path,
                                             ": Permission denied). Let the user who runs the job "
                                             "read it, or leave it out"));
  };
  error("/secret.log", "open");
  error("/closed", "list");
  error("/closed/secret", "stat");
}

TEST(PlanFileSplits, CoversEveryByteOfPlainFilesOnce) {
  for (const int parallelism : {1, 3}) {
    const auto splits =
        PlanFileSplits({File("/a", 10), File("/b", 0), File("/c", 7)}, 4, parallelism);
    ASSERT_EQ(splits.size(), 5u);
    EXPECT_EQ(splits[0].begin, 0u);
    EXPECT_EQ(splits[0].end, 4u);
    EXPECT_EQ(splits[2].begin, 8u);
    EXPECT_EQ(splits[2].end, 10u);
    EXPECT_EQ(splits[2].container, 0);
    EXPECT_EQ(splits[3].path, "/c");
    EXPECT_EQ(splits[3].container, 2);
    EXPECT_EQ(splits[4].begin, 4u);
    EXPECT_EQ(splits[4].end, 7u);
  }
}

TEST(PlanFileSplits, NeverCutsCompressedFiles) {
  const auto splits = PlanFileSplits({File("/a.gz", 1 << 20, FileCompression::kGzip)}, 4, 2);
  ASSERT_EQ(splits.size(), 1u);
  EXPECT_EQ(splits[0].begin, 0u);
  EXPECT_EQ(splits[0].end, kFileSplitEndUnknown);
  EXPECT_EQ(splits[0].file_size_bytes, 1u << 20);
}

TEST(PlanFileSplits, GivesEachReaderWork) {
  const std::vector<ListedFile> files = {File("/a", 32 << 20)};
  EXPECT_EQ(PlanFileSplits(files, 64 << 20, 1).size(), 1u);
  EXPECT_EQ(PlanFileSplits(files, 64 << 20, 4).size(), 16u);
  // But not in crumbs.
  EXPECT_EQ(PlanFileSplits({File("/a", 1 << 20)}, 64 << 20, 4).size(), 1u);
}

}  // namespace
}  // namespace weir
