#include "connectors/file/io_queue.h"

#include <utility>

#include "core/base/check.h"

namespace weir {

IoQueue::IoQueue(OperatorContext& context) : context_(context) {}

IoQueue::~IoQueue() {
  if (state_ != nullptr) state_->closed = true;
}

void IoQueue::Post(Step step, int buffers) {
  WEIR_CHECK(state_ != nullptr);
  ++state_->steps;
  state_->buffers += buffers;
  auto answer = [state = state_, context = &context_, buffers](absl::Status status) {
    if (state->closed) return;  // And the context may be gone.
    --state->steps;
    state->buffers -= buffers;
    if (state->status.ok()) state->status = std::move(status);
    context->Wake();
  };
  context_.io_executor().Post([io_state = io_state_, executor = &context_.executor(),
                               step = std::move(step), answer = std::move(answer)]() mutable {
    absl::Status status;
    if (!io_state->failed) status = step();
    io_state->failed |= !status.ok();
    step = nullptr;  // What it holds is destroyed here and not with the answer.
    executor->Post([answer = std::move(answer), status = std::move(status)]() mutable {
      answer(std::move(status));
    });
  });
}

void IoQueue::Close(Closure cleanup) {
  WEIR_CHECK(state_ != nullptr);
  std::exchange(state_, nullptr)->closed = true;
  context_.io_executor().Post(std::move(cleanup));
}

}  // namespace weir
