#include "core/graph/job_graph.h"  // want: sees:connectors
#include <httplib.h>               // want: library:httplib
