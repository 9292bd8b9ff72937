// OperatorContext: what an operator may know and use. Given to Open(), valid until after Close(). Belongs to the executor of
// the subtask, except Wake(), which may be called from any executor of the process.
#ifndef WEIR_CORE_OPERATORS_OPERATOR_CONTEXT_H_
#define WEIR_CORE_OPERATORS_OPERATOR_CONTEXT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/ids.h"
#include "core/base/key_group.h"
#include "core/env/env.h"
#include "core/operators/metric_group.h"
#include "state/memory/memory_state_backend.h"

namespace weir {

struct OperatorIdentity {
  std::string job_name;
  std::string uid;
  std::string name;
  int subtask_index = 0;
  int parallelism = 1;
  int max_parallelism = 128;
  // Which deployment of the job this is. Newer ones are greater, by epoch and then by attempt.
  LeaderEpoch epoch;
  AttemptNumber attempt;
  KeyGroupRange key_groups;  // Those this subtask owns, if the operator is keyed.
};

class OperatorContext {
 public:
  virtual ~OperatorContext() = default;

  virtual const OperatorIdentity& identity() const = 0;
  virtual MetricGroup& metrics() = 0;
  virtual Env& env() = 0;
  // The executor this operator runs on.
  virtual Executor& executor() = 0;
  // Runs blocking file calls of this subtask, in order. Post to it, and post the answer back to executor().
  virtual Executor& io_executor() = 0;
  // What the output of a single user call may weigh; an operator whose user goes beyond fails the job with ResourceExhausted.
  virtual size_t fanout_bytes_max() const { return size_t{256} << 20; }
  // Where Open() declares the operator's tables, which then live as long as this context. Made on first use, for the key groups of
  // identity().
  MemoryStateBackend& state() {
    if (state_ == nullptr) {
      state_ =
          std::make_unique<MemoryStateBackend>(identity().key_groups, identity().max_parallelism);
    }
    return *state_;
  }
  // Null if the operator declares no tables. For the runtime, which snapshots and restores them.
  StateBackend* state_if_used() { return state_.get(); }
  // Something that returned kBlocked can go on. Cheap; spurious calls are allowed.
  virtual void Wake() = 0;

 private:
  std::unique_ptr<MemoryStateBackend> state_;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_OPERATOR_CONTEXT_H_
