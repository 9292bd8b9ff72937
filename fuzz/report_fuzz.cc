// What workers report to the JobManager, and the JobManager to clients: metrics, failures, the state of jobs. The first byte says which it
// is taken for. What is understood is written again and means the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/base/ids.h"
#include "core/cluster/job_details_message.h"
#include "core/cluster/metrics_message.h"
#include "core/proto/control.pb.h"

namespace weir {
namespace {

template <class Message>
bool Parse(std::string_view bytes, Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

void CheckMetrics(std::string_view bytes) {
  proto::SubtaskMetrics message;
  if (!Parse(bytes, message)) return;
  const SubtaskId subtask(message.subtask());
  const proto::SubtaskMetrics again = ToMessage(subtask, FromMessage(message));
  WEIR_CHECK(ToMessage(subtask, FromMessage(again)).SerializeAsString() ==
             again.SerializeAsString());
}

void CheckStatus(std::string_view bytes) {
  proto::Status message;
  if (!Parse(bytes, message)) return;
  const absl::Status status = FromMessage(message);
  WEIR_CHECK_EQ(status.ok(), message.code() == 0);
  WEIR_CHECK(FromMessage(ToMessage(status)) == status) << status;
}

void CheckProgress(std::string_view bytes) {
  proto::GetJobStatusResponse message;
  if (!Parse(bytes, message)) return;
  const proto::GetJobStatusResponse again = ToMessage(ToJobProgress(message));
  WEIR_CHECK(ToMessage(ToJobProgress(again)).SerializeAsString() == again.SerializeAsString());
}

void CheckDetails(std::string_view bytes) {
  proto::JobDetails message;
  if (!Parse(bytes, message)) return;
  const JobResult result = ToJobResult(message);
  WEIR_CHECK_EQ(result.nodes.size(), static_cast<size_t>(message.nodes_size()));
  proto::JobDetails again = message;
  again.clear_nodes();
  again.clear_sinks();
  for (const NodeReport& node : result.nodes) *again.add_nodes() = ToMessage(node);
  for (const SinkReport& sink : result.sinks) *again.add_sinks() = ToMessage(sink);
  const JobResult back = ToJobResult(again);
  for (size_t i = 0; i < result.nodes.size(); ++i) {
    WEIR_CHECK(ToMessage(back.nodes[i]).SerializeAsString() ==
               ToMessage(result.nodes[i]).SerializeAsString());
  }
  StatusOfEnded(message);
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      weir::CheckMetrics(bytes);
      break;
    case 1:
      weir::CheckStatus(bytes);
      break;
    case 2:
      weir::CheckProgress(bytes);
      break;
    default:
      weir::CheckDetails(bytes);
  }
  return 0;
}
