// OperatorContext: what an operator may know and use. Given to Open(), valid until after Close(). Belongs to the executor of
// the subtask, except Wake(), which may be called from any executor of the process.
#ifndef WEIR_CORE_OPERATORS_OPERATOR_CONTEXT_H_
#define WEIR_CORE_OPERATORS_OPERATOR_CONTEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/key_group.h"
#include "core/env/env.h"
#include "core/operators/metric_group.h"

namespace weir {

struct OperatorIdentity {
  std::string job_name;
  std::string uid;
  std::string name;
  int subtask_index = 0;
  int parallelism = 1;
  int max_parallelism = 128;
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
  // Something that returned kBlocked can go on. Cheap; spurious calls are allowed.
  virtual void Wake() = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_OPERATOR_CONTEXT_H_
