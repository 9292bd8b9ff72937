// SimFileSystem: the FileSystem of a simulated process: the disk of its machine and, mounted at one
// path, the volume that all machines share.
//
// Each call charges the time it takes to the running turn before it takes effect. A turn that makes
// several calls on the shared volume makes all of them at its own place among the turns; code that
// shares files does one such call per closure. Locks exclude every other holder in the world.
//
// Any call can be the last one of its process (LastFileCall): the files freeze there, the rest of the
// turn goes on as if nothing had happened, on changes that are taken back when it ends, and then the
// process dies.
//
// The running executor must be a kIo executor of this process (CHECKed).
#ifndef WEIR_SIM_SIM_FILE_SYSTEM_H_
#define WEIR_SIM_SIM_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "core/env/clock.h"
#include "core/env/file_system.h"
#include "sim/event_loop.h"
#include "sim/recorder.h"
#include "sim/sim_volume.h"

namespace weir::sim {

// Which file call of a machine is its process's last.
struct LastFileCall {
  // Calls count if this is their operation ("append", "sync", "link", ...; empty: any) ...
  std::string operation = {};
  // ... and this is in their path (empty: any).
  std::string path_part = {};
  uint64_t countdown = 1;  // The first such call, the second, ...
  // Whether the call itself still takes effect.
  bool takes_effect = true;
};

// A lock that a process took.
struct HeldLock {
  std::weak_ptr<FileNode> file;
  uint64_t id = 0;
};

// What the file system of a process, and the files it opened, need of the world.
struct FileSystemContext {
  EventLoop* loop;
  Recorder* recorder;
  const Clock* clock;
  std::string process;
  uint32_t machine;
  SimVolume* disk;
  SimVolume* shared;
  std::string shared_path;                 // Normal.
  std::set<uint32_t> io_executors;         // Of this process.
  uint64_t* last_lock_id;                  // Of the world.
  ClientId client;                         // Who changes files: the machine.
  std::optional<LastFileCall>* last_call;  // Of the machine.
  // Told that the running turn made the last call; from then on nothing leaves the process.
  absl::AnyInvocable<void()> on_last_call;

  uint64_t calls = 0;
  bool dying = false;        // After the last call.
  bool dies_at_end = false;  // The running call is the last one and takes effect.
  std::vector<HeldLock> locks;

  // CHECKs the executor, charges the call and draws whether it fails.
  absl::Status Begin(SimVolume& volume, DiskWork work, DiskCall call, std::string_view operation,
                     std::string_view path, uint64_t size_bytes = 0);
  ClientId actor() const { return dying ? kPhantom : client; }
  // Nothing becomes durable after the last call.
  bool syncs() const { return !dying; }
  // Records the outcome and returns the status with operation and path in its message.
  absl::Status End(std::string_view operation, std::string_view path, const absl::Status& status,
                   uint64_t payload_hash = 0);

 private:
  void CountDown(std::string_view operation, std::string_view path);
  void Die();
};

class SimFileSystem final : public FileSystem {
 public:
  explicit SimFileSystem(FileSystemContext context) : context_(std::move(context)) {}

  // For the end of the process.
  void ReleaseLocks();
  bool dying() const { return context_.dying; }
  // File calls that were made.
  uint64_t calls() const { return context_.calls; }

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
  absl::Status Run(std::string_view operation, const std::string& path, DiskCall call,
                   Function&& function, DiskWork work = DiskWork::kMetadata);
  // The same for two paths of one volume; function(volume, from, to).
  template <typename Function>
  absl::Status RunPair(std::string_view operation, const std::string& from, const std::string& to,
                       DiskCall call, Function&& function);
  absl::Time now() const { return context_.clock->Wall(); }

  FileSystemContext context_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_FILE_SYSTEM_H_
