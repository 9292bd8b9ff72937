#include "core/checkpoint/manifest.h"

#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "core/checkpoint/sealed_file.h"
#include "core/checkpoint/testing/manifest_under_test.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

PointerRecord PointerUnderTest() {
  PointerRecord record;
  record.sequence = 9;
  record.attempt = {LeaderEpoch(3), AttemptNumber(2)};
  record.manifest = {"manifest-7-e3a2", 500, 0x0a0b0c0d0e0f1011, CheckpointId(7)};
  record.older = {{"manifest-6-e3a1", 400, 0x1a1b1c1d1e1f2021, CheckpointId(6)}};
  record.committed_through = CheckpointId(6);
  record.reserved_through = CheckpointId(15);
  return record;
}

proto::CheckpointManifest WithoutContentHashes(proto::CheckpointManifest manifest) {
  for (proto::OperatorState& op : *manifest.mutable_operators()) {
    for (proto::SubtaskStateSnapshot& subtask : *op.mutable_subtasks()) {
      for (proto::KeyedStateSnapshot& keyed : *subtask.mutable_keyed()) keyed.clear_content_hash();
    }
  }
  return manifest;
}

TEST(ManifestTest, RoundTrip) {
  const proto::CheckpointManifest manifest = ManifestUnderTest();
  const std::string bytes = EncodeManifest(manifest).value();
  EXPECT_EQ(EncodeManifest(DecodeManifest(bytes, "/c/m").value()).value(), bytes);
  const std::vector<proto::StateFile> files = ReachableFiles(manifest);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name(), "state-7-e3a2-0-0");
  EXPECT_EQ(files[1].name(), "state-7-e3a2-1-0");
}

TEST(ManifestTest, EveryCutAndEveryFlippedByteIsDataLoss) {
  const std::string bytes = EncodeManifest(ManifestUnderTest()).value();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const absl::Status status = DecodeManifest(bytes.substr(0, size), "/c/m").status();
    ASSERT_TRUE(absl::IsDataLoss(status)) << size << ": " << status;
    ASSERT_NE(status.message().find("/c/m"), absl::string_view::npos) << status;
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    ASSERT_TRUE(absl::IsDataLoss(DecodeManifest(damaged, "/c/m").status())) << at;
  }
}

TEST(ManifestTest, Golden) {
  std::ifstream file("core/checkpoint/testdata/checkpoint_v1.golden");
  ASSERT_TRUE(file.is_open());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  const auto line = [](const std::string& name, const std::string& bytes) {
    return name + " " + std::string(absl::BytesToHexString(bytes));
  };
  const std::string old = EncodeManifest(WithoutContentHashes(ManifestUnderTest())).value();
  EXPECT_EQ(lines,
            (std::vector<std::string>{line("manifest", EncodeManifest(ManifestUnderTest()).value()),
                                      line("manifest-without-content-hashes", old),
                                      line("pointer", EncodePointer(PointerUnderTest()))}));
}

TEST(ManifestTest, BuildRefusesWhatIsIncomplete) {
  const JobAttempt attempt = {LeaderEpoch(1), AttemptNumber(1)};
  ManifestHeader header;
  header.checkpoint = CheckpointId(1);
  header.attempt = attempt;
  std::map<SubtaskId, proto::SubtaskSnapshot> snapshots;
  AddKeyedSnapshots(attempt, CheckpointId(1), 2, 8, snapshots);
  const std::vector<ManifestOperator> operators = {{"count", "", 2, 8}};
  ASSERT_TRUE(BuildManifest(header, operators, snapshots).ok());

  auto missing = snapshots;
  missing.erase(SubtaskId(1));
  EXPECT_EQ(BuildManifest(header, operators, missing).status(),
            absl::InternalError(
                "the checkpoint is not complete: operator 'count': 1 snapshots of 2 subtasks"));
  auto hole = snapshots;
  hole[SubtaskId(1)].mutable_operators(0)->mutable_state()->mutable_keyed(0)->set_key_groups_begin(
      5);
  EXPECT_TRUE(absl::IsInternal(BuildManifest(header, operators, hole).status()));
  auto lacking = snapshots;
  lacking[SubtaskId(1)].mutable_operators(0)->mutable_state()->clear_keyed();
  EXPECT_TRUE(absl::IsInternal(BuildManifest(header, operators, lacking).status()));
  auto other = snapshots;
  other[SubtaskId(1)].mutable_operators(0)->mutable_states(0)->set_value_schema("i64");
  EXPECT_TRUE(absl::IsInternal(BuildManifest(header, operators, other).status()));
  auto escaping = snapshots;
  escaping[SubtaskId(0)]
      .mutable_operators(0)
      ->mutable_state()
      ->mutable_keyed(0)
      ->mutable_files(0)
      ->set_name("../x");
  EXPECT_TRUE(absl::IsInternal(BuildManifest(header, operators, escaping).status()));
  EXPECT_TRUE(absl::IsInternal(BuildManifest(header, {{"other", "", 2, 8}}, snapshots).status()));
}

