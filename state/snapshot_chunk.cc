#include "state/snapshot_chunk.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr uint32_t kMagic = 0x504e5357;  // "WSNP"
constexpr uint16_t kVersion = 1;
constexpr size_t kChecksumAt = 16;

uint64_t Checksum(std::string_view chunk) {
  return StableHash64WithSeed(chunk.substr(kSnapshotChunkHeaderBytes),
                              StableHash64(chunk.substr(0, kChecksumAt)));
}

struct StateEntry {
  std::string_view name;
  uint64_t digest = 0;
};

absl::Status ChunkError(size_t position, std::string_view what) {
  return absl::DataLossError(absl::StrCat("snapshot chunk at byte ", position, ": ", ToAbsl(what)));
}

// `chunk` begins at `position` of what is read, and may be followed by others; it is cut to its own length.
absl::Status CheckChunk(std::string_view& chunk, size_t position, int max_parallelism,
                        uint16_t& state_count) {
  ByteReader reader(chunk);
  uint32_t magic = 0;
  uint16_t version = 0;
  uint32_t body_bytes = 0;
  uint32_t chunk_max_parallelism = 0;
  uint64_t checksum = 0;
  if (!reader.GetU32(magic) || !reader.GetU16(version) || !reader.GetU16(state_count) ||
      !reader.GetU32(body_bytes) || !reader.GetU32(chunk_max_parallelism) ||
      !reader.GetU64(checksum)) {
    return ChunkError(position, "the header is cut off");
  }
  if (magic != kMagic) return ChunkError(position, "not a snapshot chunk");
  if (version != kVersion) {
    return ChunkError(position, absl::StrCat("version ", version, ", this build reads 1"));
  }
  if (reader.remaining() < body_bytes) {
    return ChunkError(
        position, absl::StrCat(body_bytes, " bytes announced, ", reader.remaining(), " are there"));
  }
  chunk = chunk.substr(0, kSnapshotChunkHeaderBytes + body_bytes);
  if (checksum != Checksum(chunk)) return ChunkError(position, "the checksum does not match");
  if (chunk_max_parallelism != static_cast<uint32_t>(max_parallelism)) {
    return ChunkError(position, absl::StrCat("written with max parallelism ", chunk_max_parallelism,
                                             ", this job has ", max_parallelism));
  }
  return absl::OkStatus();
}

absl::Status ReadRuns(std::string_view chunk, size_t position, int max_parallelism,
                      uint16_t state_count,
                      absl::FunctionRef<absl::Status(const SnapshotRun&)> fn) {
  ByteReader reader(chunk);
  if (!reader.Skip(kSnapshotChunkHeaderBytes)) return ChunkError(position, "no header");
  std::vector<StateEntry> states;
  for (uint16_t i = 0; i < state_count; ++i) {
    StateEntry& state = states.emplace_back();
    if (!reader.GetString(state.name) || !reader.GetU64(state.digest) || state.name.empty() ||
        state.name.size() > kStateNameBytesMax) {
      return ChunkError(position, absl::StrCat("its table of states is malformed at byte ",
                                               position + reader.position()));
    }
  }
  while (!reader.at_end()) {
    const size_t run_at = position + reader.position();
    uint16_t state_index = 0;
    uint16_t group = 0;
    uint32_t byte_count = 0;
    SnapshotRun run;
    if (!reader.GetU16(state_index) || !reader.GetU16(group) || !reader.GetU32(run.entry_count) ||
        !reader.GetU32(byte_count) || !reader.GetRaw(byte_count, run.bytes)) {
      return ChunkError(position, absl::StrCat("the run at byte ", run_at, " is cut off"));
    }
    if (state_index >= states.size() || group >= max_parallelism || run.entry_count == 0) {
      return ChunkError(
          position, absl::StrCat("the run at byte ", run_at, " is malformed: state ", state_index,
                                 " of ", states.size(), ", key group ", group, " of ",
                                 max_parallelism, ", ", run.entry_count, " entries"));
    }
    run.state = states[state_index].name;
    run.state_digest = states[state_index].digest;
    run.group = KeyGroupId(group);
    run.position = run_at + kSnapshotRunHeaderBytes;
    WEIR_RETURN_IF_ERROR(fn(run));
  }
  return absl::OkStatus();
}

}  // namespace

SnapshotWriter::SnapshotWriter(int max_parallelism) : max_parallelism_(max_parallelism) {
  WEIR_CHECK_LE(max_parallelism, kMaxParallelismLimit);
}

