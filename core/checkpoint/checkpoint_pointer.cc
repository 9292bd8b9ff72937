#include "core/checkpoint/checkpoint_pointer.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/sealed_file.h"
#include "core/proto/manifest.pb.h"

namespace weir {
namespace {

void ToProto(const ManifestRef& ref, proto::ManifestReference& message) {
  message.set_name(ref.name);
  message.set_size_bytes(ref.size_bytes);
  message.set_checksum(ref.checksum);
  message.set_checkpoint_id(ref.checkpoint.value());
}

ManifestRef FromProto(const proto::ManifestReference& message) {
  return {message.name(), message.size_bytes(), message.checksum(),
          CheckpointId(message.checkpoint_id())};
}

// A name in the folder or a path, and a checkpoint.
bool IsReference(const ManifestRef& ref) {
  return (IsPlainFileName(ref.name) || ref.name.substr(0, 1) == "/") &&
         ref.checkpoint != CheckpointId();
}

}  // namespace

std::string ManifestRef::ToString() const {
  if (none()) return "none";
  return absl::StrFormat("%s (%d bytes, %016x)", name, size_bytes, checksum);
}

std::vector<ManifestRef> PointerRecord::retained() const {
  std::vector<ManifestRef> all = older;
  if (!manifest.none()) all.push_back(manifest);
  return all;
}

std::string PointerRecord::ToString() const {
  return absl::StrFormat(
      "pointer-%d by %s -> checkpoint %d, %s, committed through %d, ids through %d", sequence,
      attempt.ToString(), manifest.checkpoint.value(), manifest.ToString(),
      committed_through.value(), reserved_through.value());
}

std::string EncodePointer(const PointerRecord& record) {
  proto::CheckpointPointer message;
  message.set_sequence(record.sequence);
  message.set_leader_epoch(record.attempt.epoch.value());
  message.set_attempt(record.attempt.attempt.value());
  if (!record.manifest.none()) ToProto(record.manifest, *message.mutable_manifest());
  for (const ManifestRef& ref : record.older) ToProto(ref, *message.add_older());
  message.set_committed_through(record.committed_through.value());
  message.set_reserved_through(record.reserved_through.value());
  absl::StatusOr<std::string> file = SealFile(kPointerFile, message);
  WEIR_CHECK_OK(file);
  return *std::move(file);
}

absl::StatusOr<PointerRecord> DecodePointer(std::string_view bytes, std::string_view path) {
  proto::CheckpointPointer message;
  WEIR_RETURN_IF_ERROR(UnsealMessage(kPointerFile, bytes, path, message));
  PointerRecord record;
  record.sequence = message.sequence();
  record.attempt = {LeaderEpoch(message.leader_epoch()), AttemptNumber(message.attempt())};
  record.manifest = FromProto(message.manifest());
  for (const proto::ManifestReference& ref : message.older()) {
    record.older.push_back(FromProto(ref));
  }
  record.committed_through = CheckpointId(message.committed_through());
  record.reserved_through = CheckpointId(message.reserved_through());
  const auto damaged = [&](std::string_view what) {
    return DamagedFile(kPointerFile.name, path, what);
  };
  if (record.sequence == 0) return damaged("it has no number");
  const bool empty = record.manifest == ManifestRef() && record.older.empty();
  if (!empty && !IsReference(record.manifest)) return damaged("it names no checkpoint");
  if (!std::all_of(record.older.begin(), record.older.end(), IsReference)) {
    return damaged("one of the older checkpoints has no name");
  }
  if (record.committed_through > record.manifest.checkpoint ||
      record.reserved_through < record.manifest.checkpoint) {
    return damaged("its checkpoint ids contradict each other");
  }
  return record;
}

}  // namespace weir
