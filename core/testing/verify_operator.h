// VerifyOperator: the contract of Operator, checked on any operator that is written: its output must be a function of the sequence
// of (input, row or watermark) alone. Testonly.
//
//   const auto output = VerifyOperator([] { return std::make_unique<MyOperator>(); }, RowCodecFor<Out>(),
//                                      TestSequence().Row(In{1}).Row(In{2}).AddWatermark(EventTime::Max()));
//   ASSERT_TRUE(output.ok()) << output.status();
//   EXPECT_THAT(*output, ElementsAre(...));
//
// The sequence is cut into batches of 1, 7, 64, 1024 and random sizes (never across a change of input or a watermark) and
// run with outputs of 1, 3 and 1024 rows and one that refuses every other call. All runs must put out the same bytes in
// the same order, count the same late and malformed rows, leave a batch's size alone before kDone, and put nothing into a full
// output. Commit runs twice; Close comes also at once and in the middle of a call. An operator that is replaced, between any two
// elements, by another one with its snapshot and that of its tables must put out the same; only its last watermark may come again.
// Every other time the first operator goes on while its tables are snapshotted: what it does then must not show.
#ifndef WEIR_CORE_TESTING_VERIFY_OPERATOR_H_
#define WEIR_CORE_TESTING_VERIFY_OPERATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/testing/operator_harness.h"
#include "core/testing/test_sequence.h"
#include "core/types/key_hasher.h"
#include "core/types/row_codec.h"

namespace weir {

using OperatorMaker = std::function<std::unique_ptr<Operator>()>;

struct VerifyOptions {
  bool fans_out = false;  // As OperatorHarness::Options.
  // Of a keyed operator: half of the runs have their hashes filled in, as the runtime does, half leave it to the operator.
  std::shared_ptr<const KeyHasher> key_hasher;
  uint64_t seed = 1;  // Of the random cuts.
  // Called before Open.
  std::function<void(TestOperatorContext&)> prepare = [](TestOperatorContext&) {};
};

// What the operator puts out, as Emitted::text. Internal, naming the run and the first difference, if the contract is broken;
// errors of the operator as they are. Watermarks that the runtime passes on are part of it. `output_codec` is null for sinks.
absl::StatusOr<std::vector<std::string>> VerifyOperator(
    const OperatorMaker& factory, std::shared_ptr<const RowCodec> output_codec,
    const TestSequence& sequence, const VerifyOptions& options = {});

}  // namespace weir

#endif  // WEIR_CORE_TESTING_VERIFY_OPERATOR_H_
