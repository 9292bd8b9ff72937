// How a TaskManager gets the artifact of a job: fetch, write to a file of its own, load.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/artifact/artifact_note.h"
#include "core/checkpoint/file_tasks.h"
#include "core/checkpoint/storage_task.h"
#include "core/cluster/task_manager.h"

namespace weir {

void TaskManager::DeployWithArtifact(const BlobKey& key, const proto::DeployTasksRequest& request,
                                     RpcReply<proto::DeployTasksResponse> reply) {
  if (options_.artifact_loader == nullptr) {
    return reply(absl::FailedPreconditionError(
        absl::StrCat(address_, " takes no artifacts, and the job is in one")));
  }
  if (!waiting_.empty() && waiting_.front().key != key)
    GiveUpWaiting(absl::AbortedError("another job is deployed here"));
  waiting_.push_back({key, request, std::move(reply)});
  if (!preparing_.has_value()) PrepareArtifact();
}

void TaskManager::PrepareArtifact() {
  preparing_ = waiting_.front().key;
  fetch_ = std::make_unique<BlobFetch>(env_, *control_, options_.job_manager, options_.timeouts,
                                       *preparing_);
  fetch_->Start([this](absl::StatusOr<std::string> bytes) { OnArtifactFetched(std::move(bytes)); });
}

void TaskManager::OnArtifactFetched(absl::StatusOr<std::string> bytes) {
  if (!bytes.ok()) return OnArtifactPrepared(bytes.status());
  if (absl::Status fits = CheckArtifact(*bytes); !fits.ok()) return OnArtifactPrepared(fits);
  const std::string path = absl::StrCat(options_.artifact_folder, "/", preparing_->hex());
  workers_.front().io->Post([this, path, bytes = *std::move(bytes)]() mutable {
    // What an earlier try has left.
    env_.file_system().Remove(path).IgnoreError();
    WriteFileTask write(env_.file_system(), path, std::move(bytes), false);
    absl::Status written = RunAllSteps(write);
    control_->Post([this, path, written = std::move(written)] {
      written.ok() ? LoadArtifact(path) : OnArtifactPrepared(written);
    });
  });
}

void TaskManager::LoadArtifact(const std::string& path) {
  if (waiting_.empty() || waiting_.front().key != *preparing_) {
    return OnArtifactPrepared(absl::CancelledError("nobody waits for the artifact any more"));
  }
  options_.artifact_loader->Load(
      *preparing_, path, SubmissionOf(waiting_.front().request), [this, path](absl::Status loaded) {
        // What is loaded needs its name no more.
        workers_.front().io->Post([this, path] { env_.file_system().Remove(path).IgnoreError(); });
        OnArtifactPrepared(loaded);
      });
}

void TaskManager::OnArtifactPrepared(const absl::Status& prepared) {
  const BlobKey key = *std::exchange(preparing_, std::nullopt);
  if (prepared.ok()) artifacts_.insert(key);
  if (waiting_.empty()) return;
  if (waiting_.front().key != key) return PrepareArtifact();
  if (!prepared.ok()) return GiveUpWaiting(prepared);
  for (Waiting& waiting : std::exchange(waiting_, {}))
    DeployTasks(waiting.request, std::move(waiting.reply));
}

// What is to be released must not be deployed afterwards.
void TaskManager::ReleaseWaiting(const proto::ReleaseTasksRequest& request) {
  const std::set<uint32_t> released(request.subtasks().begin(), request.subtasks().end());
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    const proto::DeployTasksRequest& deployment = waiting.request;
    const bool is_meant = deployment.fence().job_id() == request.fence().job_id() &&
                          deployment.fence().attempt() <= request.fence().attempt() &&
                          std::any_of(deployment.subtasks().begin(), deployment.subtasks().end(),
                                      [&](uint32_t subtask) { return released.contains(subtask); });
    if (is_meant) {
      waiting.reply(absl::CancelledError("the tasks are released"));
    } else {
      waiting_.push_back(std::move(waiting));
    }
  }
}

void TaskManager::GiveUpWaiting(const absl::Status& why) {
  for (Waiting& waiting : std::exchange(waiting_, {})) waiting.reply(why);
}

}  // namespace weir
