#include "core/base/string_view.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(StringViewTest, KeepsTheBytes) {
  const std::string bytes("a\0b", 3);
  const std::string_view view = bytes;
  EXPECT_EQ(ToAbsl(view).data(), bytes.data());
  EXPECT_EQ(ToAbsl(view).size(), 3u);
  EXPECT_EQ(ToStd(ToAbsl(view)), view);
  EXPECT_EQ(ToStd(ToAbsl(std::string_view())), "");
}

TEST(StringViewTest, ServesAbseilCalls) {
  const std::string_view name = "disk";
  const absl::Status status = absl::DataLossError(ToAbsl(name));
  EXPECT_EQ(ToStd(status.message()), "disk");
  EXPECT_EQ(absl::StrCat(ToAbsl(name), "-", 1), "disk-1");
}

}  // namespace
}  // namespace weir
