#include "core/env/testing/file_system_contract.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "gmock/gmock.h"

namespace weir {

void FileSystemContract::SetUp() {
  io_ = &NewExecutor("io", ExecutorKind::kIo);
  root_ = under_test().root_directory();
}

void FileSystemContract::Write(const std::string& path, std::string_view content, CreateMode mode) {
  auto file = fs().Create(path, mode);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->Append(content).ok());
  EXPECT_TRUE((*file)->Close().ok());
}

std::string FileSystemContract::Read(const std::string& path) {
  auto file = fs().OpenForRead(path);
  EXPECT_TRUE(file.ok()) << file.status();
  if (!file.ok()) return "";
  auto content = (*file)->ReadAt(0, size_t{1} << 24);
  EXPECT_TRUE(content.ok()) << content.status();
  return content.ok() ? *std::move(content) : "";
}

std::vector<std::string> FileSystemContract::Names(const std::string& folder) {
  auto entries = fs().List(folder);
  EXPECT_TRUE(entries.ok()) << entries.status();
  std::vector<std::string> names;
  if (entries.ok()) {
    for (const DirectoryEntry& entry : *entries) names.push_back(entry.name);
  }
  return names;
}

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The error has this code and its message names `path`.
void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& path) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_THAT(std::string(status.message().data(), status.message().size()), HasSubstr(path));
}

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kAlreadyExists = absl::StatusCode::kAlreadyExists;
constexpr auto kFailedPrecondition = absl::StatusCode::kFailedPrecondition;

TEST_P(FileSystemContract, ReadsBackWhatItAppended) {
  OnIo([&] {
    auto file = fs().Create(Path("log"), CreateMode::kTruncate);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE((*file)->Append("one ").ok());
    EXPECT_EQ(Read(Path("log")), "one ") << "appended bytes are seen before Sync and Close";
    EXPECT_TRUE((*file)->Append(std::string_view("\0two", 4)).ok());
    EXPECT_TRUE((*file)->Append("").ok());
    EXPECT_TRUE((*file)->Sync().ok());
    EXPECT_TRUE((*file)->Append("!").ok());
    EXPECT_TRUE((*file)->Close().ok());
    EXPECT_EQ(Read(Path("log")), std::string("one \0two!", 9));
  });
}

TEST_P(FileSystemContract, KeepsLargeFiles) {
  OnIo([&] {
    std::string content;
    for (int i = 0; content.size() < (size_t{3} << 20); ++i) content += std::to_string(i) + ",";
    Write(Path("large"), content);
    EXPECT_EQ(fs().Stat(Path("large"))->size_bytes, content.size());
    EXPECT_TRUE(Read(Path("large")) == content);
  });
}

TEST_P(FileSystemContract, ReadsAtAnyOffset) {
  OnIo([&] {
    Write(Path("digits"), "0123456789");
    auto file = fs().OpenForRead(Path("digits"));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(*(*file)->ReadAt(3, 4), "3456");
    EXPECT_EQ(*(*file)->ReadAt(0, 2), "01") << "reads have no position";
    EXPECT_EQ(*(*file)->ReadAt(8, 100), "89");
    EXPECT_EQ(*(*file)->ReadAt(10, 1), "");
    EXPECT_EQ(*(*file)->ReadAt(1000, 1), "");
    EXPECT_EQ(*(*file)->ReadAt(0, 0), "");
  });
}

TEST_P(FileSystemContract, CreateTruncates) {
  OnIo([&] {
    Write(Path("file"), "old and long");
    Write(Path("file"), "new");
    EXPECT_EQ(Read(Path("file")), "new");
  });
}

TEST_P(FileSystemContract, CreateExclusiveRefusesAName) {
  OnIo([&] {
    Write(Path("file"), "first", CreateMode::kExclusive);
    ExpectError(fs().Create(Path("file"), CreateMode::kExclusive).status(), kAlreadyExists,
                Path("file"));
    EXPECT_EQ(Read(Path("file")), "first");
    ASSERT_TRUE(fs().CreateDirectories(Path("folder")).ok());
    ExpectError(fs().Create(Path("folder"), CreateMode::kExclusive).status(), kAlreadyExists,
                Path("folder"));
  });
}

TEST_P(FileSystemContract, CreateAppendWritesBehind) {
  OnIo([&] {
    Write(Path("file"), "a", CreateMode::kAppend);
    Write(Path("file"), "b", CreateMode::kAppend);
    EXPECT_EQ(Read(Path("file")), "ab");
    auto first = fs().Create(Path("file"), CreateMode::kAppend);
    auto second = fs().Create(Path("file"), CreateMode::kAppend);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_TRUE((*first)->Append("1").ok());
    EXPECT_TRUE((*second)->Append("2").ok());
    EXPECT_TRUE((*first)->Append("3").ok());
    EXPECT_EQ(Read(Path("file")), "ab123") << "each write goes to the end as it is then";
  });
}

