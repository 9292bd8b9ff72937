// The summary at the end of `weir run`: what was read and written, the first rows of the output,
// and what was set aside. Pure.
#ifndef WEIR_CLI_SUMMARY_PRINTER_H_
#define WEIR_CLI_SUMMARY_PRINTER_H_

#include <string>

#include "core/cluster/job_result.h"

namespace weir::cli {

struct SummaryOptions {
  std::string user_directory;  // Output inside it is named relative to it.
};

// For stdout. Ends in a newline.
std::string FormatSummary(const std::string& job, const JobResult& result,
                          const SummaryOptions& options);

}  // namespace weir::cli

#endif  // WEIR_CLI_SUMMARY_PRINTER_H_
