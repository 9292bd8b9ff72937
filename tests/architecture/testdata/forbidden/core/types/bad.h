#include "state/table.h"  // want: sees:core/types
#include <coroutine>      // want: library:coroutines
#include <zstd.h>         // want: library:zstd
