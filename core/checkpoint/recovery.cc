#include "core/checkpoint/recovery.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace weir {
namespace {

constexpr std::string_view kAllowRemedy =
    "put it back, or leave its state behind with --allow-non-restored-state";

std::string Describe(const std::string& uid, const std::string& name) {
  if (name.empty() || name == uid) return absl::StrCat("operator '", uid, "'");
  return absl::StrCat("operator '", name, "' (uid '", uid, "')");
}

// Something would be lost if nobody took it.
bool HoldsState(const proto::OperatorState& op) {
  if (op.has_enumerator() || op.states_size() > 0) return true;
  return std::any_of(op.subtasks().begin(), op.subtasks().end(), [](const auto& subtask) {
    return subtask.splits_size() > 0 || subtask.committables_size() > 0;
  });
}

const proto::StateDeclaration* FindState(const std::vector<proto::StateDeclaration>& states,
                                         const std::string& name) {
  for (const proto::StateDeclaration& state : states) {
    if (state.name() == name) return &state;
  }
  return nullptr;
}

std::string Signature(const proto::StateDeclaration& state) {
  std::vector<std::string> parts = {state.view().empty() ? proto::StateKind_Name(state.kind())
                                                         : state.view()};
  if (!state.key_schema().empty()) parts.push_back("key " + state.key_schema());
  if (!state.namespace_schema().empty()) parts.push_back("namespace " + state.namespace_schema());
  if (!state.value_schema().empty()) parts.push_back("value " + state.value_schema());
  return absl::StrJoin(parts, ", ");
}

bool SameState(const proto::StateDeclaration& a, const proto::StateDeclaration& b) {
  return a.kind() == b.kind() && a.view() == b.view() && a.key_schema() == b.key_schema() &&
         a.namespace_schema() == b.namespace_schema() && a.value_schema() == b.value_schema();
}

// The names of states that `now` does not declare any more.
absl::StatusOr<std::vector<std::string>> CompareStates(const proto::OperatorState& then,
                                                       const RestoreOperator& now,
                                                       const RestoreOptions& options) {
  std::vector<std::string> dropped;
  for (const proto::StateDeclaration& old : then.states()) {
    const proto::StateDeclaration* state = FindState(now.states, old.name());
    if (state == nullptr) {
      if (!options.allow_non_restored_state) {
        return absl::FailedPreconditionError(
            absl::StrFormat("%s no longer declares state '%s', which the checkpoint holds; %s",
                            Describe(now.uid, now.name), old.name(), std::string(kAllowRemedy)));
      }
      dropped.push_back(old.name());
      continue;
    }
    if (SameState(old, *state)) continue;
    return absl::FailedPreconditionError(absl::StrFormat(
        "%s, state '%s': the checkpoint holds %s, the job declares %s; change it back, or give the "
        "new state another name",
        Describe(now.uid, now.name), old.name(), Signature(old), Signature(*state)));
  }
  return dropped;
}

absl::Status CompareParallelism(const proto::OperatorState& then, const RestoreOperator& now) {
  if (static_cast<int>(then.max_parallelism()) != now.max_parallelism) {
    return absl::FailedPreconditionError(
        absl::StrFormat("%s: the checkpoint was taken with max parallelism %d, the job has %d; set "
                        "it back, because "
                        "the key groups of all state depend on it",
                        Describe(now.uid, now.name), then.max_parallelism(), now.max_parallelism));
  }
  WEIR_RETURN_IF_ERROR(ValidateMaxParallelism(now.max_parallelism));
  return ValidateParallelism(now.parallelism, now.max_parallelism);
}

// What subtask `index` of `count` gets of `size` things in a row: as even as it gets, in order.
std::pair<size_t, size_t> EvenShare(size_t size, int index, int count) {
  const size_t i = static_cast<size_t>(index), n = static_cast<size_t>(count);
  return {size * i / n, size * (i + 1) / n};
}

std::vector<KeyedRead> KeyedReads(const proto::OperatorState& then, KeyGroupRange share) {
  std::vector<KeyedRead> reads;
  for (const proto::SubtaskStateSnapshot& subtask : then.subtasks()) {
    for (const proto::KeyedStateSnapshot& keyed : subtask.keyed()) {
      const KeyGroupRange stored = {keyed.key_groups_begin(), keyed.key_groups_end()};
      const KeyGroupRange wanted = {std::max(stored.begin, share.begin),
                                    std::min(stored.end, share.end)};
      if (wanted.begin >= wanted.end) continue;
      KeyedRead& read = reads.emplace_back();
      read.stored = stored;
      read.wanted = wanted;
      read.files.assign(keyed.files().begin(), keyed.files().end());
      if (keyed.has_content_hash() && wanted == stored) read.content_hash = keyed.content_hash();
    }
  }
  return reads;
}

// All elements of a state, in the order of the subtasks that wrote them.
std::vector<std::string> Elements(const proto::OperatorState& then, const std::string& name) {
  std::vector<std::string> elements;
  for (const proto::SubtaskStateSnapshot& subtask : then.subtasks()) {
    for (const proto::OperatorStateSnapshot& state : subtask.operator_states()) {
      if (state.name() != name) continue;
      elements.insert(elements.end(), state.elements().begin(), state.elements().end());
    }
  }
  return elements;
}

std::vector<std::string> ElementsOf(const proto::SubtaskStateSnapshot& subtask,
                                    const std::string& name) {
  for (const proto::OperatorStateSnapshot& state : subtask.operator_states()) {
    if (state.name() == name) return {state.elements().begin(), state.elements().end()};
  }
  return {};
}

std::vector<std::string> ElementsFor(const proto::OperatorState& then,
                                     const proto::StateDeclaration& state, int index, int count) {
  const int old_count = then.subtasks_size();
  if (state.kind() == proto::STATE_KIND_LIST_UNION) return Elements(then, state.name());
  if (state.kind() == proto::STATE_KIND_BROADCAST || count == old_count) {
    return ElementsOf(then.subtasks(index % old_count), state.name());
  }
  const std::vector<std::string> all = Elements(then, state.name());
  const auto [begin, end] = EvenShare(all.size(), index, count);
  return {all.begin() + static_cast<std::ptrdiff_t>(begin),
          all.begin() + static_cast<std::ptrdiff_t>(end)};
}

void RestoreOperatorStates(const proto::OperatorState& then,
                           const std::vector<std::string>& dropped, OperatorRestore& restore) {
  const int count = static_cast<int>(restore.subtasks.size());
  for (const proto::StateDeclaration& state : then.states()) {
    if (state.kind() == proto::STATE_KIND_KEYED) continue;
    if (std::find(dropped.begin(), dropped.end(), state.name()) != dropped.end()) continue;
    for (int i = 0; i < count; ++i) {
      const std::vector<std::string> elements = ElementsFor(then, state, i, count);
      if (elements.empty()) continue;
      proto::OperatorStateSnapshot& to =
          restore.subtasks[static_cast<size_t>(i)].operator_states.emplace_back();
      to.set_name(state.name());
      for (const std::string& element : elements) to.add_elements(element);
    }
  }
}

void RestoreSplits(const proto::OperatorState& then, OperatorRestore& restore) {
  const int count = static_cast<int>(restore.subtasks.size());
  std::vector<proto::ReaderSplitSnapshot> all;
  for (const proto::SubtaskStateSnapshot& subtask : then.subtasks()) {
    all.insert(all.end(), subtask.splits().begin(), subtask.splits().end());
  }
  for (int i = 0; i < count; ++i) {
    std::vector<proto::ReaderSplitSnapshot>& to = restore.subtasks[static_cast<size_t>(i)].splits;
    if (count == then.subtasks_size()) {
      to.assign(then.subtasks(i).splits().begin(), then.subtasks(i).splits().end());
      continue;
    }
    const auto [begin, end] = EvenShare(all.size(), i, count);
    to.assign(all.begin() + static_cast<std::ptrdiff_t>(begin),
              all.begin() + static_cast<std::ptrdiff_t>(end));
  }
}

void RestoreProgress(const proto::OperatorState& then, OperatorRestore& restore) {
  const int count = static_cast<int>(restore.subtasks.size());
  bool all_ended = true;
  int64_t least = INT64_MAX;
  for (const proto::SubtaskStateSnapshot& subtask : then.subtasks()) {
    all_ended = all_ended && subtask.ended();
    least = std::min<int64_t>(least, subtask.watermark_micros());
  }
  const bool same = count == then.subtasks_size();
  for (int i = 0; i < count; ++i) {
    SubtaskRestore& to = restore.subtasks[static_cast<size_t>(i)];
    to.ended = same ? then.subtasks(i).ended() : all_ended;
    to.watermark_micros = same ? then.subtasks(i).watermark_micros() : least;
  }
  for (int i = 0; i < then.subtasks_size(); ++i) {
    const auto& committables = then.subtasks(i).committables();
    std::vector<std::string>& to = restore.subtasks[static_cast<size_t>(i % count)].committables;
    to.insert(to.end(), committables.begin(), committables.end());
  }
}

void RestoreEnumerator(const proto::OperatorState& then, OperatorRestore& restore) {
  if (!then.has_enumerator()) return;
  restore.enumerator = then.enumerator();
  std::set<uint32_t> finished(then.enumerator().finished().begin(),
                              then.enumerator().finished().end());
  for (const proto::SubtaskStateSnapshot& subtask : then.subtasks()) {
    finished.insert(subtask.finished_splits().begin(), subtask.finished_splits().end());
  }
  restore.enumerator->clear_finished();
  for (const uint32_t id : finished) restore.enumerator->add_finished(id);
}

absl::StatusOr<OperatorRestore> PlanOperator(const proto::OperatorState& then,
                                             const RestoreOperator& now,
                                             const RestoreOptions& options) {
  WEIR_RETURN_IF_ERROR(CompareParallelism(then, now));
  WEIR_RETURN_IF_ERROR(CheckSplits(then));
  OperatorRestore restore;
  WEIR_ASSIGN_OR_RETURN(restore.dropped_states, CompareStates(then, now, options));
  restore.subtasks.resize(static_cast<size_t>(now.parallelism));
  for (int i = 0; i < now.parallelism; ++i) {
    restore.subtasks[static_cast<size_t>(i)].keyed =
        KeyedReads(then, KeyGroupRangeForSubtask(i, now.max_parallelism, now.parallelism));
  }
  RestoreOperatorStates(then, restore.dropped_states, restore);
  RestoreSplits(then, restore);
  RestoreProgress(then, restore);
  RestoreEnumerator(then, restore);
  return restore;
}

}  // namespace

