#include "core/runtime/subtask.h"  // want: sees:core/checkpoint
#include <zookeeper/zookeeper.h>   // want: library:zookeeper
