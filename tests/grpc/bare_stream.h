// A one-way gRPC stream of messages between two threads over the loopback interface, without anything of Weir: what benchmarks compare
// with. The API and the settings that matter are those of transport/grpc.
#ifndef WEIR_TESTS_GRPC_BARE_STREAM_H_
#define WEIR_TESTS_GRPC_BARE_STREAM_H_

#include <cstddef>

namespace weir {

// Seconds from the first connection to the last of `frames` messages of `frame_bytes`. The receiver makes a std::string of each.
double TimeBareStream(int frames, size_t frame_bytes);

}  // namespace weir

#endif  // WEIR_TESTS_GRPC_BARE_STREAM_H_
