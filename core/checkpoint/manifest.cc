#include "core/checkpoint/manifest.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/hash.h"
#include "core/base/key_group.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/sealed_file.h"
#include "core/types/schema.h"

namespace weir {
namespace {

absl::Status Wrong(std::string_view uid, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("operator '", ToAbsl(uid), "': ", ToAbsl(what)));
}
absl::Status Wrong(std::string_view uid, uint32_t index, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("operator '", ToAbsl(uid), "', subtask ", index, ": ", ToAbsl(what)));
}

absl::Status CheckSchema(std::string_view uid, const std::string& state, const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<Schema> schema = ParseSchema(text);
  if (schema.ok()) return absl::OkStatus();
  return Wrong(uid, absl::StrCat("state '", state, "': ", schema.status().message()));
}

absl::Status CheckDeclarations(const proto::OperatorState& op) {
  std::set<std::string_view> names;
  for (const proto::StateDeclaration& state : op.states()) {
    if (state.name().empty()) return Wrong(op.uid(), "a state without a name");
    if (!names.insert(state.name()).second) {
      return Wrong(op.uid(), absl::StrCat("state '", state.name(), "' is declared twice"));
    }
    if (state.kind() <= proto::STATE_KIND_UNKNOWN || state.kind() > proto::STATE_KIND_BROADCAST) {
      return Wrong(op.uid(), absl::StrCat("state '", state.name(), "' has an unknown kind"));
    }
    for (const std::string* text :
         {&state.key_schema(), &state.namespace_schema(), &state.value_schema()}) {
      WEIR_RETURN_IF_ERROR(CheckSchema(op.uid(), state.name(), *text));
    }
  }
  return absl::OkStatus();
}

bool DeclaresKeyedState(const proto::OperatorState& op) {
  return std::any_of(op.states().begin(), op.states().end(),
                     [](const auto& state) { return state.kind() == proto::STATE_KIND_KEYED; });
}

absl::Status CheckKeyed(const proto::OperatorState& op, const proto::SubtaskStateSnapshot& subtask,
                        int max_parallelism) {
  if (!DeclaresKeyedState(op)) {
    if (subtask.keyed().empty()) return absl::OkStatus();
    return Wrong(op.uid(), subtask.index(), "keyed state that it does not declare");
  }
  const KeyGroupRange share = KeyGroupRangeForSubtask(
      static_cast<int>(subtask.index()), max_parallelism, static_cast<int>(op.parallelism()));
  uint32_t next = share.begin;
  for (const proto::KeyedStateSnapshot& keyed : subtask.keyed()) {
    if (keyed.key_groups_begin() != next || keyed.key_groups_end() <= next) {
      return Wrong(op.uid(), subtask.index(),
                   absl::StrFormat("key groups [%d, %d) where those from %d on should follow",
                                   keyed.key_groups_begin(), keyed.key_groups_end(), next));
    }
    next = keyed.key_groups_end();
    for (const proto::StateFile& file : keyed.files()) {
      if (IsPlainFileName(file.name())) continue;
      return Wrong(op.uid(), subtask.index(),
                   absl::StrCat("'", file.name(), "' is no name of a file in the same folder"));
    }
  }
  if (next == share.end) return absl::OkStatus();
  return Wrong(
      op.uid(), subtask.index(),
      absl::StrFormat("its key groups end at %d, its share is %s", next, share.ToString()));
}

