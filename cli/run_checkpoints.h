// The checkpoint folders of one run: checkpoints-<n> side by side, of which the run's record names the one that counts. Runs on an
// executor of kind kIo.
#ifndef WEIR_CLI_RUN_CHECKPOINTS_H_
#define WEIR_CLI_RUN_CHECKPOINTS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "core/env/file_system.h"

namespace weir::cli {

// What to do if the checkpoint that counts cannot be read.
inline constexpr std::string_view kNoCheckpointRemedy =
    "Put it back from a copy, go on from an earlier checkpoint with --restore=CHECKPOINT, or start "
    "over with --fresh";

std::string RunCheckpointsFolder(const std::string& base, uint64_t number);

// The greatest number of a folder under `base`, 0 if there is none.
absl::StatusOr<uint64_t> NewestRunCheckpoints(FileSystem& files, const std::string& base);

// The newest pointer in `folder`; one with sequence 0 if there is none, or no folder. DataLoss names what is damaged.
absl::StatusOr<PointerRecord> ReadNewestPointer(FileSystem& files, const std::string& folder);

// Deletes the checkpoints under `base` except those in `kept`: only files that have the name of one. What cannot be deleted stays.
void DeleteRunCheckpoints(FileSystem& files, const std::string& base, const std::string& kept);

}  // namespace weir::cli

#endif  // WEIR_CLI_RUN_CHECKPOINTS_H_