TEST_P(FileSystemContract, CreateNeedsAFolder) {
  OnIo([&] {
    ExpectError(fs().Create(Path("none/file"), CreateMode::kTruncate).status(), kNotFound,
                Path("none/file"));
    Write(Path("file"), "x");
    ExpectError(fs().Create(Path("file/below"), CreateMode::kTruncate).status(),
                kFailedPrecondition, Path("file/below"));
    ASSERT_TRUE(fs().CreateDirectories(Path("folder")).ok());
    ExpectError(fs().Create(Path("folder"), CreateMode::kTruncate).status(), kFailedPrecondition,
                Path("folder"));
  });
}

TEST_P(FileSystemContract, RefusesAClosedFile) {
  OnIo([&] {
    auto file = fs().Create(Path("file"), CreateMode::kTruncate);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE((*file)->Close().ok());
    ExpectError((*file)->Append("x"), kFailedPrecondition, Path("file"));
    ExpectError((*file)->Sync(), kFailedPrecondition, Path("file"));
    ExpectError((*file)->Close(), kFailedPrecondition, Path("file"));
  });
}

TEST_P(FileSystemContract, OpenForReadNeedsAFile) {
  OnIo([&] {
    ExpectError(fs().OpenForRead(Path("none")).status(), kNotFound, Path("none"));
    ExpectError(fs().OpenForRead(root_).status(), kFailedPrecondition, root_);
  });
}

TEST_P(FileSystemContract, TruncateCutsAndExtends) {
  OnIo([&] {
    Write(Path("file"), "0123456789");
    EXPECT_TRUE(fs().Truncate(Path("file"), 4).ok());
    EXPECT_EQ(Read(Path("file")), "0123");
    EXPECT_TRUE(fs().Truncate(Path("file"), 6).ok());
    EXPECT_EQ(Read(Path("file")), std::string("0123\0\0", 6));
    ExpectError(fs().Truncate(Path("none"), 0), kNotFound, Path("none"));
    ExpectError(fs().Truncate(root_, 0), kFailedPrecondition, root_);
  });
}

TEST_P(FileSystemContract, RenameReplaces) {
  OnIo([&] {
    Write(Path("from"), "new");
    Write(Path("to"), "old");
    EXPECT_TRUE(fs().Rename(Path("from"), Path("to")).ok());
    EXPECT_EQ(Read(Path("to")), "new");
    EXPECT_THAT(Names(root_), ElementsAre("to"));
    ExpectError(fs().Rename(Path("from"), Path("to")), kNotFound, Path("from"));
    EXPECT_EQ(Read(Path("to")), "new");
  });
}

TEST_P(FileSystemContract, RenameMovesFoldersWithWhatTheyHold) {
  OnIo([&] {
    ASSERT_TRUE(fs().CreateDirectories(Path("a/b")).ok());
    Write(Path("a/b/file"), "x");
    EXPECT_TRUE(fs().Rename(Path("a"), Path("c")).ok());
    EXPECT_EQ(Read(Path("c/b/file")), "x");
    Write(Path("plain"), "y");
    ExpectError(fs().Rename(Path("plain"), Path("c")), kFailedPrecondition, Path("c"));
    ExpectError(fs().Rename(Path("c"), Path("plain")), kFailedPrecondition, Path("plain"));
    ASSERT_TRUE(fs().CreateDirectories(Path("d")).ok());
    ExpectError(fs().Rename(Path("d"), Path("c")), kFailedPrecondition, Path("c"));
  });
}

TEST_P(FileSystemContract, LinkIsASecondNameForTheFile) {
  OnIo([&] {
    Write(Path("one"), "content");
    EXPECT_TRUE(fs().Link(Path("one"), Path("two")).ok());
    EXPECT_EQ(fs().Stat(Path("one"))->link_count, 2u);
    Write(Path("one"), "!", CreateMode::kAppend);
    EXPECT_EQ(Read(Path("two")), "content!");
    EXPECT_TRUE(fs().Remove(Path("one")).ok());
    EXPECT_EQ(Read(Path("two")), "content!");
    EXPECT_EQ(fs().Stat(Path("two"))->link_count, 1u);
  });
}

