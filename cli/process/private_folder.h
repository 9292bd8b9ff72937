// PrivateFolder: a new folder under $TMPDIR (or /tmp) that only this user can enter; removed with what is in it when it is destroyed.
#ifndef WEIR_CLI_PROCESS_PRIVATE_FOLDER_H_
#define WEIR_CLI_PROCESS_PRIVATE_FOLDER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace weir::cli {

class PrivateFolder {
 public:
  // ResourceExhausted, with the path, if it cannot be made.
  static absl::StatusOr<PrivateFolder> Create();
  PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder();

  const std::string& path() const { return path_; }

 private:
  explicit PrivateFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;  // "": moved away.
};

}  // namespace weir::cli

#endif  // WEIR_CLI_PROCESS_PRIVATE_FOLDER_H_
