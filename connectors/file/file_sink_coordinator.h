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

  // Creates the folder durably and marks it as the run's. FailedPrecondition if it holds results of
  // another run or anything that is no result; if the run goes on and the folder is not its own; and
  // if it starts from the beginning where it has results already, unless they may be overwritten.
  // Deletes, in a folder that is marked as the run's only: what older attempts left unfinished and no
  // committable names, and every part where the run starts over with `overwrite`.
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
