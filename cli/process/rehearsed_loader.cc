#include "cli/process/rehearsed_loader.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/cluster/submission_message.h"

namespace weir::cli {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(10);
// Of what the child says; less than a pipe holds, so it never waits for us.
constexpr size_t kReportBytesMax = 4096;

std::string ReadAll(int descriptor) {
  std::string text(kReportBytesMax, '\0');
  const ssize_t got = read(descriptor, text.data(), text.size());
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

}  // namespace

RehearsedLoader::RehearsedLoader(Env& env, ArtifactLoader* loader, absl::Duration patience)
    : env_(env), loader_(loader), patience_(patience) {}

RehearsedLoader::~RehearsedLoader() {
  for (Rehearsal& rehearsal : rehearsals_) {
    rehearsal.child.Signal(SIGKILL);
    rehearsal.child.Wait();
    close(rehearsal.report);
  }
}

void RehearsedLoader::Load(const BlobKey& key, const std::string& path,
                           const JobSubmission& submission,
                           absl::AnyInvocable<void(absl::Status)> done) {
  WEIR_CHECK(executor_ != nullptr);
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return done(absl::ResourceExhaustedError(
        absl::StrCat("cannot look at the artifact: pipe: ", std::strerror(errno))));
  }
  const std::string bytes = ToMessage(submission).SerializeAsString();
  absl::StatusOr<ChildProcess> child = ChildProcess::Start(
      {"rehearse", absl::StrCat("--file=", path),
       absl::StrCat("--submission=", absl::BytesToHexString(bytes)),
       absl::StrCat("--report-fd=", pipe[1]), absl::StrCat("--parent=", getpid())},
      pipe[1]);
  close(pipe[1]);
  if (!child.ok()) {
    close(pipe[0]);
    return done(child.status());
  }
  rehearsals_.push_back({.key = key,
                         .path = path,
                         .submission = submission,
                         .done = std::move(done),
                         .child = *std::move(child),
                         .report = pipe[0],
                         .kill_at = env_.clock().Monotonic() + patience_});
  Poll(std::prev(rehearsals_.end()));
}

void RehearsedLoader::Poll(std::list<Rehearsal>::iterator rehearsal) {
  if (std::optional<std::string> how = rehearsal->child.Poll(); how.has_value())
    return OnEnded(rehearsal, *how);
  if (env_.clock().Monotonic() > rehearsal->kill_at) {
    rehearsal->child.Signal(SIGKILL);
    rehearsal->child.Wait();
    return OnEnded(rehearsal,
                   absl::StrCat("had not ended after ", absl::FormatDuration(patience_)));
  }
  executor_->PostAfter(kPollInterval, [this, rehearsal] { Poll(rehearsal); });
}

void RehearsedLoader::OnEnded(std::list<Rehearsal>::iterator rehearsal, const std::string& how) {
  const std::string said = ReadAll(rehearsal->report);
  close(rehearsal->report);
  Rehearsal ended = std::move(*rehearsal);
  rehearsals_.erase(rehearsal);
  if (how == "exited with status 0")
    return loader_->Load(ended.key, ended.path, ended.submission, std::move(ended.done));
  ended.done(absl::InvalidArgumentError(
      said.empty() ? absl::StrCat("a process that loaded the artifact, to try, ", how) : said));
}

}  // namespace weir::cli
