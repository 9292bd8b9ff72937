// What the contract cannot ask of every FileSystem: symbolic links, devices, locks between processes, errors of the machine.
#include "cli/env/posix_file_system.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "cli/env/posix_error.h"
#include "cli/env/thread_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

class PosixFileSystemTest : public testing::Test {
 protected:
  PosixFileSystemTest() : io_("io", ExecutorKind::kIo, LifeId(1)) {
    std::string root = testing::TempDir() + "/weir_posix_XXXXXX";
    EXPECT_NE(::mkdtemp(root.data()), nullptr);
    root_ = root;
  }
  ~PosixFileSystemTest() override {
    OnIo([&] {
      auto entries = fs_.List(root_);
      for (const DirectoryEntry& entry : *entries) ::remove(Path(entry.name).c_str());
      EXPECT_TRUE(fs_.RemoveDirectory(root_).ok());
    });
  }

  std::string Path(const std::string& name) const { return root_ + "/" + name; }
  void OnIo(const std::function<void()>& closure) {
    std::atomic<bool> done{false};
    io_.Post([&] {
      closure();
      done = true;
    });
    while (!done) std::this_thread::yield();
  }
  void Write(const std::string& path, std::string_view content) {
    auto file = fs_.Create(path, CreateMode::kTruncate);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE((*file)->Append(content).ok());
  }

  ThreadExecutor io_;
  PosixFileSystem fs_;
  std::string root_;
};

TEST_F(PosixFileSystemTest, FollowsSymbolicLinks) {
  OnIo([&] {
    Write(Path("target"), "12345");
    ASSERT_EQ(::symlink("target", Path("link").c_str()), 0);
    ASSERT_EQ(::symlink("missing", Path("dangling").c_str()), 0);
    EXPECT_EQ(fs_.Stat(Path("link"))->size_bytes, 5u);
    EXPECT_EQ(*fs_.Canonical(Path("link")), *fs_.Canonical(root_) + "/target");
    EXPECT_EQ(fs_.Stat(Path("dangling")).status().code(), absl::StatusCode::kNotFound);
    auto entries = fs_.List(root_);
    ASSERT_EQ(entries->size(), 3u);
    EXPECT_EQ((*entries)[0].type, FileType::kOther) << "dangling";
    EXPECT_EQ((*entries)[1].type, FileType::kFile) << "link";
  });
}

TEST_F(PosixFileSystemTest, TellsOtherFilesApart) {
  OnIo([&] {
    ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
    EXPECT_EQ(fs_.Stat(Path("pipe"))->type, FileType::kOther);
    EXPECT_EQ((*fs_.List(root_))[0].type, FileType::kOther);
  });
}

TEST_F(PosixFileSystemTest, AFullDiskIsResourceExhausted) {
  OnIo([&] {
    auto full = fs_.Create("/dev/full", CreateMode::kAppend);
    if (!full.ok()) GTEST_SKIP() << "no /dev/full: " << full.status();
    const absl::Status status = (*full)->Append("x");
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(status.ToString(), HasSubstr("append /dev/full: No space left on device"));
  });
}

// From now on the modes of files count for this thread, also if it is root's.
bool ObeyModes() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2] = {};
  if (::syscall(SYS_capget, &header, sets) != 0) return false;
  sets[0].effective &= ~((1u << CAP_DAC_OVERRIDE) | (1u << CAP_DAC_READ_SEARCH));
  return ::syscall(SYS_capset, &header, sets) == 0;
}

TEST_F(PosixFileSystemTest, SaysWhyAFolderCannotBeCreated) {
  OnIo([&] {
    const std::string locked = Path("locked");
    ASSERT_EQ(::mkdir(locked.c_str(), 0555), 0);
    ASSERT_TRUE(ObeyModes());
    const absl::Status status = fs_.CreateDirectories(locked + "/new/out");
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
    EXPECT_THAT(status.ToString(), HasSubstr("create folder " + locked + "/new/out: "));
  });
}

TEST_F(PosixFileSystemTest, RefusesPathsThatTheSystemWouldCut) {
  OnIo([&] {
    const std::string path = Path("a") + std::string("\0b", 2);
    EXPECT_EQ(fs_.Create(path, CreateMode::kTruncate).status().code(),
              absl::StatusCode::kInvalidArgument);
  });
}

TEST_F(PosixFileSystemTest, LocksExcludeOtherProcesses) {
  OnIo([&] {
    auto lock = fs_.TryLock(Path("lock"));
    ASSERT_TRUE(lock.ok()) << lock.status();
    const std::string command = "flock --nonblock " + Path("lock") + " true";
    const int held = std::system(command.c_str());
    if (WEXITSTATUS(held) == 127) GTEST_SKIP() << "no flock(1) here";
    EXPECT_EQ(WEXITSTATUS(held), 1);
    lock->reset();
    EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 0);
  });
}

TEST_F(PosixFileSystemTest, ALockOnARemovedFileIsNotTaken) {
  OnIo([&] {
    auto old = fs_.TryLock(Path("lock"));
    ASSERT_TRUE(fs_.Remove(Path("lock")).ok());
    auto lock = fs_.TryLock(Path("lock"));
    ASSERT_TRUE(lock.ok()) << "another file has the name now";
    EXPECT_EQ(fs_.TryLock(Path("lock")).status().code(), absl::StatusCode::kUnavailable);
  });
}

TEST(PosixErrorTest, MapsWhatTheInterfaceNames) {
  const auto code = [](int error) { return PosixError(error, "op", "/p").code(); };
  EXPECT_EQ(code(ENOENT), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(EEXIST), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code(EACCES), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(ENOSPC), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(EDQUOT), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(ENOTDIR), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(EISDIR), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(ENOTEMPTY), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(EIO), absl::StatusCode::kDataLoss);
  EXPECT_EQ(PosixError(EIO, "sync", "/data/x").message(), "sync /data/x: Input/output error");
}

}  // namespace
}  // namespace weir
