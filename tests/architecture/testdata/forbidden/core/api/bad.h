#include "core/runtime/subtask.h"      // want: sees:core/api
#include "core/cluster/mini_cluster.h"  // want: sees:core/api
#include <CLI/CLI.hpp>                 // want: library:cli11
#include <nlohmann/json.hpp>           // want: library:nlohmann_json
