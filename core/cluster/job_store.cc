#include "core/cluster/job_store.h"

#include <utility>

#include "core/checkpoint/job_registry.h"

namespace weir {

struct JobStore::WriteInProgress {
  proto::JobRecord record;
  absl::AnyInvocable<void(absl::Status)> done;
};

JobStore::JobStore(Env& env, Executor& control, Executor& io, std::string folder, LeaderEpoch epoch,
                   absl::Duration retry_delay, std::function<void(const absl::Status&)> on_storage)
    : env_(env),
      control_(control),
      tasks_(control, io),
      folder_(std::move(folder)),
      epoch_(epoch),
      retry_delay_(retry_delay),
      on_storage_(std::move(on_storage)) {}

void JobStore::Read(absl::AnyInvocable<void(absl::StatusOr<std::vector<proto::JobRecord>>)> done) {
  tasks_.Run<ReadJobsTask>(
      std::make_shared<ReadJobsTask>(env_.file_system(), folder_),
      [this, done = std::move(done)](ReadJobsTask& task, absl::Status status) mutable {
        if (!status.ok()) return done(std::move(status));
        for (const proto::JobRecord& record : task.jobs()) {
          newest_[record.job_id()] = record.sequence();
        }
        done(task.jobs());
      });
}

void JobStore::Write(proto::JobRecord record, absl::AnyInvocable<void(absl::Status)> done) {
  record.set_leader_epoch(epoch_.value());
  record.set_sequence(newest_[record.job_id()] + 1);
  Try(std::make_shared<WriteInProgress>(WriteInProgress{std::move(record), std::move(done)}));
}

void JobStore::Try(std::shared_ptr<WriteInProgress> write) {
  tasks_.Run<WriteJobRecordTask>(
      std::make_shared<WriteJobRecordTask>(env_.file_system(), folder_, write->record, ++tries_),
      [this, write](WriteJobRecordTask& task, absl::Status status) {
        if (status.ok()) {
          on_storage_(status);
          newest_[write->record.job_id()] = write->record.sequence();
          return write->done(absl::OkStatus());
        }
        // The number is taken: by another leader, and the newer of the two goes on.
        if (absl::IsAborted(status)) return FindOut(write);
        on_storage_(status);
        const bool may_have_happened = task.may_have_happened();
        RetryLater(
            [this, write, may_have_happened] { may_have_happened ? FindOut(write) : Try(write); });
      });
}

void JobStore::FindOut(std::shared_ptr<WriteInProgress> write) {
  tasks_.Run<ReadJobsTask>(
      std::make_shared<ReadJobsTask>(env_.file_system(), folder_),
      [this, write](ReadJobsTask& task, absl::Status status) {
        if (!status.ok()) {
          on_storage_(status);
          return RetryLater([this, write] { FindOut(write); });
        }
        for (const proto::JobRecord& record : task.jobs()) {
          if (record.job_id() != write->record.job_id()) continue;
          if (record.leader_epoch() > epoch_.value()) {
            return write->done(absl::AbortedError("another leader has taken the job over"));
          }
          // Ours, or that of an older leader, is there. The name of ours may not be durable: the same again, under the
          // next number.
          if (record.sequence() >= write->record.sequence()) {
            write->record.set_sequence(record.sequence() + 1);
          }
        }
        Try(write);
      });
}

void JobStore::ConfirmLeadership(absl::AnyInvocable<void(absl::Status)> done) {
  tasks_.Run<ConfirmLeadershipTask>(
      std::make_shared<ConfirmLeadershipTask>(env_.file_system(), folder_, epoch_),
      [done = std::move(done)](ConfirmLeadershipTask&, absl::Status status) mutable {
        done(std::move(status));
      });
}

void JobStore::RetryLater(absl::AnyInvocable<void()> closure) {
  control_.PostAfter(retry_delay_, tasks_.WhileAlive(std::move(closure)));
}

void JobStore::CollectGarbage(std::set<std::string> forgotten) {
  for (const std::string& job : forgotten) newest_.erase(job);
  tasks_.Run<CollectRegistryGarbageTask>(std::make_shared<CollectRegistryGarbageTask>(
                                             env_.file_system(), folder_, std::move(forgotten)),
                                         [](CollectRegistryGarbageTask&, absl::Status) {});
}

}  // namespace weir
