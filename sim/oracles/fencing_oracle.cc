#include "sim/oracles/fencing_oracle.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"
#include "core/types/frame.h"
#include "core/types/hello.h"

namespace weir::sim {
namespace {

// What a call is about.
struct Fenced {
  proto::Fence fence;
  std::vector<uint32_t> subtasks;
};

template <class Request>
std::optional<Fenced> Parse(std::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  Fenced fenced{request.fence(), {}};
  if constexpr (requires { request.subtasks(); }) {
    fenced.subtasks.assign(request.subtasks().begin(), request.subtasks().end());
  } else if constexpr (requires { request.subtask(); }) {
    fenced.subtasks.push_back(request.subtask());
  }
  return fenced;
}

// Nothing for calls without a fence.
std::optional<Fenced> FenceOf(std::string_view method, std::string_view request) {
  if (method == "DeployTasks") return Parse<proto::DeployTasksRequest>(request);
  if (method == "StartTasks") return Parse<proto::StartTasksRequest>(request);
  if (method == "SourceEvent") return Parse<proto::SourceEventRequest>(request);
  if (method == "CommitTasks") return Parse<proto::CommitTasksRequest>(request);
  if (method == "AbortCheckpoint") return Parse<proto::AbortCheckpointRequest>(request);
  if (method == "ReleaseTasks") return Parse<proto::ReleaseTasksRequest>(request);
  if (method == "StartWorker") return Parse<proto::StartWorkerRequest>(request);
  if (method == "StopWorker") return Parse<proto::StopWorkerRequest>(request);
  if (method == "Heartbeat") return Parse<proto::HeartbeatRequest>(request);
  if (method == "RequestSplit") return Parse<proto::RequestSplitRequest>(request);
  if (method == "SubtaskStateChanged") return Parse<proto::SubtaskStateChangedRequest>(request);
  if (method == "AcknowledgeCheckpoint") return Parse<proto::AcknowledgeCheckpointRequest>(request);
  if (method == "AcknowledgeCommit") return Parse<proto::AcknowledgeCommitRequest>(request);
  return std::nullopt;
}

}  // namespace

FencingOracle::FencingOracle(OracleLog* log, KnownChannels channels, KnownRegions regions)
    : Oracle(log), known_channels_(std::move(channels)), known_regions_(std::move(regions)) {
  log->counts["fenced"];
}

std::set<FencingOracle::Region> FencingOracle::RegionsOf(
    const std::string& job, const std::vector<uint32_t>& subtasks) const {
  std::set<Region> regions;
  for (const uint32_t subtask : subtasks) regions.insert({job, known_regions_.of(subtask)});
  if (!known_regions_.known()) regions.insert({job, 0});
  return regions;
}

void FencingOracle::OnRequest(uint64_t life, uint64_t call, std::string_view method,
                              std::string_view request) {
  const std::optional<Fenced> fenced = FenceOf(method, request);
  if (!fenced.has_value()) return;
  Arrival& arrival = arrivals_[call];
  arrival.leader = newest_leader_[life];
  for (const Region& region : RegionsOf(fenced->fence.job_id(), fenced->subtasks)) {
    arrival.attempts[region] = newest_[life][region];
  }
}

void FencingOracle::OnAnswer(uint64_t life, uint64_t call, const Address& callee,
                             std::string_view method, std::string_view request,
                             const absl::StatusOr<std::string>& response) {
  const std::optional<Fenced> fenced = FenceOf(method, request);
  if (!fenced.has_value()) return;
  const proto::Fence& fence = fenced->fence;
  Arrival arrival = std::move(arrivals_[call]);
  arrivals_.erase(call);
  if (absl::IsAborted(response.status())) ++log().counts["fenced"];
  if (!response.ok()) return;
  if (fence.leader_epoch() < arrival.leader) {
    log().Report("fencing", callee,
                 absl::StrCat(ToAbsl(method), " under leader epoch ", fence.leader_epoch(),
                              " was accepted after one under epoch ", arrival.leader));
  }
  uint64_t& leader = newest_leader_[life];
  leader = std::max(leader, fence.leader_epoch());
  // What says that nothing of an attempt shall run, or only that somebody is alive, is true of older ones as well.
  if (method == "ReleaseTasks" || method == "Heartbeat") return;
  // Of no attempt.
  if (method == "StartWorker" || method == "StopWorker") return;
  for (const Region& region : RegionsOf(fence.job_id(), fenced->subtasks)) {
    Accept(life, callee, std::string(method), region,
           {LeaderEpoch(fence.leader_epoch()), AttemptNumber(fence.attempt())},
           arrival.attempts[region]);
  }
}

void FencingOracle::Accept(uint64_t life, const Address& who, const std::string& what,
                           const Region& region, JobAttempt attempt, JobAttempt accepted_before) {
  if (attempt < accepted_before) {
    log().Report("fencing", who,
                 absl::StrCat(what, " of attempt ", attempt.ToString(),
                              " was accepted after something of ", accepted_before.ToString()));
  }
  JobAttempt& newest = newest_[life][region];
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
  const auto known = known_channels_.find(channel->channel);
  const uint32_t reader = known == known_channels_.end() ? 0 : known->second.reader.value();
  const Region region = {channel->job.value(), known_regions_.of(reader)};
  Accept(life, where, "a stream", region, attempt, newest_[life][region]);
  streams_[stream] = {life, region, attempt};
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
  const JobAttempt newest = newest_[opened->second.life][opened->second.region];
  if (opened->second.attempt < newest) {
    log().Report("fencing", where,
                 absl::StrCat("a frame of ", opened->second.attempt.ToString(),
                              " was taken after something of ", newest.ToString()));
  }
}

}  // namespace weir::sim
