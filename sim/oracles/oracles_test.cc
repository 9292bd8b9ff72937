// Small wrong histories, and the oracle that reports each of them.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/file/part_committable.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "core/checkpoint/manifest.h"
#include "core/proto/control.pb.h"
#include "core/types/batch.h"
#include "core/types/frame.h"
#include "core/types/hello.h"
#include "core/types/row_codec_for.h"
#include "gtest/gtest.h"
#include "sim/oracles/channel_oracle.h"
#include "sim/oracles/checkpoint_oracle.h"
#include "sim/oracles/fencing_oracle.h"
#include "sim/oracles/known_channels.h"
#include "sim/oracles/known_regions.h"
#include "sim/oracles/leak_oracle.h"
#include "sim/sim_world.h"

namespace weir::sim {
namespace {

constexpr ClientId kClient = 7;
constexpr uint64_t kLife = 1;

template <class Request>
std::string Fenced(uint64_t epoch, uint32_t attempt) {
  Request request;
  request.mutable_fence()->set_leader_epoch(epoch);
  request.mutable_fence()->set_job_id("job");
  request.mutable_fence()->set_attempt(attempt);
  return request.SerializeAsString();
}

class FencingOracleTest : public testing::Test {
 protected:
  template <class Request>
  void Call(const char* method, uint64_t epoch, uint32_t attempt,
            absl::StatusOr<std::string> answer = std::string()) {
    oracle_.OnRequest(kLife, ++calls_, method, Fenced<Request>(epoch, attempt));
    oracle_.OnAnswer(kLife, calls_, "tm-1", method, Fenced<Request>(epoch, attempt), answer);
  }
  void Open(uint64_t stream, uint64_t epoch, uint32_t attempt,
            const absl::Status& answer = absl::OkStatus()) {
    Hello process;
    process.cluster_id = "c";
    process.leader_epoch = LeaderEpoch(epoch);
    ChannelHello channel{
        .job = JobId("job"), .channel = ChannelId(3), .attempt = AttemptNumber(attempt)};
    std::string hello;
    EncodeHello(process, hello);
    EncodeChannelHello(channel, hello);
    oracle_.OnStreamAnswer(kLife, "tm-1", stream, hello, answer);
  }
  bool violated() const { return log_.first.has_value(); }

