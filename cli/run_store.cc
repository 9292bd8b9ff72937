#include "cli/run_store.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "cli/run_checkpoints.h"
#include "cli/signals.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/file_tasks.h"
#include "core/checkpoint/storage_task.h"

namespace weir::cli {
namespace {

constexpr char kRecordName[] = "run";
constexpr uint64_t kRecordBytesMax = 16 << 20;

absl::Status WithRemedy(const absl::Status& status) {
  if (status.ok() || absl::IsDataLoss(status)) return status;
  const char* const remedy = absl::IsResourceExhausted(status)
                                 ? "Make room there, or set WEIR_STATE_DIR to another folder"
                                 : "Set WEIR_STATE_DIR to a folder that can be written";
  return absl::Status(status.code(), absl::StrCat("remembering the run: ", status.message(), ". ",
                                                  remedy, "; nothing was started"));
}

absl::Status WithCheckpointRemedy(const absl::Status& status) {
  if (status.ok()) return status;
  if (absl::IsDataLoss(status)) {
    return absl::Status(status.code(),
                        absl::StrCat(status.message(), ". ", std::string(kNoCheckpointRemedy)));
  }
  const char* const remedy =
      absl::IsResourceExhausted(status) ? "Make room there, or choose" : "Choose";
  return absl::Status(status.code(),
                      absl::StrCat("keeping checkpoints: ", status.message(), ". ", remedy,
                                   " another --checkpoint-dir; nothing was started"));
}

// Whether there is anything at all; what it is the JobManager finds out.
absl::Status CheckRestorable(FileSystem& files, const std::string& path) {
  const absl::Status found = files.Stat(path).status();
  if (found.ok()) return found;
  return absl::Status(
      found.code(),
      absl::StrCat(
          "--restore: ", found.message(),
          ". Name a checkpoint's manifest or a folder of checkpoints; nothing was started"));
}

// The existing part of `path` as the file system knows it, then the rest.
std::string CanonicalPath(FileSystem& files, const std::string& path) {
  std::string rest;
  for (std::string known = path;; known = FolderOf(known)) {
    absl::StatusOr<std::string> canonical = files.Canonical(known);
    if (canonical.ok()) return *canonical == "/" && !rest.empty() ? rest : *canonical + rest;
    if (known == "/" || known.empty()) return path;
    rest = known.substr(FolderOf(known) == "/" ? 0 : FolderOf(known).size()) + rest;
  }
}

std::string CanonicalList(FileSystem& files, const std::string& paths) {
  std::vector<std::string> parts = absl::StrSplit(paths, ',');
  for (std::string& part : parts) part = CanonicalPath(files, part);
  return absl::StrJoin(parts, ",");
}

std::string Now(Env& env) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", env.clock().Wall(), absl::LocalTimeZone());
}

}  // namespace

RunStore::RunStore(Env& env, std::string folder)
    : env_(env),
      folder_(std::move(folder)),
      io_(env.NewExecutor("cli/run-store", ExecutorKind::kIo)) {}

RunStore::~RunStore() {
  Wait([this] { lock_ = nullptr; });
}

void RunStore::Wait(std::function<void()> work) {
  SignalPipe pipe;
  io_->Post([&] {
    work();
    pipe.Wake();
  });
  while (pipe.Wait() == SignalPipe::Event::kSignal) interrupted_ = true;
}

JobArgs::Submitted RunStore::Canonical(JobArgs::Submitted arguments) {
  Wait([&] {
    for (auto& [name, value] : arguments) {
      if (name == "input") value = CanonicalList(env_.file_system(), value);
      if (name == "output") value = CanonicalPath(env_.file_system(), value);
    }
  });
  return arguments;
}

absl::StatusOr<OpenedRun> RunStore::Open(const RunRequest& request) {
  absl::StatusOr<OpenedRun> run = absl::UnknownError("not opened");
  Wait([&] { run = OpenOnIo(request); });
  return run;
}

absl::Status RunStore::Save(const RunRecord& record) {
  absl::Status status;
  Wait([&] { status = SaveOnIo(record); });
  return status;
}

absl::StatusOr<CheckpointId> RunStore::NewestCheckpoint(const std::string& folder) {
  absl::StatusOr<PointerRecord> pointer = PointerRecord();
  Wait([&] { pointer = ReadNewestPointer(env_.file_system(), folder); });
  WEIR_RETURN_IF_ERROR(pointer.status());
  return pointer->manifest.checkpoint;
}

// ---- On the I/O executor ----

absl::Status RunStore::LockOnIo(const RunRequest& request) {
  run_folder_ = JoinPath(folder_, request.key);
  CreateFolderTask create(env_.file_system(), run_folder_);
  WEIR_RETURN_IF_ERROR(WithRemedy(RunAllSteps(create)));
  absl::StatusOr<std::unique_ptr<FileLock>> lock =
      env_.file_system().TryLock(JoinPath(run_folder_, "lock"));
  if (lock.ok()) {
    lock_ = *std::move(lock);
    return absl::OkStatus();
  }
  if (!absl::IsUnavailable(lock.status())) return WithRemedy(lock.status());
  const absl::StatusOr<RunRecord> running = ReadOnIo();
  // Between taking the lock and writing its record the other process is not known yet.
  const bool named = running.ok() && running->state == RunState::kRunning;
  const std::string pid = named ? absl::StrCat(running->pid) : "";
  return absl::UnavailableError(absl::StrCat(
      request.job, " with this input and output is being run already, by ",
      named ? absl::StrCat("process ", pid) : "another process", ". Wait for it, stop it with ",
      named ? absl::StrCat("`kill ", pid, "`") : "Ctrl-C", ", or choose another --output"));
}