absl::Status CheckOperatorStates(const proto::OperatorState& op,
                                 const proto::SubtaskStateSnapshot& subtask) {
  std::set<std::string_view> seen;
  for (const proto::OperatorStateSnapshot& state : subtask.operator_states()) {
    const auto declared =
        std::find_if(op.states().begin(), op.states().end(), [&](const auto& declaration) {
          return declaration.name() == state.name() &&
                 declaration.kind() != proto::STATE_KIND_KEYED;
        });
    if (declared == op.states().end()) {
      return Wrong(op.uid(), subtask.index(),
                   absl::StrCat("state '", state.name(), "' is not declared as operator state"));
    }
    if (!seen.insert(state.name()).second) {
      return Wrong(op.uid(), subtask.index(),
                   absl::StrCat("state '", state.name(), "' comes twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOperator(const proto::OperatorState& op) {
  if (op.uid().empty()) return Wrong(op.uid(), "no uid");
  if (op.max_parallelism() > static_cast<uint32_t>(kMaxParallelismLimit) ||
      op.parallelism() > static_cast<uint32_t>(kMaxParallelismLimit)) {
    return Wrong(op.uid(), "a parallelism over the limit");
  }
  const int max_parallelism = static_cast<int>(op.max_parallelism());
  absl::Status valid = ValidateMaxParallelism(max_parallelism);
  valid.Update(ValidateParallelism(static_cast<int>(op.parallelism()), max_parallelism));
  if (!valid.ok()) return Wrong(op.uid(), ToStd(valid.message()));
  if (static_cast<uint32_t>(op.subtasks_size()) != op.parallelism()) {
    return Wrong(op.uid(), absl::StrFormat("%d snapshots of %d subtasks", op.subtasks_size(),
                                           op.parallelism()));
  }
  WEIR_RETURN_IF_ERROR(CheckDeclarations(op));
  for (int i = 0; i < op.subtasks_size(); ++i) {
    const proto::SubtaskStateSnapshot& subtask = op.subtasks(i);
    if (subtask.index() != static_cast<uint32_t>(i)) {
      return Wrong(op.uid(), subtask.index(), absl::StrFormat("stands at place %d", i));
    }
    WEIR_RETURN_IF_ERROR(CheckKeyed(op, subtask, max_parallelism));
    WEIR_RETURN_IF_ERROR(CheckOperatorStates(op, subtask));
  }
  return absl::OkStatus();
}

absl::Status Bug(const absl::Status& status) {
  return absl::InternalError(absl::StrCat("the checkpoint is not complete: ", status.message()));
}

bool SameDeclarations(const proto::OperatorState& op, const proto::OperatorSnapshot& snapshot) {
  return op.states_size() == snapshot.states_size() &&
         std::equal(op.states().begin(), op.states().end(), snapshot.states().begin(),
                    [](const auto& a, const auto& b) {
                      return a.SerializeAsString() == b.SerializeAsString();
                    });
}

}  // namespace

absl::StatusOr<proto::CheckpointManifest> BuildManifest(
    const ManifestHeader& header, std::vector<ManifestOperator> operators,
    const std::map<SubtaskId, proto::SubtaskSnapshot>& snapshots) {
  proto::CheckpointManifest manifest;
  manifest.set_checkpoint_id(header.checkpoint.value());
  manifest.set_job_id(header.job.value());
  manifest.set_job_name(header.job_name);
  manifest.set_run_id(header.run_id);
  manifest.set_job_graph_digest(header.job_graph_digest);
  manifest.set_leader_epoch(header.attempt.epoch.value());
  manifest.set_attempt(header.attempt.attempt.value());
  manifest.set_savepoint(header.savepoint);
  manifest.set_hash_version(kHashVersion);

  std::sort(operators.begin(), operators.end(),
            [](const auto& a, const auto& b) { return a.uid < b.uid; });
  std::map<std::string_view, proto::OperatorState*> by_uid;
  for (ManifestOperator& from : operators) {
    proto::OperatorState& op = *manifest.add_operators();
    op.set_uid(from.uid);
    op.set_name(from.name);
    op.set_parallelism(static_cast<uint32_t>(from.parallelism));
    op.set_max_parallelism(static_cast<uint32_t>(from.max_parallelism));
    if (from.enumerator.has_value()) *op.mutable_enumerator() = *std::move(from.enumerator);
    by_uid[op.uid()] = &op;
  }
  for (const auto& [subtask, snapshot] : snapshots) {
    for (const proto::OperatorSnapshot& from : snapshot.operators()) {
      const auto op = by_uid.find(from.uid());
      if (op == by_uid.end()) return Bug(Wrong(from.uid(), "no such operator"));
      if (op->second->subtasks().empty()) *op->second->mutable_states() = from.states();
      if (!SameDeclarations(*op->second, from)) {
        return Bug(
            Wrong(from.uid(), from.state().index(), "declares other state than the one before"));
      }
      *op->second->add_subtasks() = from.state();
    }
  }
  for (proto::OperatorState& op : *manifest.mutable_operators()) {
    std::sort(op.mutable_subtasks()->begin(), op.mutable_subtasks()->end(),
              [](const auto& a, const auto& b) { return a.index() < b.index(); });
  }
  if (const absl::Status status = ValidateManifest(manifest); !status.ok()) return Bug(status);
  return manifest;
}

absl::Status ValidateManifest(const proto::CheckpointManifest& manifest) {
  if (manifest.checkpoint_id() == 0) return absl::InvalidArgumentError("it has no checkpoint id");
  if (manifest.hash_version() != kHashVersion) {
    return absl::InvalidArgumentError(
        absl::StrFormat("its key groups are by hash version %d, this build has version %d",
                        manifest.hash_version(), kHashVersion));
  }
  for (int i = 0; i < manifest.operators_size(); ++i) {
    const proto::OperatorState& op = manifest.operators(i);
    if (i > 0 && op.uid() <= manifest.operators(i - 1).uid()) {
      return Wrong(op.uid(), "its uid is not greater than the one before");
    }
    WEIR_RETURN_IF_ERROR(CheckOperator(op));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> EncodeManifest(const proto::CheckpointManifest& manifest) {
  WEIR_RETURN_IF_ERROR(ValidateManifest(manifest));
  return SealFile(kManifestFile, manifest);
}

absl::StatusOr<proto::CheckpointManifest> DecodeManifest(std::string_view bytes,
                                                         std::string_view path) {
  proto::CheckpointManifest manifest;
  WEIR_RETURN_IF_ERROR(UnsealMessage(kManifestFile, bytes, path, manifest));
  if (const absl::Status status = ValidateManifest(manifest); !status.ok()) {
    return DamagedFile(kManifestFile.name, path, ToStd(status.message()));
  }
  return manifest;
}

std::vector<proto::StateFile> ReachableFiles(const proto::CheckpointManifest& manifest) {
  std::map<std::string_view, const proto::StateFile*> files;
  for (const proto::OperatorState& op : manifest.operators()) {
    for (const proto::SubtaskStateSnapshot& subtask : op.subtasks()) {
      for (const proto::KeyedStateSnapshot& keyed : subtask.keyed()) {
        for (const proto::StateFile& file : keyed.files()) files.emplace(file.name(), &file);
      }
    }
  }
  std::vector<proto::StateFile> result;
  result.reserve(files.size());
  for (const auto& [name, file] : files) result.push_back(*file);
  return result;
}

}  // namespace weir
