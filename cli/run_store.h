// RunStore: the folder in which `weir run` remembers its runs, so that an interrupted one goes on when the same command is given
// again. A run is a job with its digest, arguments, input and output; each has a folder of its own:
//
//   <state folder>/<job>-<digest>/lock             held while a process runs it
//                                 run              RunRecord
//                                 leader-<n>       the LeaderEpochs that its processes took
//                                 checkpoints-<n>  the checkpoint folder, unless it was asked for elsewhere
//
// The record is replaced by rename; which checkpoint counts is what the checkpoint folder's newest pointer says, so no moment at
// which a process dies leaves the two apart. Belongs to the main thread, which waits for an executor of kind kIo that does the work.
#ifndef WEIR_CLI_RUN_STORE_H_
#define WEIR_CLI_RUN_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/run_record.h"
#include "core/api/job_args.h"
#include "core/base/ids.h"
#include "core/env/env.h"

namespace weir::cli {

struct RunRequest {
  std::string key;  // "<job>-<digest>": a plain file name.
  std::string job;
  JobArgs::Submitted arguments;
  bool fresh = false;
  std::string checkpoint_dir;  // Absolute; "" for the run's own folder.
  std::string restore;         // Absolute: a checkpoint folder or manifest; "" for none.
};

struct OpenedRun {
  enum class Kind {
    kBegins,
    kContinues,  // From `checkpoint`, if there is one.
    kFinished,   // Nothing to do.
  };
  Kind kind = Kind::kBegins;
  RunRecord record;
  CheckpointId checkpoint;  // 0: interrupted before the first one.
};

class RunStore {
 public:
  // `env` must outlive the store. `folder` is absolute.
  RunStore(Env& env, std::string folder);
  // Releases the run.
  ~RunStore();

  // `arguments` with the paths of `input` and `output` as the file system knows them, whatever links led there.
  JobArgs::Submitted Canonical(JobArgs::Submitted arguments);

  // Locks the run and makes its record durable, unless it is finished. Unavailable: another process runs it; DataLoss names a
  // damaged file; FailedPrecondition: its checkpoints are elsewhere. Others as the file system reports them, with a remedy.
  absl::StatusOr<OpenedRun> Open(const RunRequest& request);

  // Of the opened run.
  absl::Status Save(const RunRecord& record);
  // What the pointer in `folder` names; 0 if there is no checkpoint.
  absl::StatusOr<CheckpointId> NewestCheckpoint(const std::string& folder);

  // Of the opened run.
  const std::string& run_folder() const { return run_folder_; }

  // Ctrl-C came during one of the calls.
  bool interrupted() const { return interrupted_; }

 private:
  void Wait(std::function<void()> work);
  // On the I/O executor.
  absl::StatusOr<OpenedRun> OpenOnIo(const RunRequest& request);
  absl::Status LockOnIo(const RunRequest& request);
  absl::Status BeginOnIo(const RunRequest& request, bool forget, OpenedRun& run);
  absl::Status SaveOnIo(const RunRecord& record);
  absl::StatusOr<RunRecord> ReadOnIo();
  bool ResultsAreThere(const RunRecord& record);

  Env& env_;
  const std::string folder_;
  std::string run_folder_;
  const std::unique_ptr<Executor> io_;
  std::unique_ptr<FileLock> lock_;
  bool interrupted_ = false;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_RUN_STORE_H_
