// RunRecord: what `weir run` remembers of a run from one start to the next, as a small text file that people can read, too.
// The newest checkpoint is not in it: that is what the checkpoint folder's pointer says. Pure.
#ifndef WEIR_CLI_RUN_RECORD_H_
#define WEIR_CLI_RUN_RECORD_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace weir::cli {

enum class RunState : uint8_t {
  kRunning,      // Or killed: the lock of the run tells which.
  kInterrupted,  // Stopped, cancelled or failed; goes on when it is run again.
  kFinished,
};
std::string_view RunStateName(RunState state);  // "running", "interrupted", "finished"

struct RunRecord {
  std::string run_id;  // Names the run in its output folders.
  std::string job;
  std::vector<std::pair<std::string, std::string>> arguments;
  RunState state = RunState::kRunning;
  int64_t pid = 0;          // Of the last process that ran it.
  std::string started;      // When it began for the first time, for people.
  uint64_t starts = 0;      // How often it was started.
  bool fresh = false;       // It was begun with --fresh, and may replace results of earlier runs.
  std::string checkpoints;  // Folder.
  std::string restore;      // --restore; what it begins from until it has a checkpoint.
  std::vector<std::string> results;  // Folders and files with the output of a finished run.
  std::string summary;               // Of a finished run, as it was printed.

  friend bool operator==(const RunRecord&, const RunRecord&) = default;
  friend std::ostream& operator<<(std::ostream& out, const RunRecord& record);
};

std::string FormatRunRecord(const RunRecord& record);
// DataLoss naming `path` and what to do. Lines with a name it does not know are skipped.
absl::StatusOr<RunRecord> ParseRunRecord(std::string_view text, std::string_view path);

}  // namespace weir::cli

#endif  // WEIR_CLI_RUN_RECORD_H_
