#include "sim/crash.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sim/recorder.h"
#include "sim/sim_random.h"
#include "sim/virtual_time.h"

namespace weir::sim {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'704'067'200);
constexpr ClientId kOne = 1;
constexpr ClientId kTwo = 2;

class CrashTest : public testing::Test {
 protected:
  SiteDraws Draws(uint64_t seed) {
    return SiteDraws(&draws_, Seed(seed), {RandomStream::kCrash, "test.crash", 0});
  }
  FileNodePtr Create(std::string_view path, ClientId client = kOne) {
    return *tree_.Create(path, CreateMode::kTruncate, kNow, client);
  }
  void Write(std::string_view path, std::string_view bytes, ClientId client = kOne) {
    tree_.Append(Create(path, client), bytes, kNow, client);
  }
  void Sync(std::string_view path, ClientId client = kOne) {
    tree_.Sync(**tree_.Find(path), client);
  }
  void SyncDirectory(std::string_view path) { tree_.SyncDirectory(**tree_.Find(path)); }
  // What each of many crashes leaves: the content of `path`, or "(none)".
  std::set<std::string> Outcomes(std::string_view path) {
    std::set<std::string> outcomes;
    for (uint64_t seed = 0; seed < 100; ++seed) {
      SiteDraws draws = Draws(seed);
      const std::unique_ptr<FileTree> image = tree_.Clone();
      Crash(*image, {.draws = &draws});
      outcomes.insert(image->Find(path).ok() ? *image->Read(path) : "(none)");
    }
    return outcomes;
  }