  uint64_t calls_ = 0;
  OracleLog log_;
  FencingOracle oracle_{&log_};
};

TEST_F(FencingOracleTest, AcceptsWhatIsNewAndWhatIsRefused) {
  Call<proto::DeployTasksRequest>("DeployTasks", 1, 1);
  Call<proto::CommitTasksRequest>("CommitTasks", 1, 1);
  Open(1, 1, 1);
  Call<proto::DeployTasksRequest>("DeployTasks", 2, 1);
  Open(2, 2, 1);
  Call<proto::CommitTasksRequest>("CommitTasks", 1, 1, absl::AbortedError("fenced"));
  Open(3, 1, 1, absl::AbortedError("fenced"));
  EXPECT_FALSE(violated());
  EXPECT_EQ(log_.counts["fenced"], 2);
}

TEST_F(FencingOracleTest, ReportsAnOlderAttemptThatIsAccepted) {
  Call<proto::DeployTasksRequest>("DeployTasks", 1, 2);
  Call<proto::CommitTasksRequest>("CommitTasks", 1, 1);
  ASSERT_TRUE(violated());
  EXPECT_EQ(log_.first->oracle, "fencing");
  EXPECT_EQ(log_.first->where, "tm-1");
}

TEST_F(FencingOracleTest, RegionsAreFencedByThemselves) {
  KnownRegions regions;
  regions.subtasks = {{.region = 0, .index = 0, .uids = {}}, {.region = 1, .index = 0, .uids = {}}};
  const KnownChannels channels = {{ChannelId(3), {.codec = nullptr, .reader = SubtaskId(1)}}};
  FencingOracle oracle(&log_, channels, regions);
  const auto call = [&](auto request, const char* method, uint32_t attempt,
                        std::vector<uint32_t> subtasks) {
    request.mutable_fence()->set_leader_epoch(1);
    request.mutable_fence()->set_job_id("job");
    request.mutable_fence()->set_attempt(attempt);
    request.mutable_subtasks()->Assign(subtasks.begin(), subtasks.end());
    const std::string bytes = request.SerializeAsString();
    oracle.OnRequest(kLife, ++calls_, method, bytes);
    oracle.OnAnswer(kLife, calls_, "tm-1", method, bytes, std::string());
  };
  call(proto::DeployTasksRequest(), "DeployTasks", 1, {0, 1});
  call(proto::DeployTasksRequest(), "DeployTasks", 2, {0});
  call(proto::CommitTasksRequest(), "CommitTasks", 1, {1});
  Hello process;
  process.leader_epoch = LeaderEpoch(1);
  std::string hello;
  EncodeHello(process, hello);
  EncodeChannelHello({.job = JobId("job"), .channel = ChannelId(3), .attempt = AttemptNumber(1)},
                     hello);
  oracle.OnStreamAnswer(kLife, "tm-1", 1, hello, absl::OkStatus());
  EXPECT_FALSE(violated()) << log_.first->what;
  call(proto::CommitTasksRequest(), "CommitTasks", 1, {0});
  EXPECT_TRUE(violated());
}

TEST_F(FencingOracleTest, ReportsAnOlderLeaderThatIsAccepted) {
  Call<proto::DeployTasksRequest>("DeployTasks", 2, 1);
  Call<proto::ReleaseTasksRequest>("ReleaseTasks", 1, 9);
  EXPECT_TRUE(violated());
}

TEST_F(FencingOracleTest, AnswersMayComeLaterThanThoseToNewerRequests) {
  const std::string old = Fenced<proto::ReleaseTasksRequest>(1, 1);
  oracle_.OnRequest(kLife, 100, "ReleaseTasks", old);
  Call<proto::DeployTasksRequest>("DeployTasks", 2, 1);
  oracle_.OnAnswer(kLife, 100, "tm-1", "ReleaseTasks", old, std::string());
  EXPECT_FALSE(violated());
}

TEST_F(FencingOracleTest, ReportsAnOlderStreamThatIsAccepted) {
  Call<proto::DeployTasksRequest>("DeployTasks", 2, 1);
  Open(1, 1, 1);
  EXPECT_TRUE(violated());
}

TEST_F(FencingOracleTest, ReportsFramesOfAStreamThatIsFenced) {
  Open(1, 1, 1);
  const std::string frame =
      EncodeEndOfDataFrame({.channel = ChannelId(3), .attempt = AttemptNumber(1), .sequence = 0});
  oracle_.OnFrameTaken("tm-1", 1, Lane::kFifo, frame);
  EXPECT_FALSE(violated());
  Call<proto::DeployTasksRequest>("DeployTasks", 1, 2);
  oracle_.OnFrameTaken("tm-1", 1, Lane::kFifo, frame);
  EXPECT_TRUE(violated());
}

class ChannelOracleTest : public testing::Test {
 protected:
  FrameHeader Next() {
    return {.channel = ChannelId(3), .attempt = AttemptNumber(1), .sequence = next_++};
  }
  void Take(const std::string& frame) { oracle_.OnFrameTaken("tm-1", 1, Lane::kFifo, frame); }
  void Watermark(int64_t seconds) {
    Take(EncodeWatermarkFrame(Next(), {EventTime::FromSeconds(seconds), false}));
  }
  void Barrier(uint64_t checkpoint) {
    Take(EncodeBarrierFrame(Next(), {CheckpointId(checkpoint), BarrierKind::kAligned}));
  }
  std::string violated() const { return log_.first.has_value() ? log_.first->oracle : ""; }