absl::StatusOr<RunRecord> RunStore::ReadOnIo() {
  const std::string path = JoinPath(run_folder_, kRecordName);
  ReadFileTask read(env_.file_system(), path, kRecordBytesMax);
  WEIR_RETURN_IF_ERROR(RunAllSteps(read));
  return ParseRunRecord(read.bytes(), path);
}

absl::Status RunStore::SaveOnIo(const RunRecord& record) {
  FileSystem& files = env_.file_system();
  const std::string path = JoinPath(run_folder_, kRecordName);
  const std::string candidate = path + ".new";  // The lock makes us the only writer.
  if (const absl::Status removed = files.Remove(candidate); !absl::IsNotFound(removed)) {
    WEIR_RETURN_IF_ERROR(WithRemedy(removed));
  }
  WriteFileTask write(files, candidate, FormatRunRecord(record), /*durable_name=*/false);
  WEIR_RETURN_IF_ERROR(WithRemedy(RunAllSteps(write)));
  WEIR_RETURN_IF_ERROR(WithRemedy(files.Rename(candidate, path)));
  return WithRemedy(files.SyncDirectory(run_folder_));
}

bool RunStore::ResultsAreThere(const RunRecord& record) {
  for (const std::string& path : record.results) {
    if (absl::IsNotFound(env_.file_system().Stat(path).status())) return false;
  }
  return !record.results.empty();
}

absl::Status RunStore::BeginOnIo(const RunRequest& request, bool forget, OpenedRun& run) {
  const std::string base =
      request.checkpoint_dir.empty() ? run_folder_ : JoinPath(request.checkpoint_dir, request.key);
  FileSystem& files = env_.file_system();
  if (!request.restore.empty()) WEIR_RETURN_IF_ERROR(CheckRestorable(files, request.restore));
  const absl::StatusOr<uint64_t> taken = NewestRunCheckpoints(files, base);
  if (!taken.ok()) return WithCheckpointRemedy(taken.status());
  RunRecord& record = run.record;
  record.starts = std::max(record.starts, *taken) + 1;
  if (forget || record.run_id.empty()) {
    record.run_id = request.key;
    record.started = Now(env_);
    record.fresh = request.fresh;
  }
  record.checkpoints = RunCheckpointsFolder(base, record.starts);
  // Before the record names a folder that cannot be used.
  CreateFolderTask create(files, record.checkpoints);
  WEIR_RETURN_IF_ERROR(WithCheckpointRemedy(RunAllSteps(create)));
  record.restore = request.restore;
  run.kind = OpenedRun::Kind::kBegins;
  return absl::OkStatus();
}

absl::StatusOr<OpenedRun> RunStore::OpenOnIo(const RunRequest& request) {
  WEIR_RETURN_IF_ERROR(LockOnIo(request));
  OpenedRun run;
  absl::StatusOr<RunRecord> known = ReadOnIo();
  const bool exists = known.ok();
  const bool ignored = request.fresh || !request.restore.empty();
  if (!exists && !absl::IsNotFound(known.status()) && !ignored) return known.status();
  if (exists) run.record = *std::move(known);
  const std::string before = run.record.checkpoints;

  const bool elsewhere = !request.restore.empty() && request.restore != run.record.restore;
  const bool finished = exists && run.record.state == RunState::kFinished;
  if (finished && !request.fresh && !elsewhere && ResultsAreThere(run.record)) {
    run.kind = OpenedRun::Kind::kFinished;
    return run;
  }
  const bool forget = request.fresh || (finished && !elsewhere);
  if (!exists || forget || elsewhere) {
    WEIR_RETURN_IF_ERROR(BeginOnIo(request, forget, run));
  } else {
    if (!request.checkpoint_dir.empty() &&
        FolderOf(before) != JoinPath(request.checkpoint_dir, request.key)) {
      return absl::FailedPreconditionError(
          absl::StrCat("this run keeps its checkpoints in ", before,
                       ". Leave out --checkpoint-dir to continue it, or start over with --fresh"));
    }
    const absl::StatusOr<PointerRecord> pointer = ReadNewestPointer(env_.file_system(), before);
    if (!pointer.ok()) return WithCheckpointRemedy(pointer.status());
    run.kind = OpenedRun::Kind::kContinues;
    run.checkpoint = pointer->manifest.checkpoint;
    ++run.record.starts;
  }
  run.record.job = request.job;
  run.record.arguments = request.arguments;
  run.record.state = RunState::kRunning;
  run.record.pid = getpid();
  run.record.results.clear();
  run.record.summary.clear();
  WEIR_RETURN_IF_ERROR(SaveOnIo(run.record));
  // Only now: until the record names another folder, the old one may be needed.
  if (request.restore.empty() && run.kind == OpenedRun::Kind::kBegins) {
    for (const std::string& base : {run_folder_, FolderOf(run.record.checkpoints),
                                    before.empty() ? run_folder_ : FolderOf(before)}) {
      DeleteRunCheckpoints(env_.file_system(), base, run.record.checkpoints);
    }
  }
  return run;
}

}  // namespace weir::cli
