#include "core/artifact/artifact_note.h"

#include <string>

#include "core/artifact/testing/fake_artifact.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const std::string& file) {
  const absl::Status status = CheckArtifact(file);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(ArtifactNoteTest, IsRead) {
  EXPECT_EQ(ParseArtifactNote(FakeArtifact()).value(), OwnEngineIdentity());
  EXPECT_TRUE(CheckArtifact(FakeArtifact()).ok());
}

TEST(ArtifactNoteTest, OwnIdentityIsWhole) {
  const EngineIdentity own = OwnEngineIdentity();
  EXPECT_EQ(own.build_id.size(), 32u);
  EXPECT_THAT(own.ToString(), HasSubstr(own.compiler));
  EXPECT_LT(own.compiler.size(), sizeof(ArtifactNoteContent::compiler));
}

TEST(ArtifactNoteTest, RefusesWhatIsNoArtifact) {
  EXPECT_THAT(Refusal(""), HasSubstr("no ELF file"));
  EXPECT_THAT(Refusal("#!/bin/sh\nexit 0\n# and so on"), HasSubstr("no ELF file"));
  EXPECT_THAT(Refusal(FakeArtifact({.type = 2})), HasSubstr("no shared object"));
  EXPECT_THAT(Refusal(FakeArtifact({.note = false})), HasSubstr("weir_artifact"));
  EXPECT_THAT(Refusal(FakeArtifact({.version = 9})), HasSubstr("version 9"));
  std::string other_machine = FakeArtifact();
  other_machine[4] = 1;  // 32 bits.
  EXPECT_THAT(Refusal(other_machine), HasSubstr("another kind of machine"));
}

TEST(ArtifactNoteTest, NamesBothSidesOfADifference) {
  const EngineIdentity own = OwnEngineIdentity();
  EngineIdentity other = own;
  other.build_id = "0123456789abcdef";
  const std::string engine = Refusal(FakeArtifact({.identity = other}));
  EXPECT_THAT(engine, HasSubstr("engine 0123456789abcdef"));
  EXPECT_THAT(engine, HasSubstr(own.build_id));
  EXPECT_THAT(engine, HasSubstr("same sources"));
  other = own;
  other.compiler = "icc 1";
  EXPECT_THAT(Refusal(FakeArtifact({.identity = other})), HasSubstr("compiler icc 1"));
  EXPECT_THAT(Refusal(FakeArtifact({.identity = other})), HasSubstr(own.compiler));
  other = own;
  other.abi += " tweaked";
  EXPECT_THAT(Refusal(FakeArtifact({.identity = other})), HasSubstr("ABI"));
}

TEST(ArtifactNoteTest, EveryPrefixIsRefused) {
  const std::string file = FakeArtifact();
  for (size_t size = 0; size < file.size(); ++size) Refusal(file.substr(0, size));
}

TEST(ArtifactNoteTest, TakesAnyByte) {
  // Not all are refused: some bytes do not matter. None is read outside of the file.
  const std::string file = FakeArtifact();
  for (size_t at = 0; at < file.size(); ++at) {
    for (const int change : {1, 0x80, 0xff}) {
      std::string changed = file;
      changed[at] = static_cast<char>(changed[at] ^ change);
      ParseArtifactNote(changed).status().IgnoreError();
    }
  }
}

}  // namespace
}  // namespace weir
