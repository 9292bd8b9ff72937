// Jobs in artifacts: the blob store under JobManagers that die between any two operations on files, workers that fetch from it,
// what is refused, and what is garbage. What an artifact holds does not matter here: loading one is noting its key.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/artifact/testing/fake_artifact.h"
#include "core/base/check.h"
#include "core/base/sha256.h"
#include "core/cluster/artifact_loader.h"
#include "core/cluster/blob_files.h"
#include "core/cluster/blob_store.h"
#include "core/cluster/job_client.h"
#include "core/cluster/job_manager.h"
#include "core/cluster/task_manager.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/fault_injector.h"
#include "sim/short_timeouts.h"
#include "sim/sim_world.h"
#include "tests/cluster/orders_job.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

constexpr char kBlobs[] = "/cluster/blobs";

// Of one life of a process.
class NotingLoader final : public ArtifactLoader {
 public:
  void Load(const BlobKey& key, const std::string&, const JobSubmission&,
            absl::AnyInvocable<void(absl::Status)> done) override {
    loaded_.insert(key.hex());
    done(absl::OkStatus());
  }
  bool Has(const std::string& key) const { return loaded_.contains(key); }

 private:
  std::set<std::string> loaded_;
};

template <class Program>
struct WithLoader {
  NotingLoader loader;
  std::unique_ptr<Program> program;
};

struct TestOptions {
  uint64_t seed = 5;
  absl::Status artifacts_refused = {};
  BlobStoreOptions blobs = {};
  bool workers_build_the_same = true;
};

class Cluster {
 public:
  explicit Cluster(TestOptions options = {})
      : options_(std::move(options)), world_(sim::Seed(options_.seed)) {
    world_.AddProcess("jm", [this](Env& env) -> std::shared_ptr<void> {
      auto process = std::make_shared<WithLoader<JobManager>>();
      JobManager::Options options;
      options.address = "jm";
      options.state_folder = "/shared/cluster";
      options.keep_jobs = true;
      options.job.default_parallelism = 2;
      options.job.timeouts = sim::ShortTimeouts();
      options.artifact_loader = &process->loader;
      options.artifacts_refused = options_.artifacts_refused;
      options.blobs = options_.blobs;
      process->program =
          std::make_unique<JobManager>(env, options, Provider(process->loader, true));
      process->program->Start();
      ++job_managers_;
      return process;
    });
    for (const char* name : {"tm-1", "tm-2"}) {
      world_.AddProcess(name, [this, name](Env& env) -> std::shared_ptr<void> {
        auto process = std::make_shared<WithLoader<TaskManager>>();
        TaskManager::Options options;
        options.address = name;
        options.job_manager = "jm";
        options.task_manager.slots = 1;
        options.timeouts = sim::ShortTimeouts();
        options.artifact_loader = &process->loader;
        options.artifact_folder = "/artifacts";
        process->program = std::make_unique<TaskManager>(
            env, options, Provider(process->loader, options_.workers_build_the_same));
        process->program->Start();
        return process;
      });
      WEIR_CHECK_OK(world_.disk(name).CreateDirectories("/artifacts", absl::UnixEpoch()));
    }
    Env& env = world_.HostEnv("client");
    executor_ = env.NewExecutor("client", ExecutorKind::kControl);
    client_ = std::make_unique<JobClient>(env, *executor_, "jm", sim::ShortTimeouts());
    rpc_ = std::make_unique<RpcClient>(env.network(), executor_.get());
  }

