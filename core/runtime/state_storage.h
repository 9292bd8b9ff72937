// StateStorage: where subtasks put the contents of their tables, and read them back. Implemented over a checkpoint folder by
// core/cluster; uploads and downloads are used on executors of kind kIo, each call being at most one operation on the storage.
#ifndef WEIR_CORE_RUNTIME_STATE_STORAGE_H_
#define WEIR_CORE_RUNTIME_STATE_STORAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/proto/manifest.pb.h"

namespace weir {

// Create, Append any number of times, then Finish until it says true: then all of it is durable under handle().
class StateUpload {
 public:
  virtual ~StateUpload() = default;
  virtual absl::Status Create() = 0;
  virtual absl::Status Append(std::string_view bytes) = 0;
  virtual absl::StatusOr<bool> Finish() = 0;
  virtual proto::StateFile handle() const = 0;
};

// Open, then Read until it returns nothing; only then are the bytes known to be undamaged.
class StateDownload {
 public:
  virtual ~StateDownload() = default;
  virtual absl::Status Open() = 0;
  virtual absl::StatusOr<std::string> Read(size_t size) = 0;
};

// Its methods may be called from any executor.
class StateStorage {
 public:
  virtual ~StateStorage() = default;
  // The `number`th file that `subtask` writes for `checkpoint`.
  virtual std::unique_ptr<StateUpload> NewUpload(CheckpointId checkpoint, SubtaskId subtask,
                                                 uint64_t number) = 0;
  virtual std::unique_ptr<StateDownload> NewDownload(const proto::StateFile& file) = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_STATE_STORAGE_H_
