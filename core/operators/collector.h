// Collector: takes the rows that one call of a flatMap function produces. Belongs to the operator that made it; valid only
// during the call.
//
// Bound: the rows of one call may weigh at most `bytes_max` (their own size and what they hold on the heap). Beyond it
// Collect() throws FanoutExceeded, so that a runaway function ends the job and not the process.
#ifndef WEIR_CORE_OPERATORS_COLLECTOR_H_
#define WEIR_CORE_OPERATORS_COLLECTOR_H_

#include <cstddef>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/operators/row_bytes.h"

namespace weir {

class FanoutExceeded : public std::runtime_error {
 public:
  FanoutExceeded(size_t rows, size_t bytes_max)
      : std::runtime_error("one call produced more than fanout-bytes-max = " +
                           std::to_string(bytes_max) + " bytes (" + std::to_string(rows) +
                           " rows so far); produce less per row or raise the limit") {}
};

template <class U>
class Collector {
 public:
  // Appends to `rows`, which must outlive the call.
  Collector(std::vector<U>& rows, size_t bytes_max)
      : rows_(rows), begin_(rows.size()), bytes_max_(bytes_max) {}
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  void Collect(U row) {
    bytes_ += RowBytes(row);
    if (bytes_ > bytes_max_) [[unlikely]] {
      throw FanoutExceeded(rows_.size() - begin_, bytes_max_);
    }
    rows_.push_back(std::move(row));
  }

 private:
  std::vector<U>& rows_;
  const size_t begin_;
  const size_t bytes_max_;
  size_t bytes_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_COLLECTOR_H_