  // A chunk and a bit.
  static std::string Artifact() {
    std::string bytes = FakeArtifact();
    const size_t begin = bytes.size();
    bytes.resize(kBlobChunkBytesMax + 10'000, 'x');
    for (size_t i = begin; i < bytes.size(); i += 4093) bytes[i] = static_cast<char>(i / 4093);
    return bytes;
  }
  static JobSubmission Submission(const std::string& artifact) {
    JobSubmission submission;
    submission.job_name = "totals";
    submission.artifact = BlobKey::Of(artifact).hex();
    submission.checkpoints.durable = true;
    submission.checkpoints.interval = absl::Milliseconds(200);
    submission.checkpoint_folder = "/shared/checkpoints";
    submission.restart_strategy.type = RestartStrategyType::kFixedDelay;
    submission.restart_strategy.fixed_delay = {.attempts = 1000, .delay = absl::Milliseconds(100)};
    return submission;
  }
  void Submit(const std::string& artifact, bool with_artifact = true,
              std::optional<JobSubmission> submission = {}) {
    if (!submission.has_value()) submission = Submission(artifact);
    accepted_.reset();
    executor_->Post([this, artifact, with_artifact, submission = *submission] {
      const auto on_accepted = [this](absl::Status status) {
        accepted_ = status;
        if (status.ok()) Watch();
      };
      if (!with_artifact) return client_->Submit("job-1", submission, on_accepted);
      client_->SubmitWithArtifact("job-1", submission, std::make_shared<std::string>(artifact),
                                  on_accepted);
    });
  }
  absl::Status RunUntilAnswered() {
    WEIR_CHECK_OK(world_.RunUntil([this] { return accepted_.has_value(); }, absl::Minutes(2)));
    return *accepted_;
  }
  // OK: it has finished, with the output it must have.
  void RunUntilEnded() {
    const absl::Status ended =
        world_.RunUntil([this] { return status_.ended(); }, absl::Minutes(2));
    ASSERT_TRUE(ended.ok()) << ended << "; it is " << status_.state() << ": " << status_.summary()
                            << status_.last_failure();
    EXPECT_EQ(status_.state(), "FINISHED") << status_.summary();
    std::vector<Total> rows = sink_.rows();
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(rows, ExpectedTotals(job_));
  }
  proto::PutBlobResponse Put(const std::string& key, uint64_t size, uint64_t offset,
                             std::string chunk, absl::Status* error = nullptr) {
    proto::PutBlobRequest request;
    request.set_key(key);
    request.set_size(size);
    request.set_offset(offset);
    request.set_chunk(std::move(chunk));
    return Call<proto::PutBlobResponse>("PutBlob", request, error);
  }
  template <class Response, class Request>
  Response Call(const char* method, const Request& request, absl::Status* error) {
    // By then somebody serves.
    WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(200)));
    auto answer = std::make_shared<std::optional<absl::StatusOr<Response>>>();
    executor_->Post([this, method, request, answer] {
      rpc_->Call<Response>("jm", method, request, absl::Seconds(5),
                           [answer](absl::StatusOr<Response> response) { *answer = response; });
    });
    WEIR_CHECK_OK(world_.RunUntil([&] { return answer->has_value(); }, absl::Seconds(10)));
    if (error != nullptr) *error = (*answer)->status();
    return (*answer)->ok() ? ***answer : Response();
  }

  // The names in the blob folder of `files`; each must hold what its name says.
  static std::vector<std::string> Blobs(sim::FileTree& files) {
    std::vector<std::string> names;
    const auto entries = files.List(kBlobs);
    if (!entries.ok()) return names;
    for (const DirectoryEntry& entry : *entries) {
      names.push_back(entry.name);
      if (entry.name.starts_with(".")) continue;
      const sim::FileNodePtr file = *files.FindFile(absl::StrCat(kBlobs, "/", entry.name));
      EXPECT_EQ(Sha256Hex(file->bytes), entry.name.substr(0, kSha256HexSize)) << "it is torn";
    }
    return names;
  }
  std::vector<std::string> Blobs() { return Blobs(world_.shared_files()); }

  const TestOptions options_;
  const OrdersJobOptions job_{
      .orders = 500, .shards = 0, .rows_per_second = 500, .on_order = nullptr};
  CollectSink<Total> sink_;
  int job_managers_ = 0;
  std::optional<absl::Status> accepted_;
  proto::GetJobStatusResponse status_;
  sim::SimWorld world_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<JobClient> client_;
  std::unique_ptr<RpcClient> rpc_;

 private:
  JobGraphProvider Provider(const NotingLoader& loader, bool same) {
    return [this, &loader, same](const JobSubmission& submission) -> absl::StatusOr<JobGraph> {
      if (!loader.Has(submission.artifact)) return absl::NotFoundError("the artifact is not here");
      absl::StatusOr<JobGraph> graph = BuildTotals(sink_, job_);
      if (graph.ok()) graph->artifact = same ? submission.artifact : "another";
      return graph;
    };
  }
  void Watch() {
    status_ = {};
    client_->Watch("job-1", absl::Milliseconds(50), [this](const auto& status) {
      if (status.ok()) status_ = *status;
    });
  }
};

