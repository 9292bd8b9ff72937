// The job that docs/API.md shows is a sound one.
#include "core/api/job_registry.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(ApiTour, IsAValidJob) {
  const auto graph = BuildJobGraph("api_tour", {{"input", "/in"}, {"output", "/out"}});
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(graph->nodes.size(), 8u);
}

}  // namespace
}  // namespace weir