  VirtualTime time_;
  Recorder recorder_{{}};
  WorldDraws draws_{&recorder_, &time_};
  FileTree tree_{kNow};
};

TEST_F(CrashTest, NothingSyncedIsLostAndAllElseMayBe) {
  Write("/file", "synced");
  EXPECT_EQ(Outcomes("/file").count("(none)"), 1u) << "the name is not durable";
  Sync("/file");
  EXPECT_EQ(Outcomes("/file"), (std::set<std::string>{"(none)", "synced"}));
  SyncDirectory("/");
  EXPECT_EQ(Outcomes("/file"), (std::set<std::string>{"synced"}));
  tree_.Append(*tree_.Find("/file"), "+", kNow, kOne);
  const std::set<std::string> outcomes = Outcomes("/file");
  EXPECT_EQ(outcomes.count("synced"), 1u);
  EXPECT_EQ(outcomes.count("synced+"), 1u);
  EXPECT_EQ(outcomes.count(std::string("synced\0", 7)), 1u) << "grown, but not written";
  EXPECT_GT(outcomes.size(), 3u) << "torn to garbage";
  for (const std::string& outcome : outcomes) EXPECT_EQ(outcome.substr(0, 6), "synced");
}

TEST_F(CrashTest, PagesAreLostOneByOne) {
  const std::string page(kPageBytes, 'x');
  Write("/file", page + page + page);
  SyncDirectory("/");
  bool hole = false;
  bool partly = false;
  for (const std::string& outcome : Outcomes("/file")) {
    if (outcome.size() < 3 * kPageBytes) continue;
    hole = hole || (outcome[0] == 0 && outcome[2 * kPageBytes] == 'x');
    partly = partly || (outcome[0] == 'x' && outcome[kSectorBytes] == 0);
  }
  EXPECT_TRUE(hole);
  EXPECT_TRUE(partly);
}

TEST_F(CrashTest, ARenameIsDoneOrNot) {
  Write("/new", "2");
  Sync("/new");
  Write("/file", "1");
  Sync("/file");
  SyncDirectory("/");
  ASSERT_TRUE(tree_.Rename("/new", "/file", kNow, kOne).ok());
  EXPECT_EQ(Outcomes("/file"), (std::set<std::string>{"1", "2"}));
  EXPECT_EQ(Outcomes("/new"), (std::set<std::string>{"2", "(none)"}));
  SyncDirectory("/");
  EXPECT_EQ(Outcomes("/file"), (std::set<std::string>{"2"}));
  EXPECT_EQ(Outcomes("/new"), (std::set<std::string>{"(none)"}));
}

TEST_F(CrashTest, ARenameBetweenFoldersIsDurableOnlyWhereItIsSynced) {
  ASSERT_TRUE(tree_.CreateDirectories("/a", kNow).ok());
  ASSERT_TRUE(tree_.CreateDirectories("/b", kNow).ok());
  Write("/a/file", "1");
  Sync("/a/file");
  SyncDirectory("/a");
  ASSERT_TRUE(tree_.Rename("/a/file", "/b/file", kNow, kOne).ok());
  SyncDirectory("/b");
  EXPECT_EQ(Outcomes("/b/file"), (std::set<std::string>{"1"}));
  EXPECT_EQ(Outcomes("/a/file"), (std::set<std::string>{"1", "(none)"}));
}

TEST_F(CrashTest, LinksAndRemovalsAreLostOneByOne) {
  Write("/one", "1");
  Sync("/one");
  SyncDirectory("/");
  ASSERT_TRUE(tree_.Link("/one", "/two", kNow, kOne).ok());
  ASSERT_TRUE(tree_.Remove("/one", kNow, kOne).ok());
  EXPECT_EQ(Outcomes("/one").size(), 2u);
  EXPECT_EQ(Outcomes("/two").size(), 2u);
  Crash(tree_, {});
  EXPECT_EQ(*tree_.Read("/one"), "1");
  EXPECT_EQ((*tree_.Find("/one"))->link_count, 1u);
  EXPECT_FALSE(tree_.Find("/two").ok());
}

TEST_F(CrashTest, ATruncationMayBeLost) {
  Write("/file", "long ago");
  Sync("/file");
  SyncDirectory("/");
  Write("/file", "new");  // Truncates.
  for (const std::string& outcome : Outcomes("/file")) {
    EXPECT_TRUE(outcome == "long ago" || outcome.size() <= 3) << outcome;
  }
  Crash(tree_, {});
  EXPECT_EQ(*tree_.Read("/file"), "long ago");
}

TEST_F(CrashTest, WhatAFailedSyncGaveUpStaysAtRisk) {
  Write("/file", "synced");
  Sync("/file");
  SyncDirectory("/");
  const FileNodePtr file = *tree_.Find("/file");
  tree_.Append(file, "+given up", kNow, kOne);
  tree_.GiveUp(*file, kOne);
  tree_.Append(file, "+later", kNow, kOne);
  tree_.Sync(*file, kOne);
  Crash(tree_, {});
  EXPECT_EQ(*tree_.Read("/file"), "synced" + std::string(9, '\0') + "+later");
}

TEST_F(CrashTest, OnlyTheClientThatCrashesLoses) {
  Write("/one", "1", kOne);
  Write("/two", "2", kTwo);
  const FileNodePtr both = Create("/both", kDurable);
  tree_.Append(both, "1", kNow, kOne);
  tree_.Append(both, "2", kNow, kTwo);
  Crash(tree_, {.client = kTwo});
  EXPECT_EQ(*tree_.Read("/one"), "1");
  EXPECT_EQ(*tree_.Read("/both"), "1");
  EXPECT_FALSE(tree_.Find("/two").ok());
  Crash(tree_, {.client = kOne});
  EXPECT_FALSE(tree_.Find("/one").ok());
  EXPECT_EQ(*tree_.Read("/both"), "");
}

// A program of random changes by two clients in two folders, cut by crashes of one or all of them.
// Beside it a model keeps for each file what must be there: its bytes as of the last sync, and under
// which names, if these are synced and nothing has been done to them since.
class RandomChanges {
 public:
  RandomChanges(FileTree* tree, SiteDraws draws) : tree_(tree), draws_(draws) {
    for (const std::string& folder : kFolders) {
      EXPECT_TRUE(tree_->CreateDirectories(folder, kNow).ok());
    }
  }

