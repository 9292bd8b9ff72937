// DrawRestartStrategy: one of the restart strategies after which a healed world still finishes its job, however often faults struck:
// all but `none`. Pure.
#ifndef WEIR_SIM_WORKLOADS_RESTART_STRATEGY_DRAW_H_
#define WEIR_SIM_WORKLOADS_RESTART_STRATEGY_DRAW_H_

#include "core/cluster/restart_strategy.h"
#include "sim/workloads/config_draws.h"

namespace weir::sim {

RestartStrategy DrawRestartStrategy(const ConfigDraws& draws);

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_RESTART_STRATEGY_DRAW_H_
