// JobAttempt: one deployment of a job, ordered over the whole life of the job: by leader, then by attempt. It is what older
// deployments are fenced by, and part of every file name that a deployment writes, so that no name is ever used twice. Pure.
#ifndef WEIR_CORE_CHECKPOINT_JOB_ATTEMPT_H_
#define WEIR_CORE_CHECKPOINT_JOB_ATTEMPT_H_

#include <compare>
#include <ostream>
#include <string>

#include "core/base/ids.h"

namespace weir {

struct JobAttempt {
  LeaderEpoch epoch;
  AttemptNumber attempt;

  // "e3a2", as in file names.
  std::string ToString() const {
    return "e" + std::to_string(epoch.value()) + "a" + std::to_string(attempt.value());
  }
  friend auto operator<=>(const JobAttempt&, const JobAttempt&) = default;
  friend std::ostream& operator<<(std::ostream& out, const JobAttempt& attempt) {
    return out << attempt.ToString();
  }
};

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_JOB_ATTEMPT_H_
