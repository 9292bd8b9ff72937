// Snapshot chunks: the bytes that entries of state have outside a backend (docs/formats/state-snapshot.md). A snapshot is a
// sequence of chunks; a chunk decodes alone and holds runs: entries that share state, key group and namespace.
//
// SnapshotWriter collects entries, closes a chunk when it has kSnapshotChunkBytes, and hands out whole chunks.
// ForEachSnapshotRun takes chunks apart and never believes them. Both belong to the executor of their subtask.
#ifndef WEIR_STATE_SNAPSHOT_CHUNK_H_
#define WEIR_STATE_SNAPSHOT_CHUNK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "core/base/byte_codec.h"
#include "core/base/key_group.h"
#include "state/content_hash.h"
#include "state/state_declaration.h"

namespace weir {

inline constexpr size_t kSnapshotChunkHeaderBytes = 24;
inline constexpr size_t kSnapshotRunHeaderBytes = 12;
// A chunk that has reached this gets no further entry.
inline constexpr size_t kSnapshotChunkBytes = 64 * 1024;

class SnapshotWriter {
 public:
  explicit SnapshotWriter(int max_parallelism);
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // What indexes in BeginEntry() mean from now on. Requires bytes() == 0. CHECKs that there are at most 65535.
  void SetStates(const std::vector<StateDeclaration>& states);

  // Whoever writes entries of one state and namespace takes a number, never the same, for BeginEntry().
  uint64_t NewSource() { return ++last_source_; }

  // The caller appends the encoded key and value to the result, and calls EndEntry() before anything else. `name_space` is the
  // encoded namespace; it and `state_index` must be the same in all calls with one `source`.
  ByteWriter& BeginEntry(uint64_t source, uint16_t state_index, KeyGroupId group,
                         std::string_view name_space) {
    if (source != run_source_ || group.value() != run_group_ || open_.size() >= kSnapshotChunkBytes)
        [[unlikely]] {
      OpenRun(source, state_index, group, name_space);
    }
    ++run_entries_;
    entry_at_ = open_.size();
    return writer_;
  }
  // `content_seed` is ContentSeed() of what BeginEntry() was given.
  void EndEntry(uint64_t content_seed) {
    content_hash_ += ContentHashOfEntry(content_seed, std::string_view(open_).substr(entry_at_));
  }
  uint64_t ContentSeed(uint16_t state_index, std::string_view name_space) const {
    return ContentSeedOfNamespace(state_seeds_[state_index], name_space);
  }

  // Of all entries since SetStates() or Clear(), taken or not (state/content_hash.h).
  uint64_t content_hash() const { return content_hash_; }

  // Of all chunks, the open one included.
  size_t bytes() const { return sealed_bytes_ + open_.size(); }
  // Whole chunks, oldest first: as many as fit, but at least one if there is one.
  std::string Take(size_t bytes_max);
  // Drops everything.
  void Clear();

 private:
  void OpenRun(uint64_t source, uint16_t state_index, KeyGroupId group,
               std::string_view name_space);
  void CloseRun();
  void SealChunk();

  const int max_parallelism_;
  uint16_t state_count_ = 0;
  std::string state_table_;            // As it stands in each chunk.
  std::vector<uint64_t> state_seeds_;  // Of content hashes, by index.

  std::deque<std::string> sealed_;
  size_t sealed_bytes_ = 0;
  std::string open_;  // Header, state table and runs, or nothing.
  ByteWriter writer_{open_};

  uint64_t last_source_ = 0;
  uint64_t run_source_ = 0;  // 0: no run is open.
  uint32_t run_group_ = 0;
  uint32_t run_entries_ = 0;
  size_t run_at_ = 0;    // Of the run's header in open_.
  size_t entry_at_ = 0;  // Of the last entry in open_.
  uint64_t content_hash_ = 0;
};

// A run as it was read; views into the bytes.
struct SnapshotRun {
  std::string_view state;
  uint64_t state_digest = 0;  // StateDeclaration::Digest().
  KeyGroupId group;
  uint32_t entry_count = 0;
  std::string_view bytes;  // Namespace and entries.
  size_t position = 0;     // Of `bytes` in what is read.
};

// DataLoss: "state 'counts', key group 3, byte 1234: <what>".
absl::Status SnapshotRunError(const SnapshotRun& run, size_t position_in_run,
                              std::string_view what);

// Calls fn for every run of `chunks`, and stops at its first error. DataLoss with the place if the chunks are malformed or were
// written with another max parallelism; fn may then have been called for runs before it, but only of intact chunks.
absl::Status ForEachSnapshotRun(std::string_view chunks, int max_parallelism,
                                absl::FunctionRef<absl::Status(const SnapshotRun&)> fn);

}  // namespace weir

#endif  // WEIR_STATE_SNAPSHOT_CHUNK_H_
