// The ids that several packages share. Each is a type of its own, prints itself and orders by value. Pure.
#ifndef WEIR_CORE_BASE_IDS_H_
#define WEIR_CORE_BASE_IDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/strong_id.h"

namespace weir {

// A submitted job, unique in a cluster for ever; a resubmission is another job.
struct JobIdTag {};
using JobId = StrongId<JobIdTag, std::string>;

// The uid of an operator: stable across versions of a job, the name of its state.
struct OperatorIdTag {};
using OperatorId = StrongId<OperatorIdTag, std::string>;

// A subtask, numbered through the whole ExecutionGraph of a job.
struct SubtaskIdTag {
  static constexpr std::string_view kPrefix = "subtask-";
};
using SubtaskId = StrongId<SubtaskIdTag, uint32_t>;

// A channel between two subtasks, numbered through the whole ExecutionGraph of a job.
struct ChannelIdTag {
  static constexpr std::string_view kPrefix = "channel-";
};
using ChannelId = StrongId<ChannelIdTag, uint32_t>;

// A split of one source, numbered by its enumerator.
struct SplitIdTag {
  static constexpr std::string_view kPrefix = "split-";
};
using SplitId = StrongId<SplitIdTag, uint32_t>;

// How often a subtask was deployed. Whatever carries an older one is from a zombie and is refused.
struct AttemptNumberTag {
  static constexpr std::string_view kPrefix = "attempt-";
};
using AttemptNumber = StrongId<AttemptNumberTag, uint32_t>;

// A checkpoint of one job, counted from 1 over all its attempts; a savepoint has one, too.
struct CheckpointIdTag {
  static constexpr std::string_view kPrefix = "checkpoint-";
};
using CheckpointId = StrongId<CheckpointIdTag, uint64_t>;

// Which JobManager leads, counted; whatever carries an older one is from a deposed leader and is refused.
struct LeaderEpochTag {
  static constexpr std::string_view kPrefix = "epoch-";
};
using LeaderEpoch = StrongId<LeaderEpochTag, uint64_t>;

}  // namespace weir

#endif  // WEIR_CORE_BASE_IDS_H_
