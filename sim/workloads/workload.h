// Workload: a job for the simulator with an output that is known without running it. Its input is made from the seed, and what it
// must deliver is computed by a plain loop over that input, which shares no code with the runtime.
//
// Rows carry where they came from (source and offset) as ordinary fields, and aggregates keep the set of them, so that the output
// accounts for every row of the input: none lost, none twice.
//
// Belongs to the thread of its world, and is destroyed after the world.
#ifndef WEIR_SIM_WORKLOADS_WORKLOAD_H_
#define WEIR_SIM_WORKLOADS_WORKLOAD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/cluster/job_graph_provider.h"
#include "core/cluster/job_result.h"
#include "core/proto/manifest.pb.h"
#include "sim/file_tree.h"
#include "sim/sim_world.h"
#include "sim/workloads/committed_rows.h"

namespace weir::sim {

// The bytes of a state file of a checkpoint, by its name in the manifest.
using ReadStateFile = std::function<absl::StatusOr<std::string>(const std::string& name)>;

class Workload {
 public:
  virtual ~Workload() = default;

  virtual std::string_view name() const = 0;
  // Puts the input into the world. Called once, before any process starts.
  virtual void Prepare(SimWorld& world) = 0;
  // What every process builds the job from. Outlived by this object.
  virtual JobGraphProvider provider() const = 0;
  // The name, arguments and parallelism of the submission; the rest is the runner's.
  virtual JobSubmission submission() const = 0;
  // Of the busiest stage: so many slots the job takes.
  virtual int slots() const = 0;
  // About how long it runs if nothing goes wrong.
  virtual absl::Duration duration() const = 0;
  // Folders below /shared that only committed results appear in.
  virtual std::vector<std::string> output_folders() const = 0;

  // Whether a completed checkpoint is a consistent cut: what its states hold comes from exactly the records before the positions of
  // its sources. DataLoss names what was lost, repeated or overtaken.
  virtual bool checks_cuts() const { return false; }
  virtual absl::Status CheckCut(const proto::CheckpointManifest& /*manifest*/,
                                const ReadStateFile& /*read*/) const {
    return absl::OkStatus();
  }

  // Compares what is committed with what must be; `files` is the shared volume. The number of rows compared; DataLoss, naming the
  // first row that is wrong, missing or there twice, and the parts concerned with their origins.
  virtual absl::StatusOr<uint64_t> CheckOutput(FileTree& files, const PartOrigins& origins,
                                               Extent extent) const = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_WORKLOAD_H_
