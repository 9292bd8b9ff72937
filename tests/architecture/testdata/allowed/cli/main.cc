#include <CLI/CLI.hpp>

#include "cli/env/production_env.h"
#include "core/api/data_stream.h"
#include "core/cluster/task_manager.h"
#include "sim/sim_world.h"
