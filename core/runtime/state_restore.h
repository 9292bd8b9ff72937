// StateRestore: reads state files into the backends of a subtask before its first element. Belongs to the subtask's executor; files
// are touched on the I/O executor, one piece at a time.
#ifndef WEIR_CORE_RUNTIME_STATE_RESTORE_H_
#define WEIR_CORE_RUNTIME_STATE_RESTORE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/env/executor.h"
#include "core/proto/manifest.pb.h"
#include "core/runtime/state_storage.h"
#include "state/state_backend.h"

namespace weir {

class StateRestore {
 public:
  static constexpr size_t kReadBytes = 1024 * 1024;

  // A file and the backend that takes its own key groups from it.
  struct Read {
    StateBackend* backend = nullptr;
    proto::StateFile file;
  };

  // `on_done` is called once on `worker`, not before Start() returns.
  StateRestore(std::vector<Read> reads, std::shared_ptr<StateStorage> storage, Executor& worker,
               Executor& io, absl::AnyInvocable<void(absl::Status)> on_done);

  void Start();

 private:
  void NextFile();
  void ReadPiece(std::shared_ptr<StateDownload> file);
  void OnPiece(std::shared_ptr<StateDownload> file, absl::StatusOr<std::string> piece);
  // Runs `call` on the I/O executor and `then` with its result here, unless this is gone by then.
  template <class Result>
  void RunIo(absl::AnyInvocable<Result()> call, absl::AnyInvocable<void(Result)> then);

  const std::vector<Read> reads_;
  const std::shared_ptr<StateStorage> storage_;
  Executor& worker_;
  Executor& io_;
  absl::AnyInvocable<void(absl::Status)> on_done_;
  size_t next_ = 0;
  // A backend takes whole results of TakeEmitted, which pieces of a file need not be: one file at a time is in memory.
  std::string bytes_;
  std::shared_ptr<StateRestore*> self_;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_STATE_RESTORE_H_
