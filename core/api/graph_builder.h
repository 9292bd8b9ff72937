// GraphBuilder: the JobGraph that an environment and its stream handles write together, and the first thing that went wrong.
// Builders run to their end even then; the error comes out of Build(). Used by one thread, during the builder's call.
#ifndef WEIR_CORE_API_GRAPH_BUILDER_H_
#define WEIR_CORE_API_GRAPH_BUILDER_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/graph/job_graph.h"

namespace weir {

class GraphBuilder {
 public:
  JobGraph& graph() { return graph_; }

  // Appends `node` under the name of its kind.
  NodeId Add(JobNode node);
  JobNode& node(NodeId id) { return graph_.nodes[static_cast<size_t>(id.value())]; }

  // Keeps the first; OK is none.
  void AddError(absl::Status error);

  // The graph so far, if nothing went wrong and ValidateJobGraph has nothing against it.
  absl::StatusOr<JobGraph> Build() const;

 private:
  JobGraph graph_;
  absl::Status error_;
};

// Where the rows of a stream handle come from.
struct StreamOrigin {
  std::shared_ptr<GraphBuilder> builder;
  std::vector<JobEdge> edges;  // What a consumer's inputs will be.
  std::optional<NodeId>
      node;  // The operator whose output the stream is; none behind Union and Rebalance.

  static StreamOrigin Of(std::shared_ptr<GraphBuilder> builder, NodeId node);

  // The node that a call like Name() is about; null, with an error noted, if there is none. `call` as the user wrote it.
  JobNode* NodeFor(std::string_view call) const;
};

}  // namespace weir

#endif  // WEIR_CORE_API_GRAPH_BUILDER_H_
