#include "core/types/event_time.h"  // want: sees:core/proto
