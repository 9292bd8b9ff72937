#include "cli/cluster_client.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/job_selection.h"
#include "cli/signals.h"
#include "core/base/status_macros.h"
#include "core/cluster/job_details_message.h"

namespace weir::cli {
namespace {

constexpr absl::Duration kWatchInterval = absl::Milliseconds(200);
// How long a JobManager may be away, e.g. to restart, before whoever waits for a job gives up.
constexpr absl::Duration kPatience = absl::Minutes(1);

}  // namespace

ClusterClient::ClusterClient(Env& env, Address job_manager, ClusterTimeouts timeouts)
    : env_(env),
      job_manager_(std::move(job_manager)),
      executor_(env.NewExecutor("cli", ExecutorKind::kControl)),
      client_(env, *executor_, job_manager_, timeouts, absl::ZeroDuration()) {}

ClusterClient::~ClusterClient() { executor_->Shutdown(); }

template <class Response>
absl::StatusOr<Response> ClusterClient::Await(
    absl::AnyInvocable<void(JobClient::OnAnswer<Response> on_answer)> call) {
  // Of the executor until the pipe wakes this thread; an answer that comes after the waiting has ended finds `pipe` gone.
  struct Waiting {
    SignalPipe* pipe;
    std::optional<absl::StatusOr<Response>> answer;
  };
  SignalPipe pipe;
  auto waiting = std::make_shared<Waiting>(Waiting{&pipe, std::nullopt});
  const auto answer = [waiting](absl::StatusOr<Response> response) {
    if (waiting->answer.has_value()) return;
    waiting->answer = std::move(response);
    waiting->pipe->Wake();
  };
  executor_->Post([answer, call = std::move(call)]() mutable { call(answer); });
  while (pipe.Wait() == SignalPipe::Event::kSignal) {
    executor_->Post([answer] { answer(absl::CancelledError("interrupted")); });
  }
  return *std::move(waiting->answer);
}

absl::StatusOr<proto::ListJobsResponse> ClusterClient::ListJobs() {
  return Await<proto::ListJobsResponse>(
      [this](auto on_answer) { client_.ListJobs(std::move(on_answer)); });
}

absl::StatusOr<proto::JobOverview> ClusterClient::FindJob(const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const proto::ListJobsResponse jobs, ListJobs());
  return SelectJob(jobs, text);
}

absl::StatusOr<proto::GetJobDetailsResponse> ClusterClient::GetJobDetails(
    const std::string& job_id) {
  return Await<proto::GetJobDetailsResponse>(
      [this, job_id](auto on_answer) { client_.GetJobDetails(job_id, std::move(on_answer)); });
}

absl::StatusOr<proto::GetClusterOverviewResponse> ClusterClient::GetClusterOverview() {
  return Await<proto::GetClusterOverviewResponse>(
      [this](auto on_answer) { client_.GetClusterOverview(std::move(on_answer)); });
}

absl::Status ClusterClient::Submit(const std::string& job_id, const JobSubmission& submission,
                                   std::shared_ptr<const std::string> artifact) {
  const absl::StatusOr<bool> accepted =
      Await<bool>([this, job_id, submission, artifact](JobClient::OnAnswer<bool> on_answer) {
        auto on_accepted = [on_answer = std::move(on_answer)](absl::Status status) mutable {
          status.ok() ? on_answer(true) : on_answer(std::move(status));
        };
        if (artifact == nullptr) return client_.Submit(job_id, submission, std::move(on_accepted));
        client_.SubmitWithArtifact(job_id, submission, artifact, std::move(on_accepted));
      });
  return accepted.status();
}

absl::Status ClusterClient::EndJob(const std::string& job_id, bool with_checkpoint) {
  return Await<proto::EndJobResponse>([this, job_id, with_checkpoint](auto on_answer) {
           client_.EndJob(job_id, with_checkpoint, std::move(on_answer));
         })
      .status();
}

absl::Status ClusterClient::WaitForEnd(const std::string& job_id, ProgressPrinter& printer) {
  const absl::Duration start = env_.clock().Monotonic();
  auto watching = std::make_shared<bool>(true);
  const absl::StatusOr<bool> ended = Await<bool>([this, job_id, start, watching,
                                                  &printer](JobClient::OnAnswer<bool> on_answer) {
    client_.set_patience(kPatience);
    client_.set_on_silence([watching, &printer](const absl::Status& status) {
      if (!*watching) return;
      printer.Say(status.ok() ? "The JobManager answers again."
                              : absl::StrCat(status.message(), "; asking again for ",
                                             absl::FormatDuration(kPatience)));
    });
    client_.Watch(job_id, kWatchInterval,
                  [this, start, watching, &printer, on_answer = std::move(on_answer)](
                      const absl::StatusOr<proto::GetJobStatusResponse>& status) mutable {
                    if (!*watching) return;
                    if (!status.ok()) return on_answer(status.status());
                    if (status->ended()) return on_answer(true);
                    printer.OnProgress(ToJobProgress(*status), env_.clock().Monotonic() - start);
                  });
  });
  // Whoever was interrupted may print from here on.
  return Await<bool>([this, watching, &printer, ended](JobClient::OnAnswer<bool> on_answer) {
           *watching = false;
           client_.set_patience(absl::ZeroDuration());
           client_.set_on_silence(nullptr);
           printer.Clear();
           on_answer(ended);
         })
      .status();
}

std::string ClusterClient::NewJobId() {
  const uint64_t first = env_.random().Draw({RandomStream::kConfig, "cluster_client.job_id_1"});
  const uint64_t second = env_.random().Draw({RandomStream::kConfig, "cluster_client.job_id_2"});
  return absl::StrFormat("%016x%016x", first, second);
}

}  // namespace weir::cli
