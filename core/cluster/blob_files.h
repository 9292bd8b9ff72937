// The files of the blob store, in a folder that JobManagers share:
//
//   <key>-<e>          the bytes of a blob; a name that the leader with LeaderEpoch e gave it
//   .upload-<e>-<n>    being written by that leader
//
// A name appears by a hard link to a synced file, so what it names is always whole. A leader gives the blobs that its jobs need
// names of its own, and removes names of its own and older epochs only: one that was replaced, and does not know it yet, takes
// nothing away from its successor. Tasks for an executor of kind kIo; at most one that changes the folder runs at a time in a process.
#ifndef WEIR_CORE_CLUSTER_BLOB_FILES_H_
#define WEIR_CORE_CLUSTER_BLOB_FILES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/checkpoint/file_tasks.h"
#include "core/checkpoint/storage_task.h"
#include "core/cluster/blob_key.h"
#include "core/env/file_system.h"

namespace weir {

struct BlobPlace {
  std::string folder;  // Absolute; exists.
  LeaderEpoch epoch;

  std::string PathOf(const BlobKey& key) const;
};

// Writes `bytes`, whose key is `key`. When done they are durable under PathOf(key); so they may be after an error, too. To try
// again is safe.
class WriteBlobTask final : public StorageTask {
 public:
  // `write` differs between all tries of this leader.
  WriteBlobTask(FileSystem& file_system, BlobPlace place, BlobKey key, uint64_t write,
                std::string bytes);
  absl::StatusOr<StepResult> Step() override;

 private:
  enum class Stage : uint8_t { kWrite, kLink, kSyncFolder, kRemoveCandidate };
  FileSystem& file_system_;
  const BlobPlace place_;
  const std::string path_;
  const std::string candidate_;
  WriteFileTask write_;
  Stage stage_ = Stage::kWrite;
};

// Gives a blob of an earlier leader a name of this one's, durably; does nothing more if it has one. NotFound if there is no such
// blob.
class ClaimBlobTask final : public StorageTask {
 public:
  ClaimBlobTask(FileSystem& file_system, BlobPlace place, BlobKey key);
  absl::StatusOr<StepResult> Step() override;
  // When done: its size.
  uint64_t size_bytes() const { return size_bytes_; }

 private:
  enum class Stage : uint8_t { kStat, kList, kLink, kSyncFolder };
  FileSystem& file_system_;
  const BlobPlace place_;
  const BlobKey key_;
  Stage stage_ = Stage::kStat;
  uint64_t size_bytes_ = 0;
  std::vector<std::string> names_;  // Of other leaders; one is as good as another.
};

// Reads one piece. DataLoss if the file ends before `offset`.
class ReadBlobPieceTask final : public StorageTask {
 public:
  ReadBlobPieceTask(FileSystem& file_system, std::string path, uint64_t offset, size_t bytes_max);
  absl::StatusOr<StepResult> Step() override;
  // When done.
  const std::string& bytes() const { return bytes_; }
  uint64_t size_bytes() const { return size_bytes_; }  // Of the whole.

 private:
  FileSystem& file_system_;
  const std::string path_;
  const uint64_t offset_;
  const size_t bytes_max_;
  std::unique_ptr<ReadableFile> file_;
  bool sized_ = false;
  uint64_t size_bytes_ = 0;
  std::string bytes_;
};

// Which of the folder's names the leader with epoch `ours` removes: what no key in `needed` asks for, names of earlier leaders for
// which there is one of ours, and half-done writes. Foreign names stay. Pure.
std::vector<std::string> DecideBlobGarbage(const std::vector<DirectoryEntry>& entries,
                                           LeaderEpoch ours, const std::set<BlobKey>& needed);

// Removes them. Errors of single files are left for the next time.
class CollectBlobsTask final : public StorageTask {
 public:
  CollectBlobsTask(FileSystem& file_system, BlobPlace place, std::set<BlobKey> needed);
  absl::StatusOr<StepResult> Step() override;

 private:
  FileSystem& file_system_;
  const BlobPlace place_;
  const std::set<BlobKey> needed_;
  std::optional<std::vector<std::string>> garbage_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_BLOB_FILES_H_