void SnapshotWriter::SetStates(const std::vector<StateDeclaration>& states) {
  WEIR_CHECK_EQ(bytes(), 0u);
  WEIR_CHECK_LE(states.size(), std::numeric_limits<uint16_t>::max());
  state_count_ = static_cast<uint16_t>(states.size());
  state_table_.clear();
  state_seeds_.clear();
  content_hash_ = 0;
  ByteWriter table(state_table_);
  for (const StateDeclaration& state : states) {
    state_seeds_.push_back(ContentSeedOfState(state.name));
    table.PutString(state.name);
    table.PutU64(state.Digest());
  }
}

void SnapshotWriter::OpenRun(uint64_t source, uint16_t state_index, KeyGroupId group,
                             std::string_view name_space) {
  WEIR_DCHECK_LT(state_index, state_count_);
  CloseRun();
  if (open_.size() >= kSnapshotChunkBytes) SealChunk();
  if (open_.empty()) {
    open_.reserve(kSnapshotChunkBytes + kSnapshotChunkBytes / 8);
    writer_.Extend(kSnapshotChunkHeaderBytes);  // Filled in by SealChunk().
    writer_.PutRaw(state_table_);
  }
  run_source_ = source;
  run_group_ = group.value();
  run_entries_ = 0;
  run_at_ = open_.size();
  writer_.PutU16(state_index);
  writer_.PutU16(static_cast<uint16_t>(group.value()));
  writer_.Extend(8);  // Filled in by CloseRun().
  writer_.PutRaw(name_space);
}

void SnapshotWriter::CloseRun() {
  if (run_source_ == 0) return;
  const size_t run_bytes = open_.size() - run_at_ - kSnapshotRunHeaderBytes;
  WEIR_CHECK_LE(run_bytes, std::numeric_limits<uint32_t>::max());
  StoreLittle(run_entries_, open_.data() + run_at_ + 4);
  StoreLittle(static_cast<uint32_t>(run_bytes), open_.data() + run_at_ + 8);
  run_source_ = 0;
}

void SnapshotWriter::SealChunk() {
  CloseRun();
  const size_t body_bytes = open_.size() - kSnapshotChunkHeaderBytes;
  WEIR_CHECK_LE(body_bytes, std::numeric_limits<uint32_t>::max());
  char* header = open_.data();
  StoreLittle(kMagic, header);
  StoreLittle(kVersion, header + 4);
  StoreLittle(state_count_, header + 6);
  StoreLittle(static_cast<uint32_t>(body_bytes), header + 8);
  StoreLittle(static_cast<uint32_t>(max_parallelism_), header + 12);
  StoreLittle(Checksum(open_), header + kChecksumAt);
  sealed_bytes_ += open_.size();
  sealed_.push_back(std::exchange(open_, std::string()));
}

std::string SnapshotWriter::Take(size_t bytes_max) {
  if (!open_.empty() && (sealed_.empty() || bytes() <= bytes_max)) SealChunk();
  std::string taken;
  while (!sealed_.empty() &&
         (taken.empty() || taken.size() + sealed_.front().size() <= bytes_max)) {
    sealed_bytes_ -= sealed_.front().size();
    if (taken.empty()) {
      taken = std::move(sealed_.front());
    } else {
      taken += sealed_.front();
    }
    sealed_.pop_front();
  }
  return taken;
}

void SnapshotWriter::Clear() {
  sealed_.clear();
  sealed_bytes_ = 0;
  open_.clear();
  run_source_ = 0;
  content_hash_ = 0;
}

absl::Status SnapshotRunError(const SnapshotRun& run, size_t position_in_run,
                              std::string_view what) {
  return absl::DataLossError(absl::StrCat("state '", ToAbsl(run.state), "', key group ",
                                          run.group.value(), ", byte ",
                                          run.position + position_in_run, ": ", ToAbsl(what)));
}

absl::Status ForEachSnapshotRun(std::string_view chunks, int max_parallelism,
                                absl::FunctionRef<absl::Status(const SnapshotRun&)> fn) {
  for (size_t position = 0; position < chunks.size();) {
    std::string_view chunk = chunks.substr(position);
    uint16_t state_count = 0;
    WEIR_RETURN_IF_ERROR(CheckChunk(chunk, position, max_parallelism, state_count));
    WEIR_RETURN_IF_ERROR(ReadRuns(chunk, position, max_parallelism, state_count, fn));
    position += chunk.size();
  }
  return absl::OkStatus();
}

}  // namespace weir
