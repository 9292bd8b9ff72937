#include "cli/process/exposure.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

TEST(ExposureTest, KnowsLoopback) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"", "0.0.0.0", "10.0.0.1", "::", "[::]", "127.example.com", "127.1",
                           "128.0.0.1", "localhost.example.com", "example.com"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

TEST(ExposureTest, AskForTlsOrTheUsersWordElsewhere) {
  EXPECT_TRUE(CheckExposure("taskmanager.host", "127.0.0.1", false, false).ok());
  EXPECT_TRUE(CheckExposure("taskmanager.host", "0.0.0.0", true, false).ok());
  EXPECT_TRUE(CheckExposure("taskmanager.host", "0.0.0.0", false, true).ok());
  const absl::Status refused = CheckExposure("taskmanager.host", "0.0.0.0", false, false);
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("taskmanager.host is 0.0.0.0"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--insecure"));
}

TEST(ExposureTest, TaskManagersCanBeReached) {
  EXPECT_TRUE(CheckCanBeReached("127.0.0.1", "localhost").ok());
  EXPECT_TRUE(CheckCanBeReached("10.0.0.2", "10.0.0.1").ok());
  EXPECT_TRUE(CheckCanBeReached("10.0.0.2", "127.0.0.1").ok());
  for (const auto& [host, job_manager] :
       {std::pair("127.0.0.1", "10.0.0.1"), {"0.0.0.0", "127.0.0.1"}, {"::", "10.0.0.1"}}) {
    const absl::Status refused = CheckCanBeReached(host, job_manager);
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << host;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("--host=HOST"));
  }
}

}  // namespace
}  // namespace weir::cli
