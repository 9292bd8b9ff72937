// SimFileSystem: the FileSystem of a simulated process: the disk of its machine and, mounted at one
// path, the volume that all machines share.
//
// Each call charges the time it takes to the running turn before it takes effect. A turn that makes
// several calls on the shared volume makes all of them at its own place among the turns; code that
// shares files does one such call per closure. Locks exclude every other holder in the world.
//
// The running executor must be a kIo executor of this process (CHECKed).
#ifndef WEIR_SIM_SIM_FILE_SYSTEM_H_
#define WEIR_SIM_SIM_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/env/clock.h"
#include "core/env/file_system.h"
#include "sim/event_loop.h"
#include "sim/recorder.h"
#include "sim/sim_volume.h"

namespace weir::sim {

// What the file system of a process, and the files it opened, need of the world.
struct FileSystemContext {
  EventLoop* loop;
  Recorder* recorder;
  const Clock* clock;
  std::string process;
  uint32_t machine;
  SimVolume* disk;
  SimVolume* shared;
  std::string shared_path;          // Normal.
  std::set<uint32_t> io_executors;  // Of this process.
  uint64_t* last_lock_id;           // Of the world.

  // CHECKs the executor and charges the call.
  void Begin(SimVolume& volume, DiskWork work, uint64_t size_bytes = 0);
  // Records the outcome and returns the status with operation and path in its message.
  absl::Status End(std::string_view operation, std::string_view path, const absl::Status& status,
                   uint64_t payload_hash = 0);
};

class SimFileSystem final : public FileSystem {
 public:
  explicit SimFileSystem(FileSystemContext context) : context_(std::move(context)) {}

  // An executor that may use this file system was made.
  void AddIoExecutor(uint32_t executor) { context_.io_executors.insert(executor); }

  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path,
                                                       CreateMode mode) override;
  absl::StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override;
  absl::Status Truncate(const std::string& path, uint64_t size_bytes) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Link(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status CreateDirectories(const std::string& path) override;
  absl::Status RemoveDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::vector<DirectoryEntry>> List(const std::string& path) override;
  absl::StatusOr<FileInfo> Stat(const std::string& path) override;
  absl::StatusOr<std::string> Canonical(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<FileLock>> TryLock(const std::string& path) override;

 private:
  // Where a path leads: `path` is the normal path within the volume.
  struct Place {
    SimVolume* volume = nullptr;
    std::string path;
  };

  absl::StatusOr<Place> Resolve(const std::string& path) const;
  // Resolves, charges metadata work, calls function(place) -> Status and ends the operation.
  template <typename Function>
  absl::Status Run(std::string_view operation, const std::string& path, Function&& function,
                   DiskWork work = DiskWork::kMetadata);
  // The same for two paths of one volume; function(volume, from, to).
  template <typename Function>
  absl::Status RunPair(std::string_view operation, const std::string& from, const std::string& to,
                       Function&& function);
  absl::Time now() const { return context_.clock->Wall(); }

  FileSystemContext context_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_FILE_SYSTEM_H_
