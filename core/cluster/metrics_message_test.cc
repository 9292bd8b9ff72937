#include "core/cluster/metrics_message.h"

#include <limits>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(MetricsMessageTest, FailuresKeepCodeMessageAndPlace) {
  absl::Status failure = absl::DataLossError("it is damaged");
  EXPECT_EQ(FromMessage(ToMessage(failure)), failure);
  proto::Status message = ToMessage(failure);
  message.set_has_position(true);
  message.set_position_container(3);
  message.set_position_offset(77);
  const absl::Status placed = FromMessage(message);
  EXPECT_NE(placed, failure);
  EXPECT_EQ(FromMessage(ToMessage(placed)), placed);
}

TEST(MetricsMessageTest, ACodeThatThereIsNoneOfIsUnknown) {
  proto::Status message;
  message.set_message("from another release");
  for (const int code : {-1, 17, 99, 1 << 30}) {
    message.set_code(code);
    EXPECT_EQ(FromMessage(message), absl::UnknownError("from another release")) << code;
  }
}

TEST(MetricsMessageTest, CountsOfAPeerCanBeAdded) {
  proto::SubtaskMetrics message;
  proto::NodeMetrics* node = message.add_nodes();
  node->set_num_records_in(std::numeric_limits<int64_t>::max());
  node->set_num_records_out(-1);
  MetricGroup sum;
  for (int subtask = 0; subtask < 1000; ++subtask) {
    MergeMetrics(FromMessage(message).front().second, sum);
  }
  EXPECT_EQ(sum.num_records_in, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(sum.num_records_out, 0);
}

}  // namespace
}  // namespace weir
