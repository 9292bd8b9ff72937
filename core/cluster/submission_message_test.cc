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
  submission.restart_strategy = RestartStrategy::FixedDelayOf(5, absl::Milliseconds(40));
  return submission;
}

TEST(SubmissionMessageTest, SaysEverything) {
  const proto::JobSubmissionMessage message = ToMessage(Submission());
  const absl::StatusOr<JobSubmission> read = FromMessage(message);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->arguments, Submission().arguments);
  EXPECT_EQ(read->checkpoints.mode, CheckpointMode::kAtLeastOnce);
  EXPECT_EQ(read->checkpoints.interval, absl::Milliseconds(250));
  EXPECT_EQ(read->restart_strategy, RestartStrategy::FixedDelayOf(5, absl::Milliseconds(40)));
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
  EXPECT_TRUE(refused([](auto& message) {
    message.mutable_restart_strategy()->set_kind(proto::RESTART_STRATEGY_FIXED_DELAY);
    message.mutable_restart_strategy()->set_attempts(-1);
  }));
  EXPECT_TRUE(refused([](auto& message) {
    message.mutable_restart_strategy()->set_kind(static_cast<proto::RestartStrategyKind>(9));
  }));
  EXPECT_TRUE(refused([](auto& message) { message.mutable_checkpoints()->set_retained(0); }));
  EXPECT_TRUE(refused([](auto& message) { message.mutable_checkpoints()->set_timeout_ns(-5); }));
  // Without a pause between tries a JobManager would do nothing else.
  EXPECT_TRUE(refused([](auto& message) { message.mutable_checkpoints()->clear_interval_ns(); }));
  EXPECT_TRUE(refused([](auto& message) { message.mutable_checkpoints()->clear_timeout_ns(); }));
  EXPECT_TRUE(
      refused([](auto& message) { message.mutable_checkpoints()->clear_commit_retry_ns(); }));
  EXPECT_TRUE(
      refused([](auto& message) { message.mutable_checkpoints()->clear_publish_retry_ns(); }));
  EXPECT_TRUE(refused([](auto& message) { message.set_checkpoint_folder("relative"); }));
  EXPECT_TRUE(refused([](auto& message) { message.set_checkpoint_folder("/a/../../etc"); }));
  EXPECT_TRUE(refused([](auto& message) { message.set_restore(std::string("/a\0b", 4)); }));
}

TEST(SubmissionMessageTest, EveryRestartStrategyComesBack) {
  JobSubmission submission;
  const auto expect_same = [&] {
    const absl::StatusOr<JobSubmission> read = FromMessage(ToMessage(submission));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->restart_strategy, submission.restart_strategy);
  };
  expect_same();
  submission.restart_strategy.type = RestartStrategyType::kExponentialDelay;
  submission.restart_strategy.exponential_delay = {.initial_backoff = absl::Milliseconds(3),
                                                   .max_backoff = absl::Seconds(7),
                                                   .backoff_multiplier = 1.25,
                                                   .reset_backoff_threshold = absl::Minutes(2),
                                                   .jitter_factor = 0.5,
                                                   .attempts_before_reset_backoff = 8};
  expect_same();
  submission.restart_strategy = RestartStrategy();
  submission.restart_strategy.type = RestartStrategyType::kFailureRate;
  submission.restart_strategy.failure_rate = {.max_failures_per_interval = 4,
                                              .failure_rate_interval = absl::Seconds(9),
                                              .delay = absl::Milliseconds(5)};
  expect_same();
}

}  // namespace
}  // namespace weir
