// DataStreamSink: a handle on the sink at the end of a stream, to name it (Flink's class of the same name).
#ifndef WEIR_CORE_API_DATA_STREAM_SINK_H_
#define WEIR_CORE_API_DATA_STREAM_SINK_H_

#include <string>
#include <utility>

#include "core/api/graph_builder.h"

namespace weir {

class DataStreamSink {
 public:
  explicit DataStreamSink(StreamOrigin origin) : origin_(std::move(origin)) {}

  DataStreamSink Name(std::string name) const {
    origin_.NodeFor("Name")->name = std::move(name);
    return *this;
  }
  // The name of the sink's state, unique in the job and the same in all its versions.
  DataStreamSink Uid(std::string uid) const {
    origin_.NodeFor("Uid")->uid = std::move(uid);
    return *this;
  }
  DataStreamSink SetParallelism(int parallelism) const {
    origin_.NodeFor("SetParallelism")->parallelism = parallelism;
    return *this;
  }
  // See DataStream::SlotSharingGroup.
  DataStreamSink SlotSharingGroup(std::string name) const {
    origin_.NodeFor("SlotSharingGroup")->slot_sharing_group = std::move(name);
    return *this;
  }

 private:
  StreamOrigin origin_;
};

}  // namespace weir

#endif  // WEIR_CORE_API_DATA_STREAM_SINK_H_
