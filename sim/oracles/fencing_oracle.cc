#include "sim/oracles/fencing_oracle.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"
#include "core/types/frame.h"
#include "core/types/hello.h"

namespace weir::sim {
namespace {

template <class Request>
std::optional<proto::Fence> FenceOfRequest(std::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  return request.fence();
}

// Nothing for calls without a fence.
std::optional<proto::Fence> FenceOf(std::string_view method, std::string_view request) {
  if (method == "DeployTasks") return FenceOfRequest<proto::DeployTasksRequest>(request);
  if (method == "StartTasks") return FenceOfRequest<proto::StartTasksRequest>(request);
  if (method == "SourceEvent") return FenceOfRequest<proto::SourceEventRequest>(request);
  if (method == "CommitTasks") return FenceOfRequest<proto::CommitTasksRequest>(request);
  if (method == "AbortCheckpoint") return FenceOfRequest<proto::AbortCheckpointRequest>(request);
  if (method == "ReleaseTasks") return FenceOfRequest<proto::ReleaseTasksRequest>(request);
  if (method == "Heartbeat") return FenceOfRequest<proto::HeartbeatRequest>(request);
  if (method == "RequestSplit") return FenceOfRequest<proto::RequestSplitRequest>(request);
  if (method == "SubtaskStateChanged")
    return FenceOfRequest<proto::SubtaskStateChangedRequest>(request);
  if (method == "AcknowledgeCheckpoint")
    return FenceOfRequest<proto::AcknowledgeCheckpointRequest>(request);
  if (method == "AcknowledgeCommit")
    return FenceOfRequest<proto::AcknowledgeCommitRequest>(request);
  return std::nullopt;
}

}  // namespace

FencingOracle::FencingOracle(OracleLog* log) : Oracle(log) { log->counts["fenced"]; }

void FencingOracle::OnRequest(uint64_t life, uint64_t call, std::string_view method,
                              std::string_view request) {
  const std::optional<proto::Fence> fence = FenceOf(method, request);
  if (!fence.has_value()) return;
  arrivals_[call] = {newest_leader_[life], newest_[life][fence->job_id()]};
}

void FencingOracle::OnAnswer(uint64_t life, uint64_t call, const Address& callee,
                             std::string_view method, std::string_view request,
                             const absl::StatusOr<std::string>& response) {
  const std::optional<proto::Fence> fence = FenceOf(method, request);
  if (!fence.has_value()) return;
  const Arrival arrival = arrivals_[call];
  arrivals_.erase(call);
  if (absl::IsAborted(response.status())) ++log().counts["fenced"];
  if (!response.ok()) return;
  if (fence->leader_epoch() < arrival.leader) {
    log().Report("fencing", callee,
                 absl::StrCat(ToAbsl(method), " under leader epoch ", fence->leader_epoch(),
                              " was accepted after one under epoch ", arrival.leader));
  }
  uint64_t& leader = newest_leader_[life];
  leader = std::max(leader, fence->leader_epoch());
  // What says that nothing of an attempt shall run, or only that somebody is alive, is true of older ones as well.
  if (method == "ReleaseTasks" || method == "Heartbeat") return;
  Accept(life, callee, std::string(method), fence->job_id(),
         {LeaderEpoch(fence->leader_epoch()), AttemptNumber(fence->attempt())}, arrival.attempt);
}

void FencingOracle::Accept(uint64_t life, const Address& who, const std::string& what,
                           const std::string& job, JobAttempt attempt, JobAttempt accepted_before) {
  if (attempt < accepted_before) {
    log().Report("fencing", who,
                 absl::StrCat(what, " of attempt ", attempt.ToString(),
                              " was accepted after something of ", accepted_before.ToString()));
  }
  JobAttempt& newest = newest_[life][job];
  newest = std::max(newest, attempt);
}

void FencingOracle::OnStreamAnswer(uint64_t life, const Address& acceptor, uint64_t stream,
                                   std::string_view hello, const absl::Status& answer) {
  if (absl::IsAborted(answer)) ++log().counts["fenced"];
  if (!answer.ok()) return;
  const absl::StatusOr<Hello> process = ParseHello(hello);
  if (!process.ok())
    return log().Report("fencing", acceptor, "a stream without a hello was accepted");
  const absl::StatusOr<ChannelHello> channel = ParseChannelHello(hello);
  if (!channel.ok()) {
    return log().Report("fencing", acceptor, "a stream that names no channel was accepted");
  }
  const JobAttempt attempt{process->leader_epoch, channel->attempt};
  const std::string where = absl::StrCat(acceptor, " ", channel->channel.ToString());
  Accept(life, where, "a stream", channel->job.value(), attempt,
         newest_[life][channel->job.value()]);
  streams_[stream] = {life, channel->job.value(), attempt};
}

void FencingOracle::OnFrameTaken(const Address& acceptor, uint64_t stream, Lane,
                                 std::string_view frame) {
  const auto opened = streams_.find(stream);
  const absl::StatusOr<FrameView> view = ParseFrame(frame);
  if (opened == streams_.end() || !view.ok()) return;
  const std::string where = absl::StrCat(acceptor, " ", view->header.channel.ToString());
  if (view->header.attempt != opened->second.attempt.attempt) {
    log().Report("fencing", where,
                 absl::StrCat("a frame of ", view->header.attempt.ToString(),
                              " was taken on a stream of ", opened->second.attempt.ToString()));
  }
  const JobAttempt newest = newest_[opened->second.life][opened->second.job];
  if (opened->second.attempt < newest) {
    log().Report("fencing", where,
                 absl::StrCat("a frame of ", opened->second.attempt.ToString(),
                              " was taken after something of ", newest.ToString()));
  }
}

}  // namespace weir::sim
