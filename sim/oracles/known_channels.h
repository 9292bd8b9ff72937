// What the plan of a job says of its channels: whose rows they carry, and which subtask reads them. Made from the graph that the job's
// builder gives, as every process makes its own. Pure.
#ifndef WEIR_SIM_ORACLES_KNOWN_CHANNELS_H_
#define WEIR_SIM_ORACLES_KNOWN_CHANNELS_H_

#include <map>
#include <memory>

#include "core/base/ids.h"
#include "core/graph/execution_graph.h"
#include "core/graph/job_graph.h"
#include "core/types/row_codec.h"

namespace weir::sim {

struct KnownChannel {
  std::shared_ptr<const RowCodec> codec;
  SubtaskId reader;
};

using KnownChannels = std::map<ChannelId, KnownChannel>;

KnownChannels ChannelsOf(const JobGraph& graph, const ExecutionGraph& plan);

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_KNOWN_CHANNELS_H_
