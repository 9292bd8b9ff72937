#include "core/checkpoint/checkpoint_store.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/checkpoint/testing/store_under_test.h"
#include "core/env/testing/env_under_test.h"
#include "core/testing/env_factories.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

constexpr JobAttempt kFirst = {LeaderEpoch(1), AttemptNumber(1)};
constexpr JobAttempt kSecond = {LeaderEpoch(1), AttemptNumber(2)};
constexpr JobAttempt kNewLeader = {LeaderEpoch(2), AttemptNumber(1)};

class CheckpointStoreTest : public EnvContractTest {
 protected:
  void SetUp() override {
    folder_ = under_test().root_directory() + "/jobs/one";
    io_ = &NewExecutor("io", ExecutorKind::kIo);
  }
  FileSystem& fs() { return env().file_system(); }
  void OnIo(const std::function<void()>& closure) { RunOn(*io_, closure); }
  StoreUnderTest Store(JobAttempt attempt) { return StoreUnderTest(fs(), folder_, attempt); }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const std::vector<DirectoryEntry> entries = fs().List(folder_).value();
    for (const DirectoryEntry& entry : entries) names.push_back(entry.name);
    return names;
  }
  void Damage(const std::string& name, const std::string& bytes) {
    auto file = fs().Create(folder_ + "/" + name, CreateMode::kTruncate).value();
    ASSERT_TRUE(file->Append(bytes).ok());
    ASSERT_TRUE(file->Close().ok());
  }

  std::string folder_;
  Executor* io_ = nullptr;
};

TEST_P(CheckpointStoreTest, WritesPublishesRestoresAndCollects) {
  OnIo([&] {
    StoreUnderTest store = Store(kFirst);
    ASSERT_EQ(store.Open(), absl::OkStatus());
    ASSERT_EQ(store.Claim(), absl::OkStatus());
    EXPECT_TRUE(store.newest.manifest.none());
    EXPECT_EQ(store.next, CheckpointId(1));
    for (int i = 0; i < 3; ++i) ASSERT_EQ(store.Checkpoint(), absl::OkStatus());
    EXPECT_EQ(Names(), (std::vector<std::string>{"hello", "manifest-3-e1a1", "pointer-4",
                                                 "state-3-e1a1-0-0", "state-3-e1a1-1-0"}));

    StoreUnderTest restarted = Store(kSecond);
    ASSERT_EQ(restarted.Open(), absl::OkStatus());
    ASSERT_EQ(restarted.Claim(), absl::OkStatus());
    EXPECT_EQ(restarted.newest.manifest.checkpoint, CheckpointId(3));
    EXPECT_GT(restarted.next, store.newest.reserved_through);
    const auto manifest = restarted.Load();
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    proto::StateFile elsewhere = ReachableFiles(*manifest)[1];
    elsewhere.set_name("../one/" + elsewhere.name());
    EXPECT_TRUE(absl::IsDataLoss(StateFileReader(fs(), folder_, elsewhere).Open()));
    StateFileReader reader(fs(), folder_, ReachableFiles(*manifest)[1]);
    ASSERT_EQ(reader.Open(), absl::OkStatus());
    EXPECT_EQ(reader.Read(100).value(), StoreUnderTest::Content(CheckpointId(3), 1));
    EXPECT_EQ(reader.Read(100).value(), "");
  });
}

TEST_P(CheckpointStoreTest, OlderAttemptsAreFenced) {
  OnIo([&] {
    StoreUnderTest old = Store(kFirst), young = Store(kNewLeader);
    ASSERT_EQ(old.Open(), absl::OkStatus());
    ASSERT_EQ(old.Claim(), absl::OkStatus());
    ASSERT_EQ(old.Checkpoint(), absl::OkStatus());
    ASSERT_EQ(old.WriteManifest(), absl::OkStatus());
    ASSERT_EQ(young.Claim(), absl::OkStatus());
    EXPECT_TRUE(absl::IsAborted(old.Publish()));
    EXPECT_TRUE(absl::IsAborted(Store(kFirst).Claim()));
    EXPECT_TRUE(absl::IsAborted(Store(kNewLeader).Claim()));
    // Even when the names that the old one would take have been published and collected.
    for (int i = 0; i < 3; ++i) ASSERT_EQ(young.Checkpoint(), absl::OkStatus());
    EXPECT_TRUE(absl::IsAborted(old.Publish()));
    StoreUnderTest last = Store({LeaderEpoch(3), AttemptNumber(1)});
    ASSERT_EQ(last.Claim(), absl::OkStatus());
    EXPECT_EQ(last.newest.manifest, young.newest.manifest);
    EXPECT_TRUE(last.Load().ok());
  });
}

