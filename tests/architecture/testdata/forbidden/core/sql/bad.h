#include "core/runtime/subtask.h"  // want: sees:core/sql
#include <libpq-fe.h>              // want: library:pq