  void Step() {
    const ClientId client = static_cast<ClientId>(1 + draws_.Below(2));
    const std::string folder = kFolders[draws_.Below(kFolders.size())];
    const std::string path = DrawPath();
    const std::string other = DrawPath();
    switch (draws_.Below(8)) {
      case 0:
        // Who writes a file is one client, as it is between processes that own their files.
        if (tree_->Create(path, CreateMode::kExclusive, kNow, client).ok()) Touch({path});
        return;
      case 1:
      case 2:
        return Append(path);
      case 3:
        return SyncFile(path);
      case 4:
        return SyncFolder(folder);
      case 5:
        if (tree_->Rename(path, other, kNow, client).ok() && path != other) Touch({path, other});
        return;
      case 6:
        if (tree_->Link(path, other, kNow, client).ok()) Touch({other});
        return;
      case 7:
        if (tree_->Remove(path, kNow, client).ok()) Touch({path});
        return;
    }
  }

  void CheckAfterCrash() {
    for (const auto& [path, name] : durable_names_) {
      const auto found = tree_->Find(path);
      ASSERT_EQ(found.ok(), name.file != nullptr) << path;
      if (name.file == nullptr) continue;
      ASSERT_EQ((*found)->id, name.file->id) << path;
      const std::string& bytes = durable_bytes_[name.file->id];
      ASSERT_EQ((*found)->bytes.substr(0, bytes.size()), bytes) << path;
      ++compared;
    }
  }

  int compared = 0;

 private:
  struct Name {
    FileNodePtr file;  // Null: no such name.
  };
  static inline const std::vector<std::string> kFolders = {"/a", "/b"};

  std::string DrawPath() {
    const uint64_t at = draws_.Below(kFolders.size());
    return absl::StrCat(kFolders[at], "/", draws_.Below(4));
  }
  ClientId WriterOf(const FileNode& file) const { return static_cast<ClientId>(1 + file.id % 2); }
  void Touch(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) durable_names_.erase(path);
  }
  void Append(const std::string& path) {
    const auto file = tree_->FindFile(path);
    if (!file.ok()) return;
    const std::string data(draws_.Below(2 * kPageBytes), static_cast<char>('a' + draws_.Below(26)));
    tree_->Append(*file, data, kNow, WriterOf(**file));
  }
  void SyncFile(const std::string& path) {
    const auto file = tree_->FindFile(path);
    if (!file.ok()) return;
    tree_->Sync(**file, WriterOf(**file));
    durable_bytes_[(*file)->id] = (*file)->bytes;
  }
  void SyncFolder(const std::string& folder) {
    const FileNodePtr node = *tree_->FindDirectory(folder);
    tree_->SyncDirectory(*node);
    for (int i = 0; i < 4; ++i) {
      const std::string path = absl::StrCat(folder, "/", i);
      const auto found = tree_->Find(path);
      durable_names_[path] = {found.ok() ? *found : nullptr};
    }
  }

  FileTree* tree_;
  SiteDraws draws_;
  std::map<std::string, Name> durable_names_;
  std::map<uint64_t, std::string> durable_bytes_;
};

TEST_F(CrashTest, ASyncOfAFolderCoversNamesThatOthersChanged) {
  Create("/a", kTwo);
  SyncDirectory("/");
  Crash(tree_, {.client = kTwo});
  EXPECT_TRUE(tree_.Find("/a").ok());
}

TEST_F(CrashTest, WhatIsSyncedUnderSyncedNamesIsAlwaysThere) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    FileTree tree(kNow);
    RandomChanges changes(&tree, Draws(seed));
    SiteDraws crash(&draws_, Seed(seed), {RandomStream::kCrash, "test.when", 0});
    for (int step = 0; step < 200; ++step) {
      changes.Step();
      if (crash.Below(20) != 0) continue;
      const uint64_t who = crash.Below(3);
      CrashOptions options{.draws = crash.Below(4) == 0 ? nullptr : &crash};
      if (who > 0) options.client = static_cast<ClientId>(who);
      Crash(tree, options);
      ASSERT_NO_FATAL_FAILURE(changes.CheckAfterCrash()) << "seed " << seed << " step " << step;
    }
    Crash(tree, {});
    EXPECT_TRUE(tree.changed().empty());
    compared += changes.compared;
  }
  EXPECT_GT(compared, 5000);
}

}  // namespace
}  // namespace weir::sim
