#include "connectors/file/file_listing.h"

#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

ListedFile File(std::string path, uint64_t size_bytes,
                FileCompression compression = FileCompression::kNone) {
  return {std::move(path), size_bytes, absl::UnixEpoch(), compression};
}

TEST(PlanFileSplits, CoversEveryByteOfPlainFilesOnce) {
  for (const int parallelism : {1, 3}) {
    const auto splits =
        PlanFileSplits({File("/a", 10), File("/b", 0), File("/c", 7)}, 4, parallelism);
    ASSERT_EQ(splits.size(), 5u);
    EXPECT_EQ(splits[0].begin, 0u);
    EXPECT_EQ(splits[0].end, 4u);
    EXPECT_EQ(splits[2].begin, 8u);
    EXPECT_EQ(splits[2].end, 10u);
    EXPECT_EQ(splits[2].container, 0);
    EXPECT_EQ(splits[3].path, "/c");
    EXPECT_EQ(splits[3].container, 2);
    EXPECT_EQ(splits[4].begin, 4u);
    EXPECT_EQ(splits[4].end, 7u);
  }
}

TEST(PlanFileSplits, NeverCutsCompressedFiles) {
  const auto splits = PlanFileSplits({File("/a.gz", 1 << 20, FileCompression::kGzip)}, 4, 2);
  ASSERT_EQ(splits.size(), 1u);
  EXPECT_EQ(splits[0].begin, 0u);
  EXPECT_EQ(splits[0].end, kFileSplitEndUnknown);
  EXPECT_EQ(splits[0].file_size_bytes, 1u << 20);
}

TEST(PlanFileSplits, GivesEachReaderWork) {
  const std::vector<ListedFile> files = {File("/a", 32 << 20)};
  EXPECT_EQ(PlanFileSplits(files, 64 << 20, 1).size(), 1u);
  EXPECT_EQ(PlanFileSplits(files, 64 << 20, 4).size(), 16u);
  // But not in crumbs.
  EXPECT_EQ(PlanFileSplits({File("/a", 1 << 20)}, 64 << 20, 4).size(), 1u);
}

}  // namespace
}  // namespace weir
