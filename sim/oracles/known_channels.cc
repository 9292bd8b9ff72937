#include "sim/oracles/known_channels.h"

namespace weir::sim {

KnownChannels ChannelsOf(const JobGraph& graph, const ExecutionGraph& plan) {
  KnownChannels channels;
  for (const Edge& edge : plan.edges) {
    const Vertex& consumer = plan.vertex(edge.to);
    for (int from = 0; from < edge.from_parallelism; ++from) {
      for (int to = 0; to < edge.to_parallelism; ++to) {
        if (edge.partitioning == Partitioning::kForward && from != to) continue;
        channels[edge.channel(from, to)] = {.codec = graph.node(edge.from_node).output_codec,
                                            .reader = consumer.subtask(to)};
      }
    }
  }
  return channels;
}

}  // namespace weir::sim
