#include "cli/paths.h"

#include "gtest/gtest.h"

namespace weir::cli {
namespace {

constexpr char kRunfiles[] = "/root/.cache/bazel/out/bin/cli/weir.runfiles/weir";

TEST(ChooseUserDirectory, IsTheCurrentOneOutsideOfBazel) {
  EXPECT_EQ(ChooseUserDirectory({"/home/me", "", ""}), "/home/me");
}

TEST(ChooseUserDirectory, IgnoresVariablesOfAnOuterBazelRun) {
  EXPECT_EQ(ChooseUserDirectory({"/home/me", "/src/weir", "/src/weir"}), "/home/me");
}

TEST(ChooseUserDirectory, IsWhereBazelRunWasCalled) {
  EXPECT_EQ(ChooseUserDirectory({kRunfiles, "", "/src/weir/docs"}), "/src/weir/docs");
}

TEST(ChooseUserDirectory, IsWhereBazelwWasCalledFromOutsideTheWorkspace) {
  EXPECT_EQ(ChooseUserDirectory({kRunfiles, "/home/me", "/src/weir"}), "/home/me");
}

TEST(ChooseUserDirectory, StaysInRunfilesUnderBazelTest) {
  EXPECT_EQ(ChooseUserDirectory({kRunfiles, "", ""}), kRunfiles);
}

TEST(AbsolutePath, CountsFromTheFolder) {
  EXPECT_EQ(AbsolutePath("a/b", "/home/me"), "/home/me/a/b");
  EXPECT_EQ(AbsolutePath("./a/../b/", "/home/me"), "/home/me/b");
  EXPECT_EQ(AbsolutePath("/var/log", "/home/me"), "/var/log");
  EXPECT_EQ(AbsolutePath(".", "/home/me"), "/home/me");
  EXPECT_EQ(AbsolutePath("..", "/"), "/");
}

TEST(AbsolutePathList, ResolvesEachPath) {
  EXPECT_EQ(AbsolutePathList("a,/b,,../c,", "/home/me"), "/home/me/a,/b,/home/c");
  EXPECT_EQ(AbsolutePathList("", "/home/me"), "");
  EXPECT_EQ(AbsolutePathList(" a, b c ,  ,/d", "/home/me"), "/home/me/a,/home/me/b c,/d");
}

TEST(ChooseStateDirectory, TakesTheFirstThatIsAbsolute) {
  EXPECT_EQ(ChooseStateDirectory({.xdg_state = "/b", .home = "/c", .user_id = 7}), "/b/weir");
  EXPECT_EQ(ChooseStateDirectory({.xdg_state = "b", .home = "/c", .user_id = 7}),
            "/c/.local/state/weir");
  EXPECT_EQ(ChooseStateDirectory({.xdg_state = "", .home = "", .user_id = 7}), "/tmp/weir-7/state");
}

TEST(ShortPath, IsRelativeInsideTheFolder) {
  EXPECT_EQ(ShortPath("/home/me/out/x", "/home/me"), "out/x");
  EXPECT_EQ(ShortPath("/home/me", "/home/me"), ".");
  EXPECT_EQ(ShortPath("/home/meow/x", "/home/me"), "/home/meow/x");
  EXPECT_EQ(ShortPath("/x", "/"), "/x");
}

}  // namespace
}  // namespace weir::cli
