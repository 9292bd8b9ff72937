#include "core/api/stream_execution_environment.h"

namespace weir {

StreamExecutionEnvironment::StreamExecutionEnvironment(std::string name, const JobArgs& args)
    : builder_(std::make_shared<GraphBuilder>()) {
  builder_->graph().name = std::move(name);
  builder_->graph().arguments = args.submitted();
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetParallelism(int parallelism) {
  builder_->graph().parallelism = parallelism;
  return *this;
}

StreamExecutionEnvironment& StreamExecutionEnvironment::SetMaxParallelism(int max_parallelism) {
  builder_->graph().max_parallelism = max_parallelism;
  return *this;
}

absl::StatusOr<JobGraph> StreamExecutionEnvironment::BuildJobGraph() const {
  return builder_->Build();
}

void StreamExecutionEnvironment::CheckStrategy(bool watermarks_without_times) {
  if (!watermarks_without_times) return;
  builder_->AddError(absl::InvalidArgumentError(
      "the WatermarkStrategy of a source makes watermarks from event times, but nothing gives its "
      "rows any; write .WithTimestampAssigner([](const Row& row) { return row.time; })"));
}

}  // namespace weir
