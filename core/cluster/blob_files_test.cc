#include "core/cluster/blob_files.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

const BlobKey kA = BlobKey::Of("a");
const BlobKey kB = BlobKey::Of("b");

std::vector<std::string> Garbage(std::vector<std::string> names, const std::set<BlobKey>& needed) {
  std::sort(names.begin(), names.end());
  std::vector<DirectoryEntry> entries;
  for (const std::string& name : names) entries.push_back({.name = name});
  return DecideBlobGarbage(entries, LeaderEpoch(10), needed);
}

TEST(DecideBlobGarbageTest, IsWhatNobodyNeeds) {
  EXPECT_EQ(Garbage({kA.hex() + "-10", kB.hex() + "-10"}, {kA}),
            std::vector<std::string>{kB.hex() + "-10"});
}

TEST(DecideBlobGarbageTest, KeepsTheNameOfAnEarlierLeaderUntilThereIsOneOfOurs) {
  EXPECT_TRUE(Garbage({kA.hex() + "-9"}, {kA}).empty());
  EXPECT_EQ(Garbage({kA.hex() + "-10", kA.hex() + "-9"}, {kA}),
            std::vector<std::string>{kA.hex() + "-9"});
}

TEST(DecideBlobGarbageTest, LeavesALaterLeaderAlone) {
  EXPECT_TRUE(Garbage({kA.hex() + "-11", ".upload-11-1"}, {}).empty());
}

TEST(DecideBlobGarbageTest, TakesHalfDoneWrites) {
  EXPECT_EQ(Garbage({".upload-10-1", ".upload-9-7"}, {}),
            (std::vector<std::string>{".upload-10-1", ".upload-9-7"}));
}

TEST(DecideBlobGarbageTest, LeavesWhatIsNotItsOwn) {
  EXPECT_TRUE(
      Garbage({"README", ".upload-", ".upload-x-1", kA.hex(), kA.hex() + "-", kA.hex() + "-x",
               "x" + kA.hex().substr(1) + "-10", kA.hex() + "-99999999999999999999999"},
              {})
          .empty());
}

}  // namespace
}  // namespace weir