TEST(ArtifactTest, AJobRunsFromItsArtifact) {
  Cluster cluster;
  const std::string artifact = Cluster::Artifact();
  cluster.Submit(artifact);
  ASSERT_TRUE(cluster.RunUntilAnswered().ok()) << *cluster.accepted_;
  EXPECT_EQ(cluster.Blobs(), std::vector<std::string>{BlobKey::Of(artifact).hex() + "-1"});
  cluster.RunUntilEnded();
  // Nobody needs it, and no worker keeps a copy. An hour: a second job might follow.
  WEIR_CHECK_OK(cluster.world_.RunFor(absl::Minutes(61)));
  EXPECT_TRUE(cluster.Blobs().empty());
  EXPECT_TRUE(cluster.world_.disk("tm-1").List("/artifacts")->empty());
  EXPECT_TRUE(cluster.world_.disk("tm-2").List("/artifacts")->empty());
}

TEST(ArtifactTest, ARecoveredJobLoadsItAgain) {
  Cluster cluster;
  cluster.Submit(Cluster::Artifact());
  ASSERT_TRUE(cluster.RunUntilAnswered().ok());
  WEIR_CHECK_OK(
      cluster.world_.RunUntil([&] { return cluster.status_.checkpoints() > 1; }, absl::Minutes(1)));
  for (const char* process : {"jm", "tm-1", "tm-2"})
    cluster.world_.Kill(process, {.power_off = true});
  WEIR_CHECK_OK(cluster.world_.RunFor(absl::Milliseconds(300)));
  for (const char* process : {"jm", "tm-1", "tm-2"}) cluster.world_.Restart(process);
  cluster.RunUntilEnded();
  EXPECT_GT(cluster.status_.restored_from(), 0);
}

