// The job of the exchange benchmark: source -> map -> by key -> sink, without state, so that what is left is the data plane.
//
// Arguments: `row` (48: six integers; 150: an integer and a text), `rows`, and `spread`: 0: the source has one subtask and all rows
// go to the second of two sinks, which is on another TaskManager if each has one slot; 1: every subtask reads and sinks.
#ifndef WEIR_TESTS_BENCH_EXCHANGE_JOB_H_
#define WEIR_TESTS_BENCH_EXCHANGE_JOB_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/cluster/job_result.h"
#include "core/graph/job_graph.h"

namespace weir::bench {

struct ExchangeJob {
  int row = 48;
  int64_t rows = 0;
  bool spread = false;
};

JobSubmission SubmissionOf(const ExchangeJob& job);
// The other way, in every process.
absl::StatusOr<JobGraph> BuildExchange(const JobSubmission& submission);

// Of one row in a frame, with the hash of its key.
int64_t BytesInFrame(int row);

}  // namespace weir::bench

#endif  // WEIR_TESTS_BENCH_EXCHANGE_JOB_H_
