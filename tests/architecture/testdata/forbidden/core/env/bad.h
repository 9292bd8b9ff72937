#include "core/types/batch.h"  // want: sees:core/env
#include <mutex>               // want: library:threads
#include <random>              // want: library:nondeterminism
#include <unistd.h>            // want: library:posix
