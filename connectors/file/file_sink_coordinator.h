// FileSinkCoordinator: the result folder before and after a job. Runs on an executor of kind kIo.
#ifndef WEIR_CONNECTORS_FILE_FILE_SINK_COORDINATOR_H_
#define WEIR_CONNECTORS_FILE_FILE_SINK_COORDINATOR_H_

#include <string>
#include <utility>

#include "core/operators/sink.h"

namespace weir {

class FileSinkCoordinator final : public SinkCoordinator {
 public:
  FileSinkCoordinator(std::string directory, bool overwrite, bool has_header)
      : directory_(std::move(directory)), overwrite_(overwrite), has_header_(has_header) {}

  // Creates the folder durably. FailedPrecondition if it holds earlier results (unless they may be
  // overwritten) or anything that is no result. Deletes only what has the name of a part; parts
  // that a killed run left unfinished are invisible and stay, unless `overwrite` was asked for.
  absl::Status Prepare(Env& env, const SinkRun& run) override;

  // The first lines of the parts in order of their numbers.
  absl::StatusOr<SinkReport> Report(Env& env) override;

 private:
  const std::string directory_;
  const bool overwrite_;
  const bool has_header_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_FILE_SINK_COORDINATOR_H_
