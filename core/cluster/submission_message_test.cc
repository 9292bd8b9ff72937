#include "core/cluster/submission_message.h"

#include "gtest/gtest.h"

namespace weir {
namespace {

JobSubmission Submission() {
  JobSubmission submission;
  submission.job_name = "totals";
  submission.arguments = {{"input", "/a,/b"}, {"raw", "\xff"}};
  submission.parallelism = 3;
  submission.run_id = "run";
  submission.checkpoints = {.mode = CheckpointMode::kAtLeastOnce,
                            .interval = absl::Milliseconds(250),
                            .min_pause = absl::Milliseconds(5),
                            .timeout = absl::Seconds(7),
                            .tolerable_failures = 2,
                            .retained = 4,
                            .commit_retry = absl::Seconds(3),
                            .publish_retry = absl::Seconds(2),
                            .durable = true};
  submission.checkpoint_folder = "/shared/checkpoints";
  submission.restore = "/shared/old/manifest-7-e1a1";
  submission.restart_attempts = 5;
  submission.restart_delay = absl::Milliseconds(40);
  return submission;
}

TEST(SubmissionMessageTest, SaysEverything) {
  const proto::JobSubmissionMessage message = ToMessage(Submission());
  const absl::StatusOr<JobSubmission> read = FromMessage(message);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->arguments, Submission().arguments);
  EXPECT_EQ(read->checkpoints.mode, CheckpointMode::kAtLeastOnce);
  EXPECT_EQ(read->checkpoints.interval, absl::Milliseconds(250));
  EXPECT_EQ(read->restart_delay, absl::Milliseconds(40));
  // Whatever else there is: written again it is the same.
  EXPECT_EQ(ToMessage(*read).SerializeAsString(), message.SerializeAsString());
}

TEST(SubmissionMessageTest, KeepsInfiniteIntervals) {
  JobSubmission submission = Submission();
  submission.checkpoints.interval = absl::InfiniteDuration();
  EXPECT_EQ(FromMessage(ToMessage(submission))->checkpoints.interval, absl::InfiniteDuration());
}

TEST(SubmissionMessageTest, RefusesWhatNoSubmissionSays) {
  const auto refused = [](void (*change)(proto::JobSubmissionMessage&)) {
    proto::JobSubmissionMessage message = ToMessage(Submission());
    change(message);
    return absl::IsInvalidArgument(FromMessage(message).status());
  };
  EXPECT_TRUE(refused([](auto& message) { message.set_parallelism(-1); }));
  EXPECT_TRUE(refused([](auto& message) { message.set_restart_attempts(-1); }));
  EXPECT_TRUE(refused([](auto& message) { message.set_restart_delay_ns(-2); }));
  EXPECT_TRUE(refused([](auto& message) { message.mutable_checkpoints()->set_retained(0); }));
  EXPECT_TRUE(refused([](auto& message) { message.mutable_checkpoints()->set_timeout_ns(-5); }));
}

}  // namespace
}  // namespace weir
