#include "state/memory/memory_state_backend.h"

#include <algorithm>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/string_view.h"
#include "state/content_hash.h"

namespace weir {

MemoryStateBackend::MemoryStateBackend(KeyGroupRange key_groups, int max_parallelism)
    : key_groups_(key_groups), max_parallelism_(max_parallelism), writer_(max_parallelism) {
  WEIR_CHECK_OK(ValidateMaxParallelism(max_parallelism));
  WEIR_CHECK_LE(key_groups.begin, key_groups.end);
  WEIR_CHECK_LE(key_groups.end, max_parallelism);
}

StateTableIdentity MemoryStateBackend::NewIdentity() const {
  WEIR_CHECK_LT(states_.size(), std::numeric_limits<uint16_t>::max());
  return {key_groups_, max_parallelism_, static_cast<uint16_t>(states_.size()), ""};
}

void MemoryStateBackend::Add(StateDeclaration declaration, std::unique_ptr<MemoryState> state) {
  WEIR_CHECK(!snapshot_running()) << "state '" << declaration.name << "' is declared too late";
  WEIR_CHECK_OK(ValidateStateName(declaration.name));
  for (const StateDeclaration& other : declarations_) {
    WEIR_CHECK_NE(other.name, declaration.name) << "two states have one name";
  }
  declarations_.push_back(std::move(declaration));
  states_.push_back(std::move(state));
}

void MemoryStateBackend::BeginSnapshot() {
  WEIR_CHECK(!snapshot_running());
  WEIR_CHECK_EQ(writer_.bytes(), 0u);
  WEIR_CHECK_LT(epoch_, std::numeric_limits<uint32_t>::max());
  ++epoch_;
  phase_ = Phase::kRunning;
  scanned_states_ = 0;
  writer_.SetStates(declarations_);
  for (const auto& state : states_) state->BeginSnapshot(epoch_, writer_);
  CompleteIfTaken();
}

void MemoryStateBackend::AdvanceSnapshot(size_t slots_max) {
  if (!snapshot_running()) return;
  while (scanned_states_ < states_.size()) {
    if (!states_[scanned_states_]->AdvanceSnapshot(slots_max)) return;
    ++scanned_states_;
  }
  CompleteIfTaken();
}

std::string MemoryStateBackend::TakeEmitted(size_t bytes_max) {
  std::string taken = writer_.Take(bytes_max);
  CompleteIfTaken();
  return taken;
}

void MemoryStateBackend::CompleteIfTaken() {
  if (snapshot_running() && scanned_states_ == states_.size() && writer_.bytes() == 0) {
    phase_ = Phase::kComplete;
  }
}

uint64_t MemoryStateBackend::snapshot_content_hash() const {
  WEIR_CHECK(snapshot_complete());
  return writer_.content_hash();
}

void MemoryStateBackend::AbortSnapshot() {
  if (!snapshot_running()) return;
  for (const auto& state : states_) state->AbortSnapshot();
  writer_.Clear();
  phase_ = Phase::kNone;
}

absl::Status MemoryStateBackend::Restore(std::string_view records) {
  WEIR_CHECK(!snapshot_running());
  return ForEachSnapshotRun(records, max_parallelism_,
                            [this](const SnapshotRun& run) { return RestoreRun(run); });
}

absl::Status MemoryStateBackend::RestoreRun(const SnapshotRun& run) {
  const auto declared = std::find_if(declarations_.begin(), declarations_.end(),
                                     [&](const auto& state) { return state.name == run.state; });
  const auto name = [&] { return absl::CEscape(ToAbsl(run.state)); };
  if (declared == declarations_.end()) {
    return absl::FailedPreconditionError(absl::StrCat("the snapshot has a state '", name(),
                                                      "', which the operator does not declare"));
  }
  if (declared->Digest() != run.state_digest) {
    return absl::FailedPreconditionError(absl::StrCat(
        "state '", name(),
        "' was written with other types than it is declared with: ", declared->ToString()));
  }
  if (!key_groups_.Contains(run.group)) return absl::OkStatus();
  return states_[static_cast<size_t>(declared - declarations_.begin())]->Restore(run);
}

uint64_t MemoryStateBackend::ContentHashOf(size_t index, KeyGroupRange groups) const {
  return states_[index]->ContentHash(groups, ContentSeedOfState(declarations_[index].name));
}

uint64_t MemoryStateBackend::ContentHash(KeyGroupRange groups) const {
  uint64_t sum = 0;
  for (size_t i = 0; i < states_.size(); ++i) sum += ContentHashOf(i, groups);
  return sum;
}

uint64_t MemoryStateBackend::ContentHash(KeyGroupRange groups, std::string_view state) const {
  size_t index = 0;
  while (index < declarations_.size() && declarations_[index].name != state) ++index;
  WEIR_CHECK_LT(index, declarations_.size()) << "no state '" << state << "'";
  return ContentHashOf(index, groups);
}

}  // namespace weir
