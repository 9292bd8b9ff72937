// What a JobManager tells a subtask to start from. Operators get the snapshots that are in it and give them back; a source starts from
// them or refuses, and what it then hands over at a barrier restores to the same.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "connectors/generator/generator_source.h"
#include "core/base/check.h"
#include "core/operators/source_operator.h"
#include "core/proto/control.pb.h"
#include "core/runtime/snapshot_message.h"
#include "core/testing/operator_harness.h"
#include "core/types/row_codec_for.h"

namespace weir {
namespace {

absl::StatusOr<int64_t> Decode(const int64_t& row, SourcePosition) { return row; }
using Source = SourceOperator<int64_t, int64_t, decltype(&Decode)>;

// What the source hands over after it started from `snapshot`; nothing if it refuses.
std::optional<OperatorSnapshot> RestoreSource(const OperatorSnapshot& snapshot) {
  const auto row = [](int64_t index, GeneratorRandom&) { return index; };
  OperatorHarness harness(
      std::make_unique<Source>(
          std::make_unique<GeneratorReader<int64_t>>(row, GeneratorOptions{.count = 10}), &Decode,
          WatermarkStrategy<int64_t>::NoWatermarks(), true),
      RowCodecFor<int64_t>());
  WEIR_CHECK_OK(harness.Open());
  auto& source = static_cast<Source&>(harness.op());
  std::optional<OperatorSnapshot> handed_over;
  if (source.RestoreOperatorState(snapshot).ok()) {
    handed_over.emplace();
    WEIR_CHECK_OK(source.SnapshotOperatorState(*handed_over));
    WEIR_CHECK_OK(harness.CallOnce([&](Output& out) { return source.Poll(out); }));
  }
  harness.Close();
  return handed_over;
}

void Check(const proto::SubtaskStateSnapshot& message) {
  const OperatorSnapshot snapshot = FromMessage(message);
  const proto::SubtaskStateSnapshot again =
      ToMessage(static_cast<int>(message.index()), message.ended(), snapshot);
  WEIR_CHECK(FromMessage(again) == snapshot);
  const std::optional<OperatorSnapshot> handed_over = RestoreSource(snapshot);
  if (handed_over.has_value()) WEIR_CHECK(RestoreSource(*handed_over) == handed_over);
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weir::proto::SubtaskRestore message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  for (const weir::proto::OperatorRestore& op : message.operators()) weir::Check(op.state());
  return 0;
}
