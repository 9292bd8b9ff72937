// PartFolder: the file operations of one file sink's writer. Blocking: belongs to an executor of
// kind kIo. One operation per method as far as possible, since others may act between any two.
//
// A part becomes visible by a link, which never replaces what is there, and its temporary name goes
// once the visible one is durable; so at any moment at least one of them is, and doing it all again
// does no harm. The remedy is part of every error.
#ifndef WEIR_CONNECTORS_FILE_PART_FOLDER_H_
#define WEIR_CONNECTORS_FILE_PART_FOLDER_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "connectors/file/part_committable.h"
#include "core/env/file_system.h"

namespace weir {

class PartFolder {
 public:
  PartFolder(FileSystem& file_system, std::string directory)
      : file_system_(file_system), directory_(std::move(directory)) {}

  // The part that Append, Sync and CloseFile are about from now on.
  absl::Status Create(const std::string& temporary);
  absl::Status Append(std::string_view bytes);
  absl::Status Sync();
  absl::Status CloseFile();
  absl::Status SyncFolder();

  // DataLoss if the temporary file is there and not what was written.
  absl::Status Verify(const PartCommittable& part);
  // Gives the part its visible name; OK if it has it already. DataLoss if there is no such part any
  // more, FailedPrecondition if the name is another file's.
  absl::Status Publish(const PartCommittable& part);
  // OK if it is gone already.
  absl::Status RemoveTemporary(const PartCommittable& part);

  // Best effort: what stays behind starts with a dot, and the next attempt deletes it.
  void Abandon(const std::vector<std::string>& temporaries);

 private:
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  absl::Status OnTemporaryGone(const PartCommittable& part, absl::Status cause);
  absl::Status OnVisibleTaken(const PartCommittable& part);

  FileSystem& file_system_;
  const std::string directory_;
  std::unique_ptr<WritableFile> current_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_PART_FOLDER_H_
