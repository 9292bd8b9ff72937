// Key groups: the fixed number (max parallelism) of shares that keyed state is cut into, so that a job can be rescaled without
// touching keys. A key's group is the top bits of its hash; a subtask owns a contiguous range of groups. Tables inside a
// key group must take their slots from other bits of the hash than these. Pure.
//
// Max parallelism is a power of two in [1, 32768]; parallelism is in [1, max parallelism].
// Source: Flink's KeyGroupRangeAssignment (the ranges are the same; the hash is not).
#ifndef WEIR_CORE_BASE_KEY_GROUP_H_
#define WEIR_CORE_BASE_KEY_GROUP_H_

#include <bit>
#include <compare>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "core/base/check.h"
#include "core/base/strong_id.h"

namespace weir {

struct KeyGroupIdTag {
  static constexpr std::string_view kPrefix = "key-group-";
};
using KeyGroupId = StrongId<KeyGroupIdTag, uint32_t>;

inline constexpr int kMaxParallelismDefault = 128;
inline constexpr int kMaxParallelismLimit = 32768;

// InvalidArgument that says what to write.
absl::Status ValidateMaxParallelism(int max_parallelism);
absl::Status ValidateParallelism(int parallelism, int max_parallelism);

// The key groups [begin, end). Empty by default.
struct KeyGroupRange {
  uint32_t begin = 0;
  uint32_t end = 0;

  bool empty() const { return begin == end; }
  uint32_t size() const { return end - begin; }
  bool Contains(KeyGroupId group) const { return begin <= group.value() && group.value() < end; }

  // "[0, 64)"
  std::string ToString() const;
  friend bool operator==(const KeyGroupRange&, const KeyGroupRange&) = default;
  friend std::ostream& operator<<(std::ostream& out, const KeyGroupRange& range) {
    return out << range.ToString();
  }
};

inline KeyGroupId KeyGroupOfHash(uint64_t key_hash, int max_parallelism) {
  WEIR_DCHECK(std::has_single_bit(static_cast<uint32_t>(max_parallelism)));
  const int bits = std::countr_zero(static_cast<uint32_t>(max_parallelism));
  // In two steps, because one group means no bits and a shift by 64 is undefined.
  return KeyGroupId(static_cast<uint32_t>((key_hash >> 1) >> (63 - bits)));
}

// The subtask whose range holds `group`.
inline int SubtaskForKeyGroup(KeyGroupId group, int max_parallelism, int parallelism) {
  WEIR_DCHECK_LT(group.value(), max_parallelism);
  WEIR_DCHECK_LE(parallelism, max_parallelism);
  return static_cast<int>(group.value()) * parallelism / max_parallelism;
}

inline int SubtaskForHash(uint64_t key_hash, int max_parallelism, int parallelism) {
  return SubtaskForKeyGroup(KeyGroupOfHash(key_hash, max_parallelism), max_parallelism,
                            parallelism);
}

// What subtask `index` of `parallelism` owns. Never empty; the ranges of all subtasks partition [0, max_parallelism).
inline KeyGroupRange KeyGroupRangeForSubtask(int index, int max_parallelism, int parallelism) {
  WEIR_CHECK_LE(1, parallelism);
  WEIR_CHECK_LE(parallelism, max_parallelism);
  WEIR_CHECK_LE(0, index);
  WEIR_CHECK_LT(index, parallelism);
  const int begin = (index * max_parallelism + parallelism - 1) / parallelism;
  const int last = ((index + 1) * max_parallelism - 1) / parallelism;
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(last + 1)};
}

}  // namespace weir

#endif  // WEIR_CORE_BASE_KEY_GROUP_H_