TEST_P(CheckpointStoreTest, AZombieCollectsNothingOfItsSuccessors) {
  OnIo([&] {
    StoreUnderTest old = Store(kFirst), young = Store(kNewLeader);
    ASSERT_EQ(old.Open(), absl::OkStatus());
    ASSERT_EQ(old.Claim(), absl::OkStatus());
    ASSERT_EQ(old.Checkpoint(), absl::OkStatus());
    ASSERT_EQ(young.Claim(), absl::OkStatus());
    ASSERT_EQ(young.Checkpoint(), absl::OkStatus());
    // Its manifest was collected; it gives up rather than guess.
    EXPECT_FALSE(old.Collect().ok());
    EXPECT_TRUE(young.Load().ok());
  });
}

TEST_P(CheckpointStoreTest, DamageNamesTheFileAndNeverGoesBack) {
  OnIo([&] {
    StoreUnderTest store = Store(kFirst);
    ASSERT_EQ(store.Open(), absl::OkStatus());
    ASSERT_EQ(store.Claim(), absl::OkStatus());
    ASSERT_EQ(store.Checkpoint(), absl::OkStatus());

    Damage("state-1-e1a1-1-0", "state 1 of X");
    const absl::Status checksum = store.Load().status();
    EXPECT_EQ(checksum,
              absl::DataLossError("state file " + folder_ +
                                  "/state-1-e1a1-1-0 is damaged: its checksum does not match"));
    EXPECT_TRUE(store.Load(VerifyFiles::kSizes).ok());
    Damage("state-1-e1a1-1-0", "short");
    EXPECT_TRUE(absl::IsDataLoss(store.Load(VerifyFiles::kSizes).status()));
    ASSERT_EQ(fs().Remove(folder_ + "/state-1-e1a1-1-0"), absl::OkStatus());
    EXPECT_TRUE(absl::IsDataLoss(store.Load(VerifyFiles::kSizes).status()));
    Damage("manifest-1-e1a1", "no manifest");
    EXPECT_TRUE(absl::IsDataLoss(store.Load().status()));
    ASSERT_EQ(fs().Remove(folder_ + "/manifest-1-e1a1"), absl::OkStatus());
    const absl::Status missing = store.Load().status();
    EXPECT_TRUE(absl::IsDataLoss(missing));
    EXPECT_NE(missing.message().find("manifest-1-e1a1"), absl::string_view::npos);
    Damage("pointer-2", "no pointer");
    EXPECT_TRUE(absl::IsDataLoss(Store(kSecond).Claim()));
    Damage("hello", "no hello");
    EXPECT_TRUE(absl::IsDataLoss(store.Open()));
  });
}

TEST_P(CheckpointStoreTest, RefusesTheFolderOfAnotherCluster) {
  OnIo([&] {
    ASSERT_EQ(Store(kFirst).Open("one"), absl::OkStatus());
    ASSERT_EQ(Store(kSecond).Open("one"), absl::OkStatus());
    EXPECT_TRUE(absl::IsInvalidArgument(Store(kSecond).Open("two")));
    OpenStoreTask adopt(fs(), folder_, Hello(), /*adopt_cluster_id=*/true);
    ASSERT_EQ(RunAllSteps(adopt), absl::OkStatus());
    EXPECT_EQ(adopt.hello().cluster_id, "one");
  });
}

