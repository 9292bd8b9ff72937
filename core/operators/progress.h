// Progress: what an operator says when it gives control back. Pure data.
#ifndef WEIR_CORE_OPERATORS_PROGRESS_H_
#define WEIR_CORE_OPERATORS_PROGRESS_H_

namespace weir {

enum class Progress {
  kDone,  // The call is finished; the next element may come.
  kMore,  // The output is full, or the turn's share is used up: drain the output and make the same call again.
  kBlocked,  // Waits for something outside (I/O, a rate); make the same call again after OperatorContext::Wake().
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_PROGRESS_H_
