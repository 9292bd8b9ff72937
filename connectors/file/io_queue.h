// IoQueue: the blocking steps of one sink writer, run in order on context.io_executor(). Belongs to
// the subtask's executor. After a step failed the later ones are not run, and status() keeps the
// first error. Each finished step calls OperatorContext::Wake().
//
// What steps touch must be shared with them and used by nothing else until in_flight() is 0.
#ifndef WEIR_CONNECTORS_FILE_IO_QUEUE_H_
#define WEIR_CONNECTORS_FILE_IO_QUEUE_H_

#include <cstddef>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/env/executor.h"
#include "core/operators/operator_context.h"

namespace weir {

class IoQueue {
 public:
  using Step = absl::AnyInvocable<absl::Status()>;

  explicit IoQueue(OperatorContext& context);
  ~IoQueue();
  IoQueue(const IoQueue&) = delete;
  IoQueue& operator=(const IoQueue&) = delete;

  // Runs `step` behind those that were posted before. `buffers`: how many it holds on to.
  void Post(Step step, int buffers = 0);

  // Drops answers that are under way, and forgets the context; then runs `cleanup` behind all steps,
  // whether or not they failed. All that may follow is the destructor, on any executor.
  void Close(Closure cleanup);

  int steps_in_flight() const { return state_->steps; }
  int buffers_in_flight() const { return state_->buffers; }
  const absl::Status& status() const { return state_->status; }

 private:
  // Belongs to the subtask's executor; answers hold on to it. Null once closed.
  struct State {
    bool closed = false;
    int steps = 0;
    int buffers = 0;
    absl::Status status;
  };
  // Belongs to the I/O executor.
  struct IoState {
    bool failed = false;
  };

  OperatorContext& context_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::shared_ptr<IoState> io_state_ = std::make_shared<IoState>();
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_IO_QUEUE_H_
