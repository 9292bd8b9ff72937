// Every option there is. A new one is a constant here and a line in AllConfigOptions(). Pure data.
#ifndef WEIR_CLI_CONFIG_CONFIG_OPTIONS_H_
#define WEIR_CLI_CONFIG_CONFIG_OPTIONS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/config_option.h"

namespace weir::cli {

// The largest that still counts in milliseconds and fits any clock: about 30 years.
inline constexpr double kLongestSpan = 1e18;

// ---- Where the cluster is ----
inline constexpr ConfigOption kJobManagerRpcAddress{
    .key = "jobmanager.rpc.address",
    .default_value = "127.0.0.1",
    .description = "Host of the JobManager; with --jobmanager=HOST:PORT also its port",
    .flag = "jobmanager",
    .short_flag = 'm'};
inline constexpr ConfigOption kJobManagerRpcPort{.key = "jobmanager.rpc.port",
                                                 .type = ConfigType::kInteger,
                                                 .default_value = "6123",
                                                 .description =
                                                     "Port of the JobManager; it may "
                                                     "serve at 0: any that is free",
                                                 .most = 65535};
inline constexpr ConfigOption kTaskManagerHost{
    .key = "taskmanager.host",
    .default_value = "127.0.0.1",
    .description = "Host at which the others reach a TaskManager of this machine",
    .flag = "host"};
inline constexpr ConfigOption kTaskManagerRpcPort{
    .key = "taskmanager.rpc.port",
    .type = ConfigType::kInteger,
    .default_value = "0",
    .description = "Port of a TaskManager; 0: any that is free",
    .flag = "port",
    .most = 65535};
inline constexpr ConfigOption kTaskManagerSlots{
    .key = "taskmanager.numberOfTaskSlots",
    .type = ConfigType::kInteger,
    .default_value = "0",
    .description = "Slots a TaskManager offers; 0: one per processor of its machine",
    .flag = "slots",
    .most = 32768};
// 64 MiB, of at most 256 MiB: kRecordBytesMaxDefault and kRecordBytesMax (core/types/frame.h).
inline constexpr ConfigOption kRecordSizeMax{
    .key = "taskmanager.memory.record-size-max",
    .type = ConfigType::kInteger,
    .default_value = "67108864",
    .description = "Bytes of the largest record that subtasks send each other",
    .least = 1 << 20,
    .most = 256 << 20};
inline constexpr ConfigOption kJobStoreCapacity{
    .key = "jobstore.max-capacity",
    .type = ConfigType::kInteger,
    .default_value = "1000",
    .description = "Ended jobs that the JobManager remembers",
    .least = 1,
    .most = 100'000};
inline constexpr ConfigOption kBlobSizeMax{
    .key = "blob.size-max",
    .type = ConfigType::kInteger,
    .default_value = "67108864",
    .description = "Bytes of the largest artifact that the JobManager takes",
    .least = 1,
    .most = 1 << 30};
inline constexpr ConfigOption kBlobCleanupInterval{
    .key = "blob.service.cleanup.interval",
    .type = ConfigType::kDuration,
    .default_value = "1 h",
    .description = "How long the JobManager keeps an artifact that no job has needed yet",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kStateDir{
    .key = "state-dir",
    .type = ConfigType::kPath,
    .description = "Folder where Weir remembers runs and jobs (default ~/.local/state/weir)",
    .flag = "state-dir"};

// ---- Time-outs ----
inline constexpr ConfigOption kHeartbeatInterval{
    .key = "heartbeat.interval",
    .type = ConfigType::kDuration,
    .default_value = "10 s",
    .description = "Pause between the heartbeats of a TaskManager",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kHeartbeatTimeout{
    .key = "heartbeat.timeout",
    .type = ConfigType::kDuration,
    .default_value = "50 s",
    .description = "Who is not heard of for so long is taken for dead",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kRpcAskTimeout{
    .key = "rpc.ask.timeout",
    .type = ConfigType::kDuration,
    .default_value = "10 s",
    .description = "How long a call may take before it is repeated or given up",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kRpcDeployTimeout{
    .key = "rpc.deploy.timeout",
    .type = ConfigType::kDuration,
    .default_value = "1 min",
    .description = "How long a TaskManager may take to build a job's subtasks",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kRpcRetryDelay{
    .key = "rpc.retry.delay",
    .type = ConfigType::kDuration,
    .default_value = "500 ms",
    .description = "Pause before a call that found nobody is repeated",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kTaskCancellationTimeout{
    .key = "task.cancellation.timeout",
    .type = ConfigType::kDuration,
    .default_value = "3 min",
    .description = "How long subtasks may take to stop before they are given up",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kRpcConnectTimeout{
    .key = "rpc.connect.timeout",
    .type = ConfigType::kDuration,
    .default_value = "10 s",
    .description = "How long a connection to another machine may take to come about",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kRpcKeepaliveInterval{
    .key = "rpc.keepalive.interval",
    .type = ConfigType::kDuration,
    .default_value = "10 s",
    .description = "Pause between two probes of a connection",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kRpcKeepaliveTimeout{
    .key = "rpc.keepalive.timeout",
    .type = ConfigType::kDuration,
    .default_value = "10 s",
    .description = "A connection that does not answer a probe for so long is lost",
    .least = 1e6,
    .most = kLongestSpan};

// ---- Jobs ----
inline constexpr ConfigOption kParallelismDefault{
    .key = "parallelism.default",
    .type = ConfigType::kInteger,
    .description = "Subtasks per operator, where the job does not say (default: one per slot)",
    .flag = "parallelism",
    .short_flag = 'p',
    .least = 1,
    .most = 32768};
inline constexpr ConfigOption kCheckpointInterval{
    .key = "execution.checkpointing.interval",
    .type = ConfigType::kDuration,
    .default_value = "10 s",
    .description = "Time between checkpoints; 0: only when the job stops and ends",
    .flag = "checkpoint-interval",
    .most = kLongestSpan};
inline constexpr ConfigOption kCheckpointDir{
    .key = "execution.checkpointing.dir",
    .type = ConfigType::kPath,
    .description = "Folder for checkpoints (default: inside state-dir)",
    .flag = "checkpoint-dir"};
inline constexpr ConfigOption kCheckpointMode{
    .key = "execution.checkpointing.mode",
    .type = ConfigType::kChoice,
    .default_value = "exactly-once",
    .description = "What a row counts for after a failure: once, or once or more",
    .flag = "checkpoint-mode",
    .choices = "exactly-once|at-least-once"};
inline constexpr ConfigOption kCheckpointTimeout{
    .key = "execution.checkpointing.timeout",
    .type = ConfigType::kDuration,
    .default_value = "10 min",
    .description = "A checkpoint that takes longer is given up",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kCheckpointMinPause{
    .key = "execution.checkpointing.min-pause",
    .type = ConfigType::kDuration,
    .default_value = "0 s",
    .description = "Least time between the end of a checkpoint and the beginning of the next",
    .most = kLongestSpan};
inline constexpr ConfigOption kCheckpointTolerableFailures{
    .key = "execution.checkpointing.tolerable-failed-checkpoints",
    .type = ConfigType::kInteger,
    .default_value = "0",
    .description = "Checkpoints in a row that may fail before the job does",
    .most = 1e9};
inline constexpr ConfigOption kCheckpointsRetained{
    .key = "execution.checkpointing.num-retained",
    .type = ConfigType::kInteger,
    .default_value = "1",
    .description = "Completed checkpoints that are kept",
    .least = 1,
    .most = 1e6};

// ---- What a job does after a failure ----
inline constexpr ConfigOption kRestartStrategyType{
    .key = "restart-strategy.type",
    .type = ConfigType::kChoice,
    .default_value = "fixed-delay",
    .description = "How a job that failed begins again from its last checkpoint",
    .flag = "restart-strategy",
    .choices = "none|fixed-delay|exponential-delay|failure-rate"};
inline constexpr ConfigOption kFixedDelayAttempts{
    .key = "restart-strategy.fixed-delay.attempts",
    .type = ConfigType::kInteger,
    .default_value = "3",
    .description = "How often it begins again before it fails for good",
    .flag = "restart-attempts",
    .most = 2147483647};
inline constexpr ConfigOption kFixedDelayDelay{.key = "restart-strategy.fixed-delay.delay",
                                               .type = ConfigType::kDuration,
                                               .default_value = "1 s",
                                               .description = "Pause before it does",
                                               .flag = "restart-delay",
                                               .most = kLongestSpan};
inline constexpr ConfigOption kExponentialDelayInitialBackoff{
    .key = "restart-strategy.exponential-delay.initial-backoff",
    .type = ConfigType::kDuration,
    .default_value = "1 s",
    .description = "Pause after the first failure",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kExponentialDelayMaxBackoff{
    .key = "restart-strategy.exponential-delay.max-backoff",
    .type = ConfigType::kDuration,
    .default_value = "1 min",
    .description = "The pause grows up to this",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kExponentialDelayMultiplier{
    .key = "restart-strategy.exponential-delay.backoff-multiplier",
    .type = ConfigType::kReal,
    .default_value = "1.5",
    .description = "With every further failure the pause is so many times longer",
    .least = 1,
    .most = 1000};
inline constexpr ConfigOption kExponentialDelayResetThreshold{
    .key = "restart-strategy.exponential-delay.reset-backoff-threshold",
    .type = ConfigType::kDuration,
    .default_value = "1 h",
    .description = "A job that has run for so long without a failure counts from the beginning",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kExponentialDelayJitter{
    .key = "restart-strategy.exponential-delay.jitter-factor",
    .type = ConfigType::kReal,
    .default_value = "0.1",
    .description = "A pause is up to this share of it longer or shorter, drawn",
    .most = 1};
inline constexpr ConfigOption kExponentialDelayAttempts{
    .key = "restart-strategy.exponential-delay.attempts-before-reset-backoff",
    .type = ConfigType::kInteger,
    .default_value = "2147483647",
    .description = "How often it begins again, counted as the backoff is, before it fails for good",
    .most = 2147483647};
inline constexpr ConfigOption kFailureRateMaxFailures{
    .key = "restart-strategy.failure-rate.max-failures-per-interval",
    .type = ConfigType::kInteger,
    .default_value = "1",
    .description = "Failures within the interval after which it fails for good with the next one",
    .least = 1,
    .most = 1e6};
inline constexpr ConfigOption kFailureRateInterval{
    .key = "restart-strategy.failure-rate.failure-rate-interval",
    .type = ConfigType::kDuration,
    .default_value = "1 min",
    .description = "The interval in which failures are counted",
    .least = 1e6,
    .most = kLongestSpan};
inline constexpr ConfigOption kFailureRateDelay{.key = "restart-strategy.failure-rate.delay",
                                                .type = ConfigType::kDuration,
                                                .default_value = "1 s",
                                                .description = "Pause before it begins again",
                                                .most = kLongestSpan};

// ---- Security ----
inline constexpr ConfigOption kSslEnabled{
    .key = "security.ssl.enabled",
    .type = ConfigType::kBoolean,
    .default_value = "false",
    .description = "Speak TLS between machines; needs the files below"};
inline constexpr ConfigOption kSslCa{
    .key = "security.ssl.ca",
    .type = ConfigType::kPath,
    .description = "PEM file with the certificates of who signed those of the others"};
inline constexpr ConfigOption kSslCertificate{
    .key = "security.ssl.certificate",
    .type = ConfigType::kPath,
    .description = "PEM file with the certificate of this process"};
inline constexpr ConfigOption kSslKey{.key = "security.ssl.key",
                                      .type = ConfigType::kPath,
                                      .description = "PEM file with its private key"};
inline constexpr ConfigOption kSslMutual{
    .key = "security.ssl.mutual",
    .type = ConfigType::kBoolean,
    .default_value = "true",
    .description = "Who connects must show a certificate, too"};

// By key.
std::span<const ConfigOption* const> AllConfigOptions();
// Null if there is no such key.
const ConfigOption* FindConfigOption(std::string_view key);
std::vector<std::string> AllConfigKeys();

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_CONFIG_OPTIONS_H_
