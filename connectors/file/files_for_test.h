// FilesForTest: a fixture with files on the Env under test. Its methods are called from the test's
// thread.
#ifndef WEIR_CONNECTORS_FILE_FILES_FOR_TEST_H_
#define WEIR_CONNECTORS_FILE_FILES_FOR_TEST_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "core/env/testing/env_under_test.h"
#include "core/testing/subtask_under_test.h"
#include "gtest/gtest.h"

namespace weir {

class FilesForTest : public testing::TestWithParam<EnvFactory> {
 protected:
  FilesForTest() : under_test_(GetParam().make()) {}

  EnvUnderTest& under_test() { return *under_test_; }
  Env& env() { return under_test_->env(); }
  FileSystem& files() { return env().file_system(); }
  std::string Path(std::string_view name) {
    return under_test_->root_directory() + "/" + std::string(name);
  }

  void Write(const std::string& path, std::string_view bytes) {
    OnIo([&] {
      auto file = files().Create(path, CreateMode::kTruncate);
      if (!file.ok()) return file.status();
      return (*file)->Append(bytes);
    });
  }
  void MakeFolder(const std::string& path) {
    OnIo([&] { return files().CreateDirectories(path); });
  }
  void Remove(const std::string& path) {
    OnIo([&] { return files().Remove(path); });
  }

  // Names and contents of the files in a folder.
  static std::map<std::string, std::string> ReadFolder(Env& env, const std::string& folder) {
    std::map<std::string, std::string> contents;
    const auto entries = env.file_system().List(folder);
    if (!entries.ok()) return contents;
    for (const DirectoryEntry& entry : *entries) {
      if (entry.type != FileType::kFile) continue;
      const auto file = env.file_system().OpenForRead(folder + "/" + entry.name);
      if (file.ok()) contents[entry.name] = (*file)->ReadAt(0, 64 << 20).value_or("unreadable");
    }
    return contents;
  }
  std::map<std::string, std::string> ReadFolder(const std::string& folder) {
    std::map<std::string, std::string> contents;
    RunOnIo(*under_test_, [&] { contents = ReadFolder(env(), folder); });
    return contents;
  }

 private:
  template <class Function>
  void OnIo(Function function) {
    absl::Status status;
    RunOnIo(*under_test_, [&] { status = function(); });
    EXPECT_TRUE(status.ok()) << status;
  }

  const std::unique_ptr<EnvUnderTest> under_test_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_FILES_FOR_TEST_H_
