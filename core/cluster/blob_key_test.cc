#include "core/cluster/blob_key.h"

#include <string>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(BlobKeyTest, IsOfTheBytes) {
  const BlobKey key = BlobKey::Of("abc");
  EXPECT_EQ(key.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(key, BlobKey::Of("abd"));
  EXPECT_EQ(BlobKey::Parse(key.hex()).value(), key);
}

TEST(BlobKeyTest, NothingElseIsAKey) {
  const std::string hex = BlobKey::Of("abc").hex();
  for (const std::string& text :
       {std::string(), hex.substr(1), hex + "0", "A" + hex.substr(1), "../" + hex.substr(3),
        hex.substr(1) + "/", hex.substr(2) + "..", hex.substr(1) + std::string(1, '\0')}) {
    EXPECT_TRUE(absl::IsInvalidArgument(BlobKey::Parse(text).status())) << text;
  }
}

}  // namespace
}  // namespace weir