TEST_P(FileSystemContract, LinkRefusesANameThatExists) {
  OnIo([&] {
    Write(Path("one"), "1");
    Write(Path("two"), "2");
    ExpectError(fs().Link(Path("one"), Path("two")), kAlreadyExists, Path("two"));
    EXPECT_EQ(Read(Path("two")), "2");
    ExpectError(fs().Link(Path("none"), Path("three")), kNotFound, Path("none"));
  });
}

TEST_P(FileSystemContract, RemoveTakesFilesOnly) {
  OnIo([&] {
    Write(Path("file"), "x");
    EXPECT_TRUE(fs().Remove(Path("file")).ok());
    ExpectError(fs().Remove(Path("file")), kNotFound, Path("file"));
    ASSERT_TRUE(fs().CreateDirectories(Path("folder")).ok());
    ExpectError(fs().Remove(Path("folder")), kFailedPrecondition, Path("folder"));
    EXPECT_THAT(Names(root_), ElementsAre("folder"));
  });
}

TEST_P(FileSystemContract, OpenFilesOutliveTheirName) {
  OnIo([&] {
    auto writer = fs().Create(Path("file"), CreateMode::kTruncate);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_TRUE((*writer)->Append("a").ok());
    auto reader = fs().OpenForRead(Path("file"));
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_TRUE(fs().Rename(Path("file"), Path("moved")).ok());
    EXPECT_TRUE((*writer)->Append("b").ok());
    EXPECT_EQ(Read(Path("moved")), "ab");
    Write(Path("other"), "replaced");
    EXPECT_TRUE(fs().Rename(Path("other"), Path("moved")).ok());
    EXPECT_TRUE((*writer)->Append("c").ok());
    EXPECT_EQ(*(*reader)->ReadAt(0, 10), "abc");
    EXPECT_EQ(Read(Path("moved")), "replaced");
    EXPECT_TRUE(fs().Remove(Path("moved")).ok());
    EXPECT_EQ(*(*reader)->ReadAt(1, 1), "b");
  });
}

TEST_P(FileSystemContract, MakesAndRemovesFolders) {
  OnIo([&] {
    EXPECT_TRUE(fs().CreateDirectories(Path("a/b/c")).ok());
    EXPECT_TRUE(fs().CreateDirectories(Path("a/b/c")).ok()) << "it exists";
    EXPECT_TRUE(fs().CreateDirectories(Path("a//b/d/")).ok());
    EXPECT_THAT(Names(Path("a/b")), ElementsAre("c", "d"));
    EXPECT_TRUE(fs().SyncDirectory(Path("a/b")).ok());
    ExpectError(fs().RemoveDirectory(Path("a/b")), kFailedPrecondition, Path("a/b"));
    EXPECT_TRUE(fs().RemoveDirectory(Path("a/b/c")).ok());
    ExpectError(fs().RemoveDirectory(Path("a/b/c")), kNotFound, Path("a/b/c"));
    Write(Path("file"), "x");
    ExpectError(fs().RemoveDirectory(Path("file")), kFailedPrecondition, Path("file"));
    ExpectError(fs().CreateDirectories(Path("file")), kFailedPrecondition, Path("file"));
    ExpectError(fs().CreateDirectories(Path("file/below")), kFailedPrecondition,
                Path("file/below"));
    ExpectError(fs().SyncDirectory(Path("file")), kFailedPrecondition, Path("file"));
    ExpectError(fs().SyncDirectory(Path("none")), kNotFound, Path("none"));
  });
}

TEST_P(FileSystemContract, ListsByName) {
  OnIo([&] {
    EXPECT_THAT(Names(root_), IsEmpty());
    for (const char* name : {"b", "a10", "a9", ".hidden", "B", "\xC3\xA9"}) Write(Path(name), "");
    ASSERT_TRUE(fs().CreateDirectories(Path("a")).ok());
    Write(Path("a/below"), "");
    EXPECT_THAT(Names(root_), ElementsAre(".hidden", "B", "a", "a10", "a9", "b", "\xC3\xA9"));
    auto entries = fs().List(root_);
    ASSERT_TRUE(entries.ok());
    for (const DirectoryEntry& entry : *entries) {
      EXPECT_EQ(entry.type, entry.name == "a" ? FileType::kDirectory : FileType::kFile);
    }
    ExpectError(fs().List(Path("none")).status(), kNotFound, Path("none"));
    ExpectError(fs().List(Path("b")).status(), kFailedPrecondition, Path("b"));
  });
}

