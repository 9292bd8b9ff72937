#include "sim/file_tree.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace weir::sim {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'704'067'200);
const absl::Time kLater = kNow + absl::Seconds(1);

TEST(NormalPathTest, TakesOutWhatSaysNothing) {
  EXPECT_EQ(*NormalPath("/"), "/");
  EXPECT_EQ(*NormalPath("//a/./b//c/"), "/a/b/c");
  EXPECT_EQ(*NormalPath("/a/../b"), "/b");
  EXPECT_EQ(*NormalPath("/a/b/../.."), "/");
  EXPECT_EQ(*NormalPath("/../.."), "/");
  EXPECT_EQ(*NormalPath("/..a/.b"), "/..a/.b");
  EXPECT_TRUE(absl::IsInvalidArgument(NormalPath("a").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(NormalPath("").status()));
}

TEST(FileTreeTest, ReadOnlyFilesRefuseEveryChange) {
  FileTree tree(kNow);
  auto file = std::make_shared<FileNode>();
  file->bytes = "input";
  file->read_only = true;
  ASSERT_TRUE(tree.Attach("/in/a.csv", file, kNow).ok());
  ASSERT_TRUE(tree.Create("/in/other", CreateMode::kTruncate, kNow).ok());
  EXPECT_EQ(*tree.Read("/in/a.csv"), "input");
  for (const absl::Status& status :
       {tree.Create("/in/a.csv", CreateMode::kTruncate, kNow).status(),
        tree.Create("/in/a.csv", CreateMode::kAppend, kNow).status(),
        tree.Truncate("/in/a.csv", 0, kNow), tree.Remove("/in/a.csv", kNow),
        tree.Rename("/in/a.csv", "/in/b.csv", kNow), tree.Rename("/in/other", "/in/a.csv", kNow),
        tree.Link("/in/a.csv", "/in/b.csv", kNow)}) {
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  }
  EXPECT_TRUE(absl::IsAlreadyExists(tree.Attach("/in/a.csv", file, kNow)));
  EXPECT_EQ(*tree.Read("/in/a.csv"), "input");
}

TEST(FileTreeTest, TheRootStays) {
  FileTree tree(kNow);
  EXPECT_TRUE(absl::IsFailedPrecondition(tree.RemoveDirectory("/", kNow)));
  EXPECT_TRUE(absl::IsFailedPrecondition(tree.Rename("/", "/a", kNow)));
  EXPECT_TRUE(absl::IsFailedPrecondition(tree.Create("/", CreateMode::kTruncate, kNow).status()));
  EXPECT_TRUE(tree.CreateDirectories("/", kNow).ok());
  EXPECT_TRUE(tree.List("/")->empty());
}

TEST(FileTreeTest, RenameKnowsItsOwnSubtree) {
  FileTree tree(kNow);
  ASSERT_TRUE(tree.CreateDirectories("/a/b", kNow).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(tree.Rename("/a", "/a/b/c", kNow)));
  EXPECT_TRUE(tree.Rename("/a", "/a", kNow).ok());
  EXPECT_TRUE(tree.Rename("/a", "/ab", kNow).ok()) << "a longer name is not a subtree";
  EXPECT_TRUE(tree.Find("/ab/b").ok());
}

TEST(FileTreeTest, RenameOntoAnotherNameOfTheFileChangesNothing) {
  FileTree tree(kNow);
  ASSERT_TRUE(tree.Create("/a", CreateMode::kTruncate, kNow).ok());
  ASSERT_TRUE(tree.Link("/a", "/b", kNow).ok());
  EXPECT_TRUE(tree.Rename("/a", "/b", kNow).ok());
  EXPECT_EQ((*tree.Find("/a"))->link_count, 2u);
}

TEST(FileTreeTest, ChangesSetTheTimeOfWhatChanged) {
  FileTree tree(kNow);
  ASSERT_TRUE(tree.CreateDirectories("/a", kNow).ok());
  ASSERT_TRUE(tree.Create("/a/file", CreateMode::kTruncate, kNow).ok());
  ASSERT_TRUE(tree.Truncate("/a/file", 1, kLater).ok());
  EXPECT_EQ((*tree.Find("/a/file"))->modified, kLater);
  EXPECT_EQ((*tree.Find("/a"))->modified, kNow);
  ASSERT_TRUE(tree.Remove("/a/file", kLater).ok());
  EXPECT_EQ((*tree.Find("/a"))->modified, kLater);
}

}  // namespace
}  // namespace weir::sim
