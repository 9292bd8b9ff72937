#include "core/types/batch.h"  // want: sees:transport
#include <xxhash.h>            // want: library:xxhash
#include <openssl/evp.h>       // want: library:openssl
#include <grpcpp/grpcpp.h>     // want: library:grpc