TEST_P(FileSystemContract, Stats) {
  OnIo([&] {
    Write(Path("file"), "12345");
    auto file = fs().Stat(Path("file"));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->type, FileType::kFile);
    EXPECT_EQ(file->size_bytes, 5u);
    EXPECT_EQ(file->link_count, 1u);
    EXPECT_LT(absl::AbsDuration(file->modified - env().clock().Wall()), absl::Minutes(1));
    auto folder = fs().Stat(root_);
    ASSERT_TRUE(folder.ok()) << folder.status();
    EXPECT_EQ(folder->type, FileType::kDirectory);
    ExpectError(fs().Stat(Path("none")).status(), kNotFound, Path("none"));
    ExpectError(fs().Stat(Path("file/below")).status(), kFailedPrecondition, Path("file/below"));
  });
}

TEST_P(FileSystemContract, CanonicalTakesOutDots) {
  OnIo([&] {
    ASSERT_TRUE(fs().CreateDirectories(Path("a/b")).ok());
    Write(Path("a/file"), "x");
    auto root = fs().Canonical(root_);
    ASSERT_TRUE(root.ok()) << root.status();
    EXPECT_EQ(*fs().Canonical(Path("a/./b/..//file")), *root + "/a/file");
    EXPECT_EQ(*fs().Canonical(Path("a/b/")), *root + "/a/b");
    EXPECT_EQ(*fs().Canonical("/.."), "/");
    ExpectError(fs().Canonical(Path("none")).status(), kNotFound, Path("none"));
  });
}

TEST_P(FileSystemContract, RefusesRelativePaths) {
  OnIo([&] {
    constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
    const std::string path = "relative/path";
    for (const std::string& bad : {path, std::string()}) {
      ExpectError(fs().Create(bad, CreateMode::kTruncate).status(), kInvalid, bad);
      ExpectError(fs().OpenForRead(bad).status(), kInvalid, bad);
      ExpectError(fs().Truncate(bad, 0), kInvalid, bad);
      ExpectError(fs().Rename(bad, Path("to")), kInvalid, bad);
      ExpectError(fs().Rename(Path("from"), bad), kInvalid, bad);
      ExpectError(fs().Link(bad, Path("to")), kInvalid, bad);
      ExpectError(fs().Link(Path("from"), bad), kInvalid, bad);
      ExpectError(fs().Remove(bad), kInvalid, bad);
      ExpectError(fs().CreateDirectories(bad), kInvalid, bad);
      ExpectError(fs().RemoveDirectory(bad), kInvalid, bad);
      ExpectError(fs().SyncDirectory(bad), kInvalid, bad);
      ExpectError(fs().List(bad).status(), kInvalid, bad);
      ExpectError(fs().Stat(bad).status(), kInvalid, bad);
      ExpectError(fs().Canonical(bad).status(), kInvalid, bad);
      ExpectError(fs().TryLock(bad).status(), kInvalid, bad);
    }
  });
}

TEST_P(FileSystemContract, OneHolderPerLock) {
  OnIo([&] {
    Write(Path("lock"), "content");
    auto held = fs().TryLock(Path("lock"));
    ASSERT_TRUE(held.ok()) << held.status();
    ExpectError(fs().TryLock(Path("lock")).status(), absl::StatusCode::kUnavailable, Path("lock"));
    EXPECT_TRUE(fs().TryLock(Path("other")).ok());
    EXPECT_EQ(Read(Path("other")), "") << "a missing file is created";
    held->reset();
    EXPECT_TRUE(fs().TryLock(Path("lock")).ok()) << "it was released";
    EXPECT_EQ(Read(Path("lock")), "content") << "locking changes nothing in the file";
    ExpectError(fs().TryLock(Path("none/lock")).status(), kNotFound, Path("none/lock"));
  });
}

TEST_P(FileSystemContract, DiesOutsideIoExecutors) {
  Executor& worker = NewExecutor("worker", ExecutorKind::kWorker);
  Executor& control = NewExecutor("control", ExecutorKind::kControl);
  EXPECT_DEATH(RunOn(worker, [&] { (void)fs().Stat(root_); }), "kIo");
  EXPECT_DEATH(RunOn(control, [&] { (void)fs().Create(Path("x"), CreateMode::kTruncate); }), "kIo");
  EXPECT_DEATH((void)fs().List(root_), "kIo");
  std::unique_ptr<WritableFile> writer;
  std::unique_ptr<ReadableFile> reader;
  OnIo([&] {
    writer = *fs().Create(Path("file"), CreateMode::kTruncate);
    reader = *fs().OpenForRead(Path("file"));
  });
  EXPECT_DEATH((void)writer->Append("x"), "kIo");
  EXPECT_DEATH((void)writer->Sync(), "kIo");
  EXPECT_DEATH((void)reader->ReadAt(0, 1), "kIo");
}

}  // namespace
}  // namespace weir
