// CrashingEnv: an Env whose disk stops after so many writing operations, as if the process had died
// between two of them: from then on nothing reaches the disk, and every call says Unavailable.
// Testonly. Armed from the test's thread; files are used by executors of kind kIo.
#ifndef WEIR_CORE_TESTING_CRASHING_ENV_H_
#define WEIR_CORE_TESTING_CRASHING_ENV_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/env/env.h"
#include "core/env/testing/env_under_test.h"

namespace weir {

// How many operations are left; none: never crashes.
class CrashCountdown {
 public:
  static constexpr int kNever = -1;
  void Arm(int operations) { left_ = operations; }
  bool crashed() const { return left_ == 0; }
  // Before a writing operation.
  absl::Status Take() {
    if (crashed()) return absl::UnavailableError("the process has crashed");
    if (left_ > 0) --left_;
    // The last one still happens; nothing after it does.
    return absl::OkStatus();
  }

 private:
  std::atomic<int> left_ = kNever;
};

class CrashingFileSystem final : public FileSystem {
 public:
  CrashingFileSystem(FileSystem& files, CrashCountdown& countdown)
      : files_(files), countdown_(countdown) {}

  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path,
                                                       CreateMode mode) override {
    if (absl::Status crashed = countdown_.Take(); !crashed.ok()) return crashed;
    auto file = files_.Create(path, mode);
    if (!file.ok()) return file.status();
    return std::make_unique<File>(*std::move(file), countdown_);
  }
  absl::StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override {
    return files_.OpenForRead(path);
  }
  absl::Status Truncate(const std::string& path, uint64_t size_bytes) override {
    return Write([&] { return files_.Truncate(path, size_bytes); });
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return Write([&] { return files_.Rename(from, to); });
  }
  absl::Status Link(const std::string& from, const std::string& to) override {
    return Write([&] { return files_.Link(from, to); });
  }
  absl::Status Remove(const std::string& path) override {
    return Write([&] { return files_.Remove(path); });
  }
  absl::Status CreateDirectories(const std::string& path) override {
    return Write([&] { return files_.CreateDirectories(path); });
  }
  absl::Status RemoveDirectory(const std::string& path) override {
    return Write([&] { return files_.RemoveDirectory(path); });
  }
  absl::Status SyncDirectory(const std::string& path) override {
    return Write([&] { return files_.SyncDirectory(path); });
  }
  absl::StatusOr<std::vector<DirectoryEntry>> List(const std::string& path) override {
    return files_.List(path);
  }
  absl::StatusOr<FileInfo> Stat(const std::string& path) override { return files_.Stat(path); }
  absl::StatusOr<std::string> Canonical(const std::string& path) override {
    return files_.Canonical(path);
  }
  absl::StatusOr<std::unique_ptr<FileLock>> TryLock(const std::string& path) override {
    return files_.TryLock(path);
  }

 private:
  class File final : public WritableFile {
   public:
    File(std::unique_ptr<WritableFile> file, CrashCountdown& countdown)
        : file_(std::move(file)), countdown_(countdown) {}
    absl::Status Append(std::string_view data) override {
      if (absl::Status crashed = countdown_.Take(); !crashed.ok()) return crashed;
      return file_->Append(data);
    }
    absl::Status Sync() override {
      if (absl::Status crashed = countdown_.Take(); !crashed.ok()) return crashed;
      return file_->Sync();
    }
    absl::Status Close() override {
      if (absl::Status crashed = countdown_.Take(); !crashed.ok()) return crashed;
      return file_->Close();
    }

   private:
    const std::unique_ptr<WritableFile> file_;
    CrashCountdown& countdown_;
  };

  template <class Operation>
  absl::Status Write(Operation operation) {
    if (absl::Status crashed = countdown_.Take(); !crashed.ok()) return crashed;
    return operation();
  }

  FileSystem& files_;
  CrashCountdown& countdown_;
};

// `inner` with such a disk.
class CrashingEnv final : public Env, public EnvUnderTest {
 public:
  explicit CrashingEnv(EnvUnderTest& inner)
      : inner_(inner), files_(inner.env().file_system(), countdown_) {}

  CrashCountdown& countdown() { return countdown_; }

  // Env.
  Clock& clock() override { return inner_.env().clock(); }
  Random& random() override { return inner_.env().random(); }
  Network& network() override { return inner_.env().network(); }
  FileSystem& file_system() override { return files_; }
  std::unique_ptr<Executor> NewExecutor(std::string_view name, ExecutorKind kind) override {
    return inner_.env().NewExecutor(name, kind);
  }
  int worker_count() const override { return inner_.env().worker_count(); }

  // EnvUnderTest.
  Env& env() override { return *this; }
  Address address() override { return inner_.address(); }
  Address unserved_address() override { return inner_.unserved_address(); }
  bool RunUntil(const std::function<bool()>& done, absl::Duration limit) override {
    return inner_.RunUntil(done, limit);
  }
  void Settle() override { inner_.Settle(); }
  std::string root_directory() override { return inner_.root_directory(); }

 private:
  EnvUnderTest& inner_;
  CrashCountdown countdown_;
  CrashingFileSystem files_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_CRASHING_ENV_H_
