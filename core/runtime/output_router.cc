#include "core/runtime/output_router.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/key_group.h"
#include "core/base/status_macros.h"

namespace weir {

OutputRouter::OutputRouter(std::vector<OutputEdge> edges) {
  for (OutputEdge& edge : edges) {
    WEIR_CHECK(!edge.channels.empty());
    EdgeState state;
    state.edge = std::move(edge);
    const int channels = static_cast<int>(state.edge.channels.size());
    state.scattered.resize(state.edge.channels.size());
    if (state.edge.partitioning == Partitioning::kHash) {
      for (int group = 0; group < state.edge.max_parallelism; ++group) {
        state.channel_of_key_group.push_back(static_cast<uint16_t>(SubtaskForKeyGroup(
            KeyGroupId(static_cast<uint32_t>(group)), state.edge.max_parallelism, channels)));
      }
    }
    edges_.push_back(std::move(state));
  }
}

bool OutputRouter::blocked() const {
  for (const EdgeState& state : edges_) {
    for (const auto& channel : state.edge.channels) {
      if (channel->blocked()) return true;
    }
  }
  return false;
}

absl::Status OutputRouter::EmitRows(BatchBase& batch) {
  for (EdgeState& state : edges_) {
    absl::Status written;
    switch (state.edge.partitioning) {
      case Partitioning::kForward:
        written = state.edge.channels[0]->AppendRowRange(batch, 0, batch.size());
        break;
      case Partitioning::kHash:
        // Hashes that are there may be those of another edge's key.
        WEIR_RETURN_IF_ERROR(HashKeys(state.edge, batch));
        written = EmitHash(state, batch);
        break;
      case Partitioning::kRebalance:
        written = EmitRebalance(state, batch);
        break;
    }
    if (!written.ok()) {
      return absl::Status(written.code(),
                          absl::StrCat(state.edge.producer, ": ", written.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status OutputRouter::HashKeys(const OutputEdge& edge, BatchBase& batch) {
  std::string cause;
  try {
    edge.key_hasher->HashKeys(batch);
    return absl::OkStatus();
  } catch (const std::exception& e) {
    cause = e.what();
  } catch (...) {
    cause = "of a type that is not derived from std::exception";
  }
  const size_t row = batch.key_hashes.size();
  std::string text =
      absl::StrCat("operator '", edge.consumer, "': its key selector: exception: ", cause);
  if (row < batch.size() && edge.codec != nullptr) {
    absl::StrAppend(&text, "\n  record: ", edge.codec->DescribeRow(batch, row, 256));
  }
  return absl::UnknownError(text);
}

absl::Status OutputRouter::EmitHash(EdgeState& state, BatchBase& batch) {
  WEIR_CHECK_EQ(batch.key_hashes.size(), batch.size());
  absl::Status written = state.edge.channels.size() == 1
                             ? state.edge.channels[0]->AppendRowRange(batch, 0, batch.size())
                             : ScatterByKey(state, batch);
  batch.key_hashes.clear();
  return written;
}

absl::Status OutputRouter::ScatterByKey(EdgeState& state, BatchBase& batch) {
  for (auto& rows : state.scattered) rows.clear();
  for (size_t row = 0; row < batch.size(); ++row) {
    const KeyGroupId group = KeyGroupOfHash(batch.key_hashes[row], state.edge.max_parallelism);
    state.scattered[state.channel_of_key_group[group.value()]].push_back(
        static_cast<uint32_t>(row));
  }
  for (size_t i = 0; i < state.scattered.size(); ++i) {
    if (state.scattered[i].empty()) continue;
    WEIR_RETURN_IF_ERROR(state.edge.channels[i]->AppendRows(batch, state.scattered[i]));
  }
  return absl::OkStatus();
}

absl::Status OutputRouter::EmitRebalance(EdgeState& state, BatchBase& batch) {
  size_t begin = 0;
  while (begin < batch.size()) {
    const uint64_t in_run = state.rows_sent % kRebalanceRows;
    const size_t take = std::min<uint64_t>(batch.size() - begin, kRebalanceRows - in_run);
    const size_t channel = (state.rows_sent / kRebalanceRows) % state.edge.channels.size();
    WEIR_RETURN_IF_ERROR(state.edge.channels[channel]->AppendRowRange(batch, begin, begin + take));
    begin += take;
    state.rows_sent += take;
  }
  return absl::OkStatus();
}

void OutputRouter::EmitWatermark(Watermark watermark) {
  for (EdgeState& state : edges_) {
    for (auto& channel : state.edge.channels) channel->AppendWatermark(watermark);
  }
}

void OutputRouter::EmitBarrier(CheckpointBarrier barrier) {
  for (EdgeState& state : edges_) {
    for (auto& channel : state.edge.channels) channel->AppendBarrier(barrier);
  }
}

void OutputRouter::EmitEndOfData() {
  for (EdgeState& state : edges_) {
    for (auto& channel : state.edge.channels) channel->AppendEndOfData();
  }
}

void OutputRouter::Flush() {
  for (EdgeState& state : edges_) {
    for (auto& channel : state.edge.channels) channel->Flush();
  }
}

void OutputRouter::Close() {
  for (EdgeState& state : edges_) {
    for (auto& channel : state.edge.channels) channel->Close();
  }
}

}  // namespace weir