TEST(PointerTest, RoundTripAndDamage) {
  const PointerRecord record = PointerUnderTest();
  const std::string bytes = EncodePointer(record);
  EXPECT_EQ(DecodePointer(bytes, "/c/p").value(), record);
  EXPECT_EQ(DecodePointer(EncodePointer({.sequence = 1,
                                         .attempt = {},
                                         .manifest = {},
                                         .older = {},
                                         .committed_through = {},
                                         .reserved_through = {}}),
                          "/c/p")
                .value()
                .sequence,
            1u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_TRUE(absl::IsDataLoss(DecodePointer(bytes.substr(0, size), "/c/p").status()));
  }
  PointerRecord ahead = record;
  ahead.committed_through = CheckpointId(8);
  EXPECT_TRUE(absl::IsDataLoss(DecodePointer(EncodePointer(ahead), "/c/p").status()));
  const std::string manifest = EncodeManifest(ManifestUnderTest()).value();
  EXPECT_TRUE(absl::IsDataLoss(DecodePointer(manifest, "/c/p").status()));
}

TEST(CheckpointNamesTest, RoundTrip) {
  const JobAttempt attempt = {LeaderEpoch(3), AttemptNumber(2)};
  using Kind = CheckpointFileName::Kind;
  EXPECT_EQ(ManifestName(CheckpointId(7), attempt), "manifest-7-e3a2");
  EXPECT_EQ(ParseCheckpointFileName("manifest-7-e3a2"),
            (CheckpointFileName{Kind::kManifest, CheckpointId(7), attempt}));
  EXPECT_EQ(ParseCheckpointFileName(StateFileName(CheckpointId(7), attempt, SubtaskId(4), 1)),
            (CheckpointFileName{Kind::kState, CheckpointId(7), attempt}));
  EXPECT_EQ(ParseSeriesName("pointer", "pointer-12"), (SeriesFileName{12, false}));
  EXPECT_EQ(ParseSeriesName("pointer", "pointer-12.e3a2-4"), (SeriesFileName{12, true}));
  for (const char* name : {"", "manifest-", "manifest-7", "manifest-07-e3a2", "manifest-7-e3a2x",
                           "state-7-e3a2-1", "state-7-e3a2-1-0.tmp", "state--e3a2-1-0",
                           "Manifest-7-e3a2", "state-99999999999999999999-e3a2-1-0"}) {
    EXPECT_FALSE(ParseCheckpointFileName(name).has_value()) << name;
  }
  for (const char* name :
       {"pointer", "pointer-", "pointer-0", "pointer-1x", "pointer-1.", "pointers-1"}) {
    EXPECT_FALSE(ParseSeriesName("pointer", name).has_value()) << name;
  }
  EXPECT_EQ(FolderOf("/a/b"), "/a");
  EXPECT_EQ(FolderOf("/a"), "/");
  EXPECT_EQ(ResolvePath("/a", "b"), "/a/b");
  EXPECT_EQ(ResolvePath("/a", "/b"), "/b");
}

}  // namespace
}  // namespace weir
