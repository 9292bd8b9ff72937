#include "core/cluster/metrics_message.h"

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

}  // namespace
}  // namespace weir
