#include "core/runtime/restored_content.h"

#include "gtest/gtest.h"

namespace weir {
namespace {

proto::SubtaskStateSnapshot TwoParts() {
  proto::SubtaskStateSnapshot restore;
  restore.set_index(2);
  restore.add_keyed()->set_content_hash(~uint64_t{0});
  restore.mutable_keyed(0)->add_files()->set_name("state-7-e1a1-2-0");
  restore.add_keyed()->set_content_hash(5);
  restore.mutable_keyed(1)->add_files()->set_name("state-7-e1a1-3-0");
  return restore;
}

TEST(RestoredContentTest, HashesOfPartsAddUp) {
  EXPECT_TRUE(CheckRestoredContent("sums", TwoParts(), 4).ok());
}

TEST(RestoredContentTest, OtherContentIsDataLossThatNamesOperatorAndFiles) {
  const absl::Status status = CheckRestoredContent("sums", TwoParts(), 3);
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_NE(status.message().find("operator 'sums', subtask 2: what was restored from "
                                  "state-7-e1a1-2-0, state-7-e1a1-3-0"),
            absl::string_view::npos)
      << status;
}

TEST(RestoredContentTest, NothingIsSaidWhereAPartRecordsNoHash) {
  proto::SubtaskStateSnapshot restore = TwoParts();
  restore.mutable_keyed(1)->clear_content_hash();
  EXPECT_TRUE(CheckRestoredContent("sums", restore, 3).ok());
}

TEST(RestoredContentTest, NothingToReadMeansEmptyTables) {
  EXPECT_TRUE(CheckRestoredContent("sums", proto::SubtaskStateSnapshot(), 0).ok());
  EXPECT_FALSE(CheckRestoredContent("sums", proto::SubtaskStateSnapshot(), 1).ok());
}

}  // namespace
}  // namespace weir
