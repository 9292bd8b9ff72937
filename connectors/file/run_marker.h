// The marker file of a result folder, .weir-run: which run the parts in it belong to. Blocking: for an
// executor of kind kIo. Its text is "weir-run 1", a line end, the run's id, and a line end.
#ifndef WEIR_CONNECTORS_FILE_RUN_MARKER_H_
#define WEIR_CONNECTORS_FILE_RUN_MARKER_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/env/file_system.h"
#include "core/operators/sink.h"

namespace weir {

// The id of the run that `directory` belongs to; nothing if there is no marker. DataLoss, naming the
// file, if it is damaged.
absl::StatusOr<std::optional<std::string>> ReadRunMarker(FileSystem& files,
                                                         const std::string& directory);

// Makes the folder that of `run`, durably, whoever had it before. InvalidArgument if the id has a
// line end or is longer than 4 KiB.
absl::Status WriteRunMarker(FileSystem& files, const std::string& directory, const SinkRun& run);

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_RUN_MARKER_H_
