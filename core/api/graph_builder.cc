#include "core/api/graph_builder.h"

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {

NodeId GraphBuilder::Add(JobNode node) {
  if (node.name.empty()) node.name = node.operator_kind;
  graph_.nodes.push_back(std::move(node));
  return NodeId(static_cast<int32_t>(graph_.nodes.size() - 1));
}

void GraphBuilder::AddError(absl::Status error) {
  if (error_.ok()) error_ = std::move(error);
}

absl::StatusOr<JobGraph> GraphBuilder::Build() const {
  WEIR_RETURN_IF_ERROR(error_);
  WEIR_RETURN_IF_ERROR(ValidateJobGraph(graph_));
  return graph_;
}

StreamOrigin StreamOrigin::Of(std::shared_ptr<GraphBuilder> builder, NodeId node) {
  JobEdge edge;
  edge.from = node;
  return {std::move(builder), {std::move(edge)}, node};
}

JobNode* StreamOrigin::NodeFor(std::string_view call) const {
  if (node.has_value()) return &builder->node(*node);
  builder->AddError(absl::InvalidArgumentError(
      absl::StrCat(".", ToAbsl(call),
                   " stands behind Union or Rebalance, which make no operator of their own; write "
                   "it behind the operator before or after them")));
  return nullptr;
}

}  // namespace weir
