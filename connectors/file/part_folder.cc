#include "connectors/file/part_folder.h"

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr size_t kVerifyBytes = 1 << 20;  // Read at once.

std::string_view Remedy(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return ". Make room there or choose another --output, and run the job again";
    case absl::StatusCode::kPermissionDenied:
      return ". Make the folder writable or choose another --output";
    case absl::StatusCode::kNotFound:
      return ". The output folder must stay in place while the job runs, at the same path on every "
             "machine";
    default:
      return "";
  }
}

absl::Status WithRemedy(const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("writing results: ", status.message(),
                                                  ToAbsl(Remedy(status.code()))));
}

}  // namespace

absl::Status PartFolder::Create(const std::string& temporary) {
  absl::StatusOr<std::unique_ptr<WritableFile>> file =
      file_system_.Create(Path(temporary), CreateMode::kExclusive);
  if (!file.ok()) return WithRemedy(file.status());
  current_ = *std::move(file);
  return absl::OkStatus();
}

absl::Status PartFolder::Append(std::string_view bytes) {
  return WithRemedy(current_->Append(bytes));
}
absl::Status PartFolder::Sync() { return WithRemedy(current_->Sync()); }
absl::Status PartFolder::CloseFile() {
  return WithRemedy(std::exchange(current_, nullptr)->Close());
}
absl::Status PartFolder::SyncFolder() { return WithRemedy(file_system_.SyncDirectory(directory_)); }

absl::Status PartFolder::Verify(const PartCommittable& part) {
  const std::string path = Path(part.temporary);
  const absl::StatusOr<std::unique_ptr<ReadableFile>> file = file_system_.OpenForRead(path);
  if (absl::IsNotFound(file.status())) return absl::OkStatus();  // Publish finds out why.
  if (!file.ok()) return WithRemedy(file.status());
  StableHash64Stream hash;
  uint64_t size = 0;
  while (true) {
    const absl::StatusOr<std::string> bytes = (*file)->ReadAt(size, kVerifyBytes);
    if (!bytes.ok()) return WithRemedy(bytes.status());
    hash.Update(*bytes);
    size += bytes->size();
    if (bytes->size() < kVerifyBytes) break;
  }
  if (size == part.size_bytes && hash.Digest() == part.checksum) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the finished part ", path, " is damaged: it has ", size,
                                          " bytes of ", part.size_bytes,
                                          size == part.size_bytes ? ", with another checksum" : "",
                                          ". Restore it from a copy, or start over with --fresh"));
}

absl::Status PartFolder::Publish(const PartCommittable& part) {
  const absl::Status linked = file_system_.Link(Path(part.temporary), Path(part.visible));
  if (absl::IsNotFound(linked)) return OnTemporaryGone(part, linked);
  if (absl::IsAlreadyExists(linked)) return OnVisibleTaken(part);
  return WithRemedy(linked);
}

absl::Status PartFolder::OnTemporaryGone(const PartCommittable& part, absl::Status cause) {
  const absl::StatusOr<FileInfo> visible = file_system_.Stat(Path(part.visible));
  if (visible.ok() && visible->size_bytes == part.size_bytes) return absl::OkStatus();
  if (absl::IsNotFound(file_system_.Stat(directory_).status())) return WithRemedy(cause);
  if (!visible.ok() && !absl::IsNotFound(visible.status())) return WithRemedy(visible.status());
  const std::string found =
      visible.ok() ? absl::StrCat("has ", visible->size_bytes, " bytes of ", part.size_bytes)
                   : absl::StrCat("is missing, and so is ", part.temporary);
  return absl::DataLossError(absl::StrCat("the finished part ", Path(part.visible), " ", found,
                                          ". Restore it from a copy, or start over with --fresh"));
}

absl::Status PartFolder::OnVisibleTaken(const PartCommittable& part) {
  const absl::StatusOr<FileInfo> visible = file_system_.Stat(Path(part.visible));
  if (!visible.ok()) return WithRemedy(visible.status());
  const absl::Status temporary = file_system_.Stat(Path(part.temporary)).status();
  if (!temporary.ok() && !absl::IsNotFound(temporary)) return WithRemedy(temporary);
  // Two names of one file, or the second one was taken away: this was done before.
  const bool ours = absl::IsNotFound(temporary) || visible->link_count > 1;
  if (ours && visible->size_bytes == part.size_bytes) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      Path(part.visible),
      " exists already. If the run went back to an earlier checkpoint, it was committed after "
      "that: "
      "move it and the newer parts out of the folder. If another sink or job writes into the same "
      "folder, give each a folder of its own"));
}

absl::Status PartFolder::RemoveTemporary(const PartCommittable& part) {
  const absl::Status removed = file_system_.Remove(Path(part.temporary));
  return absl::IsNotFound(removed) ? absl::OkStatus() : WithRemedy(removed);
}

void PartFolder::Abandon(const std::vector<std::string>& temporaries) {
  current_ = nullptr;
  for (const std::string& name : temporaries) file_system_.Remove(Path(name)).IgnoreError();
}

}  // namespace weir
