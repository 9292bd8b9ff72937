#include "core/runtime/restored_content.h"

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace weir {

absl::Status CheckRestoredContent(std::string_view uid, const proto::SubtaskStateSnapshot& restore,
                                  uint64_t content_hash) {
  uint64_t recorded = 0;
  std::vector<std::string> files;
  for (const proto::KeyedStateSnapshot& keyed : restore.keyed()) {
    if (!keyed.has_content_hash()) return absl::OkStatus();
    recorded += keyed.content_hash();
    for (const proto::StateFile& file : keyed.files()) files.push_back(file.name());
  }
  if (recorded == content_hash) return absl::OkStatus();
  return absl::DataLossError(absl::StrFormat(
      "operator '%s', subtask %d: what was restored from %s has the content hash %016x, the "
      "checkpoint recorded %016x: the files are not those of this checkpoint, or were written or "
      "read wrongly; restore an older checkpoint with --restore=MANIFEST",
      std::string(uid), restore.index(), files.empty() ? "no file" : absl::StrJoin(files, ", "),
      content_hash, recorded));
}

}  // namespace weir