TEST_P(CheckpointStoreTest, RestoresFromElsewhere) {
  OnIo([&] {
    StoreUnderTest from = Store(kFirst);
    ASSERT_EQ(from.Open(), absl::OkStatus());
    FindCheckpointTask nothing(fs(), folder_);
    EXPECT_TRUE(absl::IsNotFound(RunAllSteps(nothing)));
    ASSERT_EQ(from.Claim(), absl::OkStatus());
    ASSERT_EQ(from.Checkpoint(), absl::OkStatus());
    FindCheckpointTask by_folder(fs(), folder_);
    ASSERT_EQ(RunAllSteps(by_folder), absl::OkStatus());
    FindCheckpointTask by_manifest(fs(), folder_ + "/manifest-1-e1a1");
    ASSERT_EQ(RunAllSteps(by_manifest), absl::OkStatus());
    EXPECT_EQ(by_folder.manifest(), by_manifest.manifest());

    StoreUnderTest to(fs(), folder_ + "-again", kFirst);
    ASSERT_EQ(to.Open(), absl::OkStatus());
    ASSERT_EQ(to.Claim(by_folder.manifest()), absl::OkStatus());
    EXPECT_EQ(to.next, CheckpointId(2));
    EXPECT_TRUE(to.Load().ok());
    ASSERT_EQ(to.Checkpoint(), absl::OkStatus());
    EXPECT_TRUE(from.Load().ok()) << "what lies elsewhere is not collected";
    StoreUnderTest again(fs(), folder_ + "-again", kSecond);
    EXPECT_TRUE(absl::IsFailedPrecondition(again.Claim(by_folder.manifest())));
  });
}

TEST_P(CheckpointStoreTest, ChecksumsDoNotDependOnThePieces) {
  OnIo([&] {
    ASSERT_EQ(Store(kFirst).Open(), absl::OkStatus());
    std::string content;
    for (int i = 0; content.size() < 200'000; ++i) content += std::to_string(i * i);
    uint64_t checksum = 0;
    for (const size_t piece : {size_t{1000}, size_t{65536}, size_t{150'000}, content.size()}) {
      StateFileWriter writer(fs(), folder_, "state-1-e1a1-0-" + std::to_string(piece));
      ASSERT_EQ(writer.Create(), absl::OkStatus());
      for (size_t at = 0; at < content.size(); at += piece) {
        ASSERT_EQ(writer.Append(std::string_view(content).substr(at, piece)), absl::OkStatus());
      }
      while (writer.FinishStep().value() == StepResult::kMore) {
      }
      if (checksum == 0) checksum = writer.handle().checksum();
      EXPECT_EQ(writer.handle().checksum(), checksum) << piece;
      StateFileReader reader(fs(), folder_, writer.handle());
      ASSERT_EQ(reader.Open(), absl::OkStatus());
      std::string read;
      while (true) {
        const std::string bytes = reader.Read(70'000).value();
        if (bytes.empty()) break;
        read += bytes;
      }
      EXPECT_EQ(read, content);
    }
  });
}

TEST(DecideGarbageTest, KeepsWhatMayStillBeNeeded) {
  std::vector<DirectoryEntry> entries;
  for (const char* name :
       {"hello", "notes.txt", "manifest-3-e1a1", "manifest-4-e1a2", "manifest-5-e1a2",
        "manifest-6-e1a2", "manifest-1-e2a1", "pointer-7", "pointer-8", "pointer-8.e1a2-3",
        "pointer-9.e1a2-4", "state-3-e1a1-0-0", "state-4-e1a2-0-0", "state-5-e1a2-0-0",
        "state-6-e1a2-0-0", "state-6-e1a1-0-0", "state-9-e0a7-0-0", "state-1-e2a1-0-0"}) {
    entries.push_back({name, FileType::kFile});
  }
  entries.push_back({"state-1-e1a1-0-0", FileType::kDirectory});
  PointerRecord published;
  published.sequence = 8;
  published.attempt = kSecond;
  published.manifest = {"manifest-4-e1a2", 1, 1, CheckpointId(4)};
  EXPECT_EQ(DecideGarbage(entries, {"state-3-e1a1-0-0"}, published, CheckpointId(5)),
            (std::vector<std::string>{"pointer-7", "pointer-8.e1a2-3", "manifest-3-e1a1",
                                      "manifest-5-e1a2", "state-4-e1a2-0-0", "state-5-e1a2-0-0",
                                      "state-9-e0a7-0-0"}));
}

INSTANTIATE_TEST_SUITE_P(Envs, CheckpointStoreTest, testing::ValuesIn(AllEnvs()), EnvFactoryName);

}  // namespace
}  // namespace weir
