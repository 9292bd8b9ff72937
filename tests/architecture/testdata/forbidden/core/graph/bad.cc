#include "core/env/env.h"            // want: sees:core/graph
#include "core/operators/operator.h"  // want: sees:core/graph
#include <lz4frame.h>                // want: library:lz4
#include <zlib.h>                    // want: library:zlib
