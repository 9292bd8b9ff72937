#include "core/runtime/subtask.h"  // want: sees:core/operators
#include "core/graph/job_graph.h"  // want: sees:core/operators