  uint64_t next_ = 0;
  OracleLog log_;
  ChannelOracle oracle_{&log_};
};

TEST_F(ChannelOracleTest, AcceptsAStreamInOrder) {
  Watermark(100);
  Barrier(1);
  Watermark(100);
  Barrier(3);
  Take(EncodeEndOfDataFrame(Next()));
  Barrier(4);
  EXPECT_EQ(violated(), "");
  EXPECT_EQ(log_.counts["barriers"], 3);
}

TEST_F(ChannelOracleTest, ReportsGaps) {
  Barrier(1);
  ++next_;
  Barrier(2);
  EXPECT_EQ(violated(), "channel");
}

TEST_F(ChannelOracleTest, ReportsFramesOfAnotherStream) {
  Barrier(1);
  next_ = 0;
  // Its frames are in order, too.
  oracle_.OnFrameTaken("tm-1", 2, Lane::kFifo,
                       EncodeBarrierFrame(Next(), {CheckpointId(1), BarrierKind::kAligned}));
  EXPECT_EQ(violated(), "channel");
  EXPECT_NE(log_.first->what.find("stream 2, after frames of stream 1"), std::string::npos);
}

TEST_F(ChannelOracleTest, AcceptsAnAttemptThatBeginsAnew) {
  Barrier(1);
  FrameHeader header = Next();
  header.attempt = AttemptNumber(2);
  header.sequence = 0;
  oracle_.OnFrameTaken("tm-1", 2, Lane::kFifo,
                       EncodeBarrierFrame(header, {CheckpointId(1), BarrierKind::kAligned}));
  EXPECT_EQ(violated(), "");
}

TEST_F(ChannelOracleTest, ReportsWatermarksThatGoBack) {
  Watermark(100);
  Watermark(99);
  EXPECT_EQ(violated(), "watermark");
}

TEST_F(ChannelOracleTest, ReportsBarriersThatGoBack) {
  Barrier(2);
  Barrier(2);
  EXPECT_EQ(violated(), "channel");
}

// Two channels of one subtask, which carry numbers.
class KnownChannelOracleTest : public testing::Test {
 protected:
  KnownChannels Known() {
    const KnownChannel channel{.codec = codec_, .reader = SubtaskId(0)};
    return {{ChannelId(3), channel}, {ChannelId(4), channel}};
  }
  FrameHeader Next(uint64_t stream) {
    return {.channel = ChannelId(static_cast<uint32_t>(stream)),
            .attempt = AttemptNumber(1),
            .sequence = next_[stream]++};
  }
  void Rows(uint64_t stream, int64_t seconds) {
    Batch<int64_t> batch;
    batch.Append(7, EventTime::FromSeconds(seconds));
    std::string payload;
    codec_->AppendRowRange(batch, 0, 1, 1 << 20, payload);
    FrameHeader header = Next(stream);
    header.row_count = 1;
    header.flags = RowFlags(batch);
    oracle_.OnFrameTaken("tm-1", stream, Lane::kFifo, EncodeFrame(header, payload).value());
  }
  void Watermark(uint64_t stream, int64_t seconds) {
    oracle_.OnFrameTaken(
        "tm-1", stream, Lane::kFifo,
        EncodeWatermarkFrame(Next(stream), {EventTime::FromSeconds(seconds), false}));
  }
  void Barrier(uint64_t stream, uint64_t checkpoint) {
    oracle_.OnFrameTaken(
        "tm-1", stream, Lane::kFifo,
        EncodeBarrierFrame(Next(stream), {CheckpointId(checkpoint), BarrierKind::kAligned}));
  }
  std::string violated() const {
    return log_.first.has_value() ? log_.first->oracle + ": " + log_.first->what : "";
  }

  const std::shared_ptr<const RowCodec> codec_ = RowCodecFor<int64_t>();
  std::map<uint64_t, uint64_t> next_;
  OracleLog log_;
  ChannelOracle oracle_{&log_, Known()};
};

TEST_F(KnownChannelOracleTest, AcceptsRowsAheadOfTheWatermarkOfTheirChannel) {
  Watermark(3, 100);
  Rows(3, 101);
  Rows(4, 50);
  EXPECT_EQ(violated(), "");
  EXPECT_EQ(log_.counts["rows_with_times"], 2);
}

TEST_F(KnownChannelOracleTest, ReportsARowThatTheWatermarkDenied) {
  Watermark(3, 100);
  Rows(3, 100);
  EXPECT_NE(violated().find("watermark: row 7 has time "), std::string::npos) << violated();
}

TEST_F(KnownChannelOracleTest, CountsRowsThatAnAlignerHoldsBack) {
  Rows(3, 1);
  Barrier(3, 1);
  Rows(4, 1);
  EXPECT_EQ(log_.counts["blocked"], 0);
  Rows(3, 2);
  EXPECT_EQ(log_.counts["blocked"], 1);
  Barrier(4, 1);
  Rows(3, 3);
  EXPECT_EQ(log_.counts["blocked"], 1);
}

TEST_F(ChannelOracleTest, ReportsRowsBehindTheEnd) {
  Take(EncodeEndOfDataFrame(Next()));
  FrameHeader rows = Next();
  rows.row_count = 1;
  Take(EncodeFrame(rows, "x").value());
  EXPECT_EQ(violated(), "channel");
}

class CheckpointOracleTest : public testing::Test {
 protected:
  CheckpointOracleTest() {
    log_.world = &world_;
    EXPECT_TRUE(files().CreateDirectories("/checkpoints", absl::UnixEpoch()).ok());
    EXPECT_TRUE(files().CreateDirectories("/out", absl::UnixEpoch()).ok());
  }
  FileTree& files() { return world_.shared_files(); }

