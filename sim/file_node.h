// FileNode: a file or folder of a FileTree, with what is not durable of it.
//
// The node shows what processes see. Beside it stands a log of the changes that a crash may still
// undo, oldest first: appends and cuts for a file (until Sync), names for a folder (until
// SyncDirectory). Each says which client made it (the kernel of one machine) and how to take it
// back, so that the durable state is what is left after undoing the log backwards. A change of
// client kDurable cannot be lost any more; it stays in the log only as long as one below it can.
//
// Pure data.
#ifndef WEIR_SIM_FILE_NODE_H_
#define WEIR_SIM_FILE_NODE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "core/env/file_system.h"

namespace weir::sim {

using ClientId = uint32_t;
inline constexpr ClientId kDurable = 0;
// What a process does after its last file call: lost as a whole when its turn ends.
inline constexpr ClientId kPhantom = ~ClientId{0};

struct FileNode;
using FileNodePtr = std::shared_ptr<FileNode>;

// Bytes [begin, end) were appended, or cut off the end.
struct DataChange {
  ClientId client = kDurable;
  bool cut = false;
  // A failed Sync gave up on these bytes: no later Sync makes them durable.
  bool given_up = false;
  uint64_t begin = 0;
  uint64_t end = 0;
  std::string removed = {};  // If cut.
};

// The entry `name` went from `before` to `after`; null means that there is none. The two entries
// that a rename changes have one id: they are kept or lost together.
struct NameChange {
  ClientId client = kDurable;
  uint64_t id = 0;
  std::string name = {};
  FileNodePtr before = {};
  FileNodePtr after = {};
  // Of a rename between folders: the other folder, whose half a sync of this one makes durable.
  std::weak_ptr<FileNode> other = {};
};

struct FileNode {
  FileType type = FileType::kFile;
  uint64_t id = 0;  // In its tree; 0 for a mounted file.
  std::string bytes;
  absl::Time modified;
  uint64_t link_count = 1;
  bool read_only = false;
  uint64_t lock_holder = 0;  // 0: nobody.
  std::map<std::string, FileNodePtr, std::less<>> entries;

  std::vector<DataChange> data_changes;
  std::vector<NameChange> name_changes;

  FileInfo Info() const {
    return {
        .type = type, .size_bytes = bytes.size(), .modified = modified, .link_count = link_count};
  }
};

}  // namespace weir::sim

#endif  // WEIR_SIM_FILE_NODE_H_
