// FileSystemContract: what core/env/file_system.h promises while nothing crashes and no disk fault
// is active, for every Env. Durability is tested where crashes can be made. Instantiate it with an
// EnvFactory and depend on
// //core/env/testing:file_system_contract.
#ifndef WEIR_CORE_ENV_TESTING_FILE_SYSTEM_CONTRACT_H_
#define WEIR_CORE_ENV_TESTING_FILE_SYSTEM_CONTRACT_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/env/testing/env_under_test.h"

namespace weir {

class FileSystemContract : public EnvContractTest {
 protected:
  void SetUp() override;

  FileSystem& fs() { return env().file_system(); }
  // Runs `closure` on a kIo executor.
  void OnIo(const std::function<void()>& closure) { RunOn(*io_, closure); }
  // The path of `name` in this test's folder.
  std::string Path(std::string_view name) const { return root_ + "/" + std::string(name); }

  // For use on the kIo executor. They fail the test on errors.
  void Write(const std::string& path, std::string_view content,
             CreateMode mode = CreateMode::kTruncate);
  std::string Read(const std::string& path);
  std::vector<std::string> Names(const std::string& folder);

  Executor* io_ = nullptr;
  std::string root_;
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_TESTING_FILE_SYSTEM_CONTRACT_H_
