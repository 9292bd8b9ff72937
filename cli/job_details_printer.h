// What `weir info` prints about a job. Pure.
#ifndef WEIR_CLI_JOB_DETAILS_PRINTER_H_
#define WEIR_CLI_JOB_DETAILS_PRINTER_H_

#include <string>

#include "core/proto/control.pb.h"

namespace weir::cli {

std::string FormatJobDetails(const proto::GetJobDetailsResponse& response);
std::string FormatJobDetailsAsJson(const proto::GetJobDetailsResponse& response);

}  // namespace weir::cli

#endif  // WEIR_CLI_JOB_DETAILS_PRINTER_H_
