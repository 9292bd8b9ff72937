// Submissions from clients and from the job registry: refused by InvalidArgument, or a submission that is written again and means the
// same, and whose restart strategy gives delays that are none of them negative or infinite.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "core/base/check.h"
#include "core/cluster/restart_strategy.h"
#include "core/cluster/submission_message.h"

namespace weir {
namespace {

void CheckRestarts(const RestartStrategy& strategy) {
  RestartState state;
  absl::Duration now = absl::Hours(1);
  for (const uint64_t jitter : {uint64_t{0}, std::numeric_limits<uint64_t>::max(), uint64_t{1}}) {
    RestartDecision decision = DecideRestart(strategy, std::move(state), now, jitter);
    if (!decision.delay.has_value()) return;
    WEIR_CHECK(*decision.delay >= absl::ZeroDuration() &&
               *decision.delay < absl::InfiniteDuration())
        << strategy << ": " << absl::FormatDuration(*decision.delay);
    state = std::move(decision.state);
    now += *decision.delay;
  }
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  weir::proto::JobSubmissionMessage message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  const absl::StatusOr<weir::JobSubmission> submission = weir::FromMessage(message);
  if (!submission.ok()) {
    WEIR_CHECK(absl::IsInvalidArgument(submission.status())) << submission.status();
    return 0;
  }
  const std::string bytes = weir::ToMessage(*submission).SerializeAsString();
  weir::proto::JobSubmissionMessage again;
  WEIR_CHECK(again.ParseFromString(bytes));
  const absl::StatusOr<weir::JobSubmission> back = weir::FromMessage(again);
  WEIR_CHECK_OK(back);
  WEIR_CHECK(weir::ToMessage(*back).SerializeAsString() == bytes);
  WEIR_CHECK(back->restart_strategy == submission->restart_strategy);
  weir::CheckRestarts(submission->restart_strategy);
  return 0;
}
