#include "core/base/status_macros.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

absl::Status ReturnIfError(const absl::Status& status, bool* passed) {
  WEIR_RETURN_IF_ERROR(status);
  *passed = true;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, ReturnIfErrorReturnsOnlyErrors) {
  bool passed = false;
  EXPECT_EQ(ReturnIfError(absl::DataLossError("torn"), &passed), absl::DataLossError("torn"));
  EXPECT_FALSE(passed);
  EXPECT_TRUE(ReturnIfError(absl::OkStatus(), &passed).ok());
  EXPECT_TRUE(passed);
}

absl::StatusOr<std::unique_ptr<int>> Make(bool ok, int value) {
  if (!ok) return absl::UnavailableError("later");
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(bool first_ok, bool second_ok) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<int> first, Make(first_ok, 1));
  std::unique_ptr<int> second;
  WEIR_ASSIGN_OR_RETURN(second, Make(second_ok, 2));
  return *first + *second;
}

TEST(StatusMacrosTest, AssignOrReturnDeclaresAndAssigns) {
  EXPECT_EQ(Sum(true, true).value(), 3);
  EXPECT_EQ(Sum(false, true).status(), absl::UnavailableError("later"));
  EXPECT_EQ(Sum(true, false).status(), absl::UnavailableError("later"));
}

absl::StatusOr<std::pair<int, int>> MakePair() { return std::pair<int, int>(1, 2); }

absl::Status UseInIf(bool branch, int* out) {
  if (branch) {
    WEIR_ASSIGN_OR_RETURN(auto pair, MakePair());
    *out = pair.second;
  } else
    WEIR_RETURN_IF_ERROR(absl::CancelledError("else"));
  return absl::OkStatus();
}

TEST(StatusMacrosTest, WorkUnderIf) {
  int out = 0;
  EXPECT_TRUE(UseInIf(true, &out).ok());
  EXPECT_EQ(out, 2);
  EXPECT_EQ(UseInIf(false, &out), absl::CancelledError("else"));
}

}  // namespace
}  // namespace weir
