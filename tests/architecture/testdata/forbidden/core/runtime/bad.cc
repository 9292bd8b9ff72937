#include "core/api/data_stream.h"         // want: sees:core/runtime
#include "core/checkpoint/coordinator.h"  // want: sees:core/runtime
#include <grpcpp/grpcpp.h>                // want: library:grpc
#include <atomic>                         // want: library:threads