absl::Status CheckSplits(const proto::OperatorState& source) {
  if (!source.has_enumerator()) return absl::OkStatus();
  const proto::EnumeratorSnapshot& enumerator = source.enumerator();
  const auto damaged = [&](uint32_t id, std::string_view what) {
    return absl::DataLossError(absl::StrFormat("source '%s', split %d of %d: %s", source.uid(), id,
                                               enumerator.split_count(), std::string(what)));
  };
  std::map<uint32_t, std::string> place;
  const auto put = [&](uint32_t id, std::string where) -> absl::Status {
    if (id >= enumerator.split_count()) return damaged(id, "there is no such split");
    const auto [at, is_new] = place.try_emplace(id, where);
    if (is_new || (where == "finished" && at->second == where)) return absl::OkStatus();
    return damaged(id, absl::StrCat("the checkpoint has it twice, ", at->second, " and ", where));
  };
  for (const proto::PendingSplit& split : enumerator.pending()) {
    WEIR_RETURN_IF_ERROR(put(split.id(), "pending"));
  }
  for (const uint32_t id : enumerator.finished()) WEIR_RETURN_IF_ERROR(put(id, "finished"));
  for (const proto::SubtaskStateSnapshot& subtask : source.subtasks()) {
    for (const proto::ReaderSplitSnapshot& split : subtask.splits()) {
      WEIR_RETURN_IF_ERROR(put(split.id(), absl::StrCat("with reader ", subtask.index())));
    }
    for (const uint32_t id : subtask.finished_splits()) WEIR_RETURN_IF_ERROR(put(id, "finished"));
  }
  uint32_t expected = 0;
  for (const auto& [id, where] : place) {
    if (id != expected) break;
    ++expected;
  }
  if (expected == enumerator.split_count()) return absl::OkStatus();
  return damaged(expected,
                 "the checkpoint does not have it: not pending, with no reader, not finished");
}

absl::StatusOr<RestorePlan> PlanRestore(const proto::CheckpointManifest& manifest,
                                        const std::vector<RestoreOperator>& operators,
                                        const RestoreOptions& options) {
  RestorePlan plan;
  std::map<std::string_view, const RestoreOperator*> by_uid;
  for (const RestoreOperator& op : operators) {
    WEIR_CHECK(by_uid.emplace(op.uid, &op).second) << "two operators with uid " << op.uid;
  }
  for (const proto::OperatorState& then : manifest.operators()) {
    const auto now = by_uid.find(then.uid());
    if (now == by_uid.end()) {
      if (HoldsState(then) && !options.allow_non_restored_state) {
        return absl::FailedPreconditionError(
            absl::StrFormat("the checkpoint holds state of %s, which the job does not have; %s",
                            Describe(then.uid(), then.name()), std::string(kAllowRemedy)));
      }
      plan.dropped_uids.push_back(then.uid());
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(plan.operators[then.uid()], PlanOperator(then, *now->second, options));
  }
  for (const RestoreOperator& op : operators) {
    if (plan.operators.count(op.uid) == 0) plan.new_uids.push_back(op.uid);
  }
  return plan;
}

}  // namespace weir