// The JobManager dies by its n-th call on the blob folder, for every n there is, with and without power.
TEST(ArtifactTest, AJobManagerMayDieAtAnyFileOperation) {
  const std::string key = BlobKey::Of(Cluster::Artifact()).hex();
  uint64_t crashes = 0;
  int looks = 0;
  for (int nth = 1; nth <= 45; ++nth) {
    Cluster cluster({.seed = static_cast<uint64_t>(nth)});
    sim::FaultInjector faults(&cluster.world_);
    sim::Fault fault;
    fault.kind = sim::FaultKind::kFileCrash;
    fault.duration = absl::Milliseconds(400);
    fault.machine = "jm";
    fault.path_part = "blobs";
    fault.nth = static_cast<uint64_t>(nth);
    fault.power_off = nth % 2 == 0;
    fault.before = nth % 3 == 0;
    faults.Apply({fault});
    cluster.Submit(Cluster::Artifact());
    // Whatever is durable is whole, at any time.
    while (!cluster.status_.ended() && cluster.world_.elapsed() < absl::Minutes(1)) {
      WEIR_CHECK_OK(cluster.world_.RunFor(absl::Milliseconds(40)));
      cluster.Blobs();
      const std::vector<std::string> left =
          Cluster::Blobs(*cluster.world_.PostCrashImage("shared", sim::CrashLoss::kDrawn));
      // Accepted, and not near its end: the artifact is durable. Behind a restore the count of rows begins anew.
      if (!cluster.accepted_.has_value() || cluster.status_.ended() ||
          cluster.status_.source_rows() > 400 || cluster.status_.restored_from() > 0) {
        continue;
      }
      EXPECT_THAT(left, testing::Contains(testing::StartsWith(key)))
          << "operation " << nth << ", " << cluster.status_.ShortDebugString();
      ++looks;
    }
    SCOPED_TRACE(absl::StrCat("operation ", nth));
    cluster.RunUntilEnded();
    faults.HealAll();
    crashes += faults.file_crashes();
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(crashes, 25);
  EXPECT_GT(looks, 100);
}

TEST(ArtifactTest, WhatAJobNeedsIsNotGarbageAndWhatNobodyUsesIs) {
  Cluster cluster({.blobs = {.unused_after = absl::Milliseconds(300)}});
  const std::string artifact = Cluster::Artifact();
  cluster.Submit(artifact);
  ASSERT_TRUE(cluster.RunUntilAnswered().ok());
  const std::string other = "nobody's";
  const std::string key = BlobKey::Of(other).hex();
  EXPECT_TRUE(cluster.Put(key, other.size(), 0, other).stored());
  EXPECT_EQ(cluster.Blobs().size(), 2u);
  WEIR_CHECK_OK(cluster.world_.RunFor(absl::Milliseconds(500)));
  EXPECT_EQ(cluster.Blobs(), std::vector<std::string>{BlobKey::Of(artifact).hex() + "-1"});
  ASSERT_FALSE(cluster.status_.ended());
  cluster.RunUntilEnded();
}

// A JobManager that was replaced and does not know it finishes a job; its successor's blobs are not its to remove.
TEST(ArtifactTest, ASuccessorKeepsWhatItsPredecessorThrowsAway) {
  Cluster cluster;
  const std::string artifact = Cluster::Artifact();
  cluster.Submit(artifact);
  ASSERT_TRUE(cluster.RunUntilAnswered().ok());
  cluster.world_.Kill("jm");
  cluster.world_.Restart("jm");
  WEIR_CHECK_OK(cluster.world_.RunFor(absl::Seconds(1)));
  // What the first one would remove now.
  const auto entries = cluster.world_.shared_files().List(kBlobs);
  EXPECT_THAT(DecideBlobGarbage(*entries, LeaderEpoch(1), {}),
              testing::Each(testing::EndsWith("-1")));
  EXPECT_THAT(cluster.Blobs(), testing::Contains(BlobKey::Of(artifact).hex() + "-2"));
  cluster.RunUntilEnded();
}

TEST(ArtifactTest, AnUploadMayBeRepeatedAndBegunAnew) {
  Cluster cluster;
  const std::string bytes = "0123456789";
  const std::string key = BlobKey::Of(bytes).hex();
  EXPECT_EQ(cluster.Put(key, 10, 0, "").received(), 0u);
  EXPECT_EQ(cluster.Put(key, 10, 0, "0123").received(), 4u);
  EXPECT_EQ(cluster.Put(key, 10, 0, "0123").received(), 4u);
  EXPECT_EQ(cluster.Put(key, 10, 8, "89").received(), 4u);
  EXPECT_TRUE(cluster.Put(key, 10, 4, "456789").stored());
  EXPECT_TRUE(cluster.Put(key, 10, 4, "456789").stored());
}

TEST(ArtifactTest, RefusesUploads) {
  Cluster cluster({.blobs = {.blob_bytes_max = 100}});
  const std::string key = BlobKey::Of("0123456789").hex();
  absl::Status error;
  cluster.Put(key, 101, 0, "", &error);
  EXPECT_TRUE(absl::IsInvalidArgument(error)) << error;
  EXPECT_THAT(std::string(error.message()), HasSubstr("blob.size-max"));
  // Not what was announced.
  cluster.Put(key, 10, 0, "0123456780", &error);
  EXPECT_TRUE(absl::IsDataLoss(error)) << error;
  EXPECT_THAT(std::string(error.message()), HasSubstr(BlobKey::Of("0123456780").hex()));
  // Then it is not there.
  EXPECT_FALSE(cluster.Put(key, 10, 0, "", &error).stored());
  cluster.Put("../../etc/passwd", 10, 0, "", &error);
  EXPECT_TRUE(absl::IsInvalidArgument(error)) << error;
  cluster.Put(key, 10, 4, "0123456789", &error);
  EXPECT_TRUE(absl::IsInvalidArgument(error)) << error;
  cluster.Put(key, 0, 0, "", &error);
  EXPECT_TRUE(absl::IsInvalidArgument(error)) << error;
}

TEST(ArtifactTest, UploadsShareTheMemory) {
  Cluster cluster({.blobs = {.blob_bytes_max = 100, .upload_patience = absl::Seconds(2)}});
  absl::Status error;
  cluster.Put(BlobKey::Of("a").hex(), 100, 0, "x", &error);
  EXPECT_TRUE(error.ok()) << error;
  cluster.Put(BlobKey::Of("b").hex(), 100, 0, "x", &error);
  EXPECT_TRUE(error.ok()) << error;
  cluster.Put(BlobKey::Of("c").hex(), 100, 0, "x", &error);
  EXPECT_TRUE(absl::IsUnavailable(error)) << error;
  WEIR_CHECK_OK(cluster.world_.RunFor(absl::Seconds(3)));
  cluster.Put(BlobKey::Of("c").hex(), 100, 0, "x", &error);
  EXPECT_TRUE(error.ok()) << error;
}

TEST(ArtifactTest, ServesOnlyWhatAJobNeeds) {
  Cluster cluster;
  const std::string bytes = "0123456789";
  const std::string key = BlobKey::Of(bytes).hex();
  ASSERT_TRUE(cluster.Put(key, 10, 0, bytes).stored());
  proto::GetBlobRequest request;
  request.set_key(key);
  absl::Status error;
  cluster.Call<proto::GetBlobResponse>("GetBlob", request, &error);
  EXPECT_TRUE(absl::IsNotFound(error)) << error;
  request.set_key("../leader-1");
  cluster.Call<proto::GetBlobResponse>("GetBlob", request, &error);
  EXPECT_TRUE(absl::IsInvalidArgument(error)) << error;
}

TEST(ArtifactTest, RefusesAJobWhoseArtifactIsNotThere) {
  Cluster cluster;
  cluster.Submit(Cluster::Artifact(), false);
  EXPECT_TRUE(absl::IsNotFound(cluster.RunUntilAnswered())) << *cluster.accepted_;
}

// The client looks at the note, too, but need not be one of ours.
TEST(ArtifactTest, RefusesWhatWasBuiltWithAnotherEngine) {
  Cluster cluster;
  EngineIdentity other = OwnEngineIdentity();
  other.build_id = "0123456789abcdef";
  cluster.Submit(FakeArtifact({.identity = other}));
  EXPECT_TRUE(absl::IsInvalidArgument(cluster.RunUntilAnswered())) << *cluster.accepted_;
  EXPECT_THAT(
      std::string(cluster.accepted_->message()),
      testing::AllOf(HasSubstr("0123456789abcdef"), HasSubstr(OwnEngineIdentity().build_id)));
  cluster.Submit("no artifact");
  EXPECT_TRUE(absl::IsInvalidArgument(cluster.RunUntilAnswered())) << *cluster.accepted_;
  EXPECT_THAT(std::string(cluster.accepted_->message()), HasSubstr("no ELF file"));
}

TEST(ArtifactTest, RefusesArtifactsWhereClientsAreNotKnown) {
  Cluster cluster({.artifacts_refused = absl::PermissionDeniedError("not in the clear")});
  for (const bool with_artifact : {true, false}) {
    cluster.Submit(Cluster::Artifact(), with_artifact);
    EXPECT_TRUE(absl::IsPermissionDenied(cluster.RunUntilAnswered())) << *cluster.accepted_;
    EXPECT_THAT(std::string(cluster.accepted_->message()), HasSubstr("not in the clear"));
  }
  EXPECT_TRUE(cluster.Blobs().empty());
}

TEST(ArtifactTest, RefusesAJobOfWhichTheClientHasBuiltAnotherGraph) {
  Cluster cluster;
  JobSubmission submission = Cluster::Submission(Cluster::Artifact());
  submission.job_graph_digest = 7;
  cluster.Submit(Cluster::Artifact(), true, submission);
  EXPECT_TRUE(absl::IsFailedPrecondition(cluster.RunUntilAnswered())) << *cluster.accepted_;
  EXPECT_THAT(std::string(cluster.accepted_->message()),
              HasSubstr("0000000000000007 at the client"));
}

TEST(ArtifactTest, FailsAJobOfWhichAWorkerBuildsAnotherGraph) {
  Cluster cluster({.workers_build_the_same = false});
  JobSubmission submission = Cluster::Submission(Cluster::Artifact());
  submission.restart_strategy = {};
  cluster.Submit(Cluster::Artifact(), true, submission);
  ASSERT_TRUE(cluster.RunUntilAnswered().ok());
  WEIR_CHECK_OK(cluster.world_.RunUntil([&] { return cluster.status_.ended(); }, absl::Minutes(1)));
  EXPECT_EQ(cluster.status_.state(), "FAILED");
  EXPECT_THAT(cluster.status_.summary(), HasSubstr("has digest"));
}

}  // namespace
}  // namespace weir