  // Durable only if `synced`.
  void Write(const std::string& path, const std::string& bytes, bool synced) {
    const ClientId client = synced ? kDurable : kClient;
    const FileNodePtr node =
        files().Create(path, CreateMode::kExclusive, absl::UnixEpoch(), client).value();
    files().Append(node, bytes, absl::UnixEpoch(), client);
  }
  ManifestRef WriteManifest(uint64_t checkpoint, bool synced, const std::string& committable = "") {
    ManifestHeader header;
    header.checkpoint = CheckpointId(checkpoint);
    header.job = JobId("job");
    header.job_name = "job";
    header.attempt = {LeaderEpoch(1), AttemptNumber(1)};
    std::vector<ManifestOperator> operators;
    std::map<SubtaskId, proto::SubtaskSnapshot> snapshots;
    if (!committable.empty()) {
      operators.push_back(
          {.uid = "sink", .name = "sink", .parallelism = 1, .max_parallelism = 128});
      proto::OperatorSnapshot& sink = *snapshots[SubtaskId(0)].add_operators();
      sink.set_uid("sink");
      sink.mutable_state()->add_committables(committable);
    }
    const auto manifest = BuildManifest(header, operators, snapshots);
    EXPECT_TRUE(manifest.ok()) << manifest.status();
    const std::string name = ManifestName(header.checkpoint, header.attempt);
    const std::string bytes = EncodeManifest(*manifest).value();
    Write("/checkpoints/" + name, bytes, synced);
    return {.name = name, .size_bytes = bytes.size(), .checkpoint = header.checkpoint};
  }
  void Publish(uint64_t sequence, uint32_t attempt, const ManifestRef& manifest,
               CheckpointId committed_through = {}) {
    PointerRecord pointer;
    pointer.sequence = sequence;
    pointer.attempt = {LeaderEpoch(1), AttemptNumber(attempt)};
    pointer.manifest = manifest;
    pointer.committed_through = committed_through;
    pointer.reserved_through = CheckpointId(100);
    const std::string name = "/checkpoints/" + SeriesName(kPointerSeries, sequence);
    Write(name, EncodePointer(pointer), false);
    oracle_.OnFileCall("jm", "link", "/shared" + name + ".candidate to /shared" + name,
                       absl::OkStatus());
    files().Sync(*files().FindFile(name).value(), kClient);
    files().SyncDirectory(*files().FindDirectory("/checkpoints").value());
  }
  void MakeVisible(const std::string& temporary, const std::string& visible) {
    oracle_.OnFileCall("tm-1", "link", "/shared/out/" + temporary + " to /shared/out/" + visible,
                       absl::OkStatus());
  }
  std::string violated() const { return log_.first.has_value() ? log_.first->oracle : ""; }

