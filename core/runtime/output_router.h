// OutputRouter: takes what a chain puts out to the output channels of its edges: forward, by key group, or round robin. Belongs to
// the subtask's executor.
#ifndef WEIR_CORE_RUNTIME_OUTPUT_ROUTER_H_
#define WEIR_CORE_RUNTIME_OUTPUT_ROUTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/graph/job_graph.h"
#include "core/runtime/operator_chain.h"
#include "core/runtime/output_channel.h"
#include "core/types/key_hasher.h"
#include "core/types/row_codec.h"

namespace weir {

// The output channels of one edge, one per subtask that this one may send to, in order of their index.
struct OutputEdge {
  Partitioning partitioning = Partitioning::kForward;
  std::shared_ptr<const KeyHasher> key_hasher;  // kHash
  int max_parallelism = 128;                    // Of the consumer: how many key groups there are.
  std::string producer;                         // Operator and subtask that write, for errors.
  std::string consumer;                         // Its name, for errors.
  std::shared_ptr<const RowCodec> codec;        // Of the rows, for errors.
  std::vector<std::unique_ptr<OutputChannel>> channels;
};

class OutputRouter final : public ChainOutput {
 public:
  // Rows that go to one channel before a rebalancing edge turns to the next. Counted in rows, so that how rows are cut into
  // batches does not show.
  static constexpr uint64_t kRebalanceRows = 256;

  explicit OutputRouter(std::vector<OutputEdge> edges);

  absl::Status EmitRows(BatchBase& batch) override;
  void EmitWatermark(Watermark watermark) override;
  void EmitBarrier(CheckpointBarrier barrier) override;
  void EmitEndOfData();
  void Flush();
  void Close();

  // Some channel has frames that wait for credit.
  bool blocked() const;

 private:
  struct EdgeState {
    OutputEdge edge;
    std::vector<uint16_t> channel_of_key_group;    // kHash with several channels.
    std::vector<std::vector<uint32_t>> scattered;  // Rows per channel, while a batch is scattered.
    uint64_t rows_sent = 0;                        // kRebalance
  };
  static absl::Status EmitHash(EdgeState& state, BatchBase& batch);
  static absl::Status HashKeys(const OutputEdge& edge, BatchBase& batch);
  static absl::Status ScatterByKey(EdgeState& state, BatchBase& batch);
  static absl::Status EmitRebalance(EdgeState& state, BatchBase& batch);

  std::vector<EdgeState> edges_;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_OUTPUT_ROUTER_H_
