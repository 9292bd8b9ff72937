#include "core/env/clock.h"  // want: sees:core/base
#include <fmt/format.h>      // want: library:fmt
