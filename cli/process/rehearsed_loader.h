// RehearsedLoader: before another loader loads an artifact into this process, a short-lived child process of the same program loads it
// and builds the graph of the job (`weir rehearse`). An artifact that crashes, hangs or throws while it does that takes the child
// with it, and is refused with what the child said. Belongs to the executor that it is given.
#ifndef WEIR_CLI_PROCESS_REHEARSED_LOADER_H_
#define WEIR_CLI_PROCESS_REHEARSED_LOADER_H_

#include <list>
#include <string>

#include "absl/time/time.h"
#include "cli/process/child_process.h"
#include "core/cluster/artifact_loader.h"
#include "core/env/env.h"

namespace weir::cli {

class RehearsedLoader final : public ArtifactLoader {
 public:
  // `loader` outlives this object. A child that has not ended after `patience` is killed.
  RehearsedLoader(Env& env, ArtifactLoader* loader, absl::Duration patience = absl::Seconds(30));
  ~RehearsedLoader() override;
  // Before the first Load; used while the executor runs, that is until its Shutdown.
  void set_executor(Executor* executor) { executor_ = executor; }

  // In addition InvalidArgument: the child has failed.
  void Load(const BlobKey& key, const std::string& path, const JobSubmission& submission,
            absl::AnyInvocable<void(absl::Status)> done) override;

 private:
  struct Rehearsal {
    BlobKey key;
    std::string path;
    JobSubmission submission;
    absl::AnyInvocable<void(absl::Status)> done;
    ChildProcess child;
    int report = -1;         // The end of the pipe on which the child says what is wrong.
    absl::Duration kill_at;  // Monotonic.
  };
  void Poll(std::list<Rehearsal>::iterator rehearsal);
  void OnEnded(std::list<Rehearsal>::iterator rehearsal, const std::string& how);

  Env& env_;
  ArtifactLoader* const loader_;
  const absl::Duration patience_;
  Executor* executor_ = nullptr;
  std::list<Rehearsal> rehearsals_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_PROCESS_REHEARSED_LOADER_H_