  SimWorld world_{Seed(1)};
  OracleLog log_;
  CheckpointOracle oracle_{&log_, "/shared/checkpoints", {"/shared/out"}};
};

constexpr char kTemporary[] = ".part-0-0.csv.inprogress-e1a1-0000000000000001";
constexpr char kVisible[] = "part-0-0.csv";

TEST_F(CheckpointOracleTest, AcceptsDurableCheckpointsAndTheirParts) {
  Publish(1, 1, WriteManifest(1, true));
  Publish(2, 2, WriteManifest(2, true, EncodePartCommittable({kTemporary, kVisible, 1, 1})));
  MakeVisible(kTemporary, kVisible);
  oracle_.AtEnd(/*finished=*/true);
  EXPECT_EQ(violated(), "") << log_.first->what;
  EXPECT_EQ(log_.counts["parts"], 1);
  EXPECT_EQ(log_.part_origins.at("/out/part-0-0.csv"), "written by e1a1, made visible by tm-1");
}

TEST_F(CheckpointOracleTest, ACancelledJobKeepsItsNewestCheckpoint) {
  oracle_.AtEnd(/*finished=*/false);
  EXPECT_EQ(violated(), "") << "it had none yet";
  const ManifestRef one = WriteManifest(1, true);
  Publish(1, 1, one);
  oracle_.AtEnd(/*finished=*/false);
  EXPECT_EQ(violated(), "") << log_.first->what;
  ASSERT_TRUE(world_.shared_files().Remove(absl::StrCat("/checkpoints/", one.name), {}).ok());
  oracle_.AtEnd(/*finished=*/false);
  EXPECT_EQ(violated(), "retained checkpoint");
}

TEST_F(CheckpointOracleTest, CountsCommitsThatAFailureParts) {
  const ManifestRef one = WriteManifest(1, true), two = WriteManifest(2, true);
  Publish(1, 1, one, CheckpointId(1));
  Publish(2, 1, two, CheckpointId(2));
  EXPECT_EQ(log_.counts["commits_between_failures"], 0);
  Publish(3, 2, two, CheckpointId(2));
  EXPECT_EQ(log_.counts["commits_between_failures"], 0);
  Publish(4, 2, WriteManifest(3, true), CheckpointId(3));
  EXPECT_EQ(log_.counts["commits_between_failures"], 1);
  EXPECT_EQ(violated(), "");
}

TEST_F(CheckpointOracleTest, ReportsAPointerToAManifestThatIsNotDurable) {
  Publish(1, 1, WriteManifest(1, false));
  EXPECT_EQ(violated(), "commit order");
}

TEST_F(CheckpointOracleTest, ReportsAPointerOfAnOlderAttempt) {
  Publish(1, 2, WriteManifest(1, true));
  Publish(2, 1, WriteManifest(2, true));
  EXPECT_EQ(violated(), "fencing");
}

TEST_F(CheckpointOracleTest, ReportsAPointerThatGoesBack) {
  const ManifestRef one = WriteManifest(1, true);
  Publish(1, 1, WriteManifest(2, true));
  Publish(2, 1, one);
  EXPECT_EQ(violated(), "commit order");
}

TEST_F(CheckpointOracleTest, ReportsARetainedManifestThatIsRemoved) {
  const ManifestRef one = WriteManifest(1, true);
  Publish(1, 1, one);
  ASSERT_TRUE(files().Remove("/checkpoints/" + one.name, absl::UnixEpoch()).ok());
  oracle_.OnFileCall("jm", "remove", "/shared/checkpoints/" + one.name, absl::OkStatus());
  EXPECT_EQ(violated(), "retained checkpoint");
}

TEST_F(CheckpointOracleTest, ReportsAPartThatNoCheckpointHolds) {
  Publish(1, 1, WriteManifest(1, true));
  MakeVisible(kTemporary, kVisible);
  EXPECT_EQ(violated(), "commit order");
}

TEST_F(CheckpointOracleTest, AsksOfEachCheckpointWhetherItIsAConsistentCut) {
  std::vector<uint64_t> asked;
  CheckpointOracle oracle(&log_, "/shared/checkpoints", {}, [&](const auto& manifest, const auto&) {
    asked.push_back(manifest.checkpoint_id());
    return asked.size() < 2 ? absl::OkStatus() : absl::DataLossError("a row is lost");
  });
  const auto publish = [&](uint64_t sequence, const ManifestRef& manifest) {
    Publish(sequence, 1, manifest);
    oracle.OnFileCall("jm", "link",
                      "/x to /shared/checkpoints/" + SeriesName(kPointerSeries, sequence),
                      absl::OkStatus());
  };
  const ManifestRef one = WriteManifest(1, true);
  publish(1, one);
  publish(2, one);  // Commits are durable: the same checkpoint.
  EXPECT_EQ(violated(), "");
  publish(3, WriteManifest(2, true));
  EXPECT_EQ(asked, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(violated(), "consistent cut");
}

TEST_F(CheckpointOracleTest, ReportsPartsThatAreLeftBehind) {
  LeakOracle leaks(&log_, "/shared/checkpoints", {"/shared/out"});
  leaks.AtEnd(/*finished=*/true);
  EXPECT_EQ(violated(), "");
  Write(std::string("/out/") + kTemporary, "a", true);
  leaks.AtEnd(/*finished=*/false);
  EXPECT_EQ(violated(), "") << "it may be continued";
  leaks.AtEnd(/*finished=*/true);
  EXPECT_EQ(violated(), "leak");
}

}  // namespace
}  // namespace weir::sim
