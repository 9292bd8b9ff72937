// LinePrinter: the untyped half of a print sink's writer. Belongs to the subtask's executor; writes
// on context.io_executor(). At most two buffers are in flight, and one is being filled.
#ifndef WEIR_CONNECTORS_PRINT_LINE_PRINTER_H_
#define WEIR_CONNECTORS_PRINT_LINE_PRINTER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/file/io_queue.h"
#include "core/env/file_system.h"
#include "core/operators/operator_context.h"
#include "core/operators/progress.h"

namespace weir {

class LinePrinter {
 public:
  explicit LinePrinter(std::string path);

  absl::Status Open(OperatorContext& context);
  // False: kBlocked. The error of an earlier write, if there was one.
  absl::StatusOr<bool> CanTakeLine();
  // `text` without a line end. Requires CanTakeLine().
  void AddLine(std::string_view text);
  // kDone when everything is written or on its way.
  absl::StatusOr<Progress> Flush();
  // kDone when everything is written.
  absl::StatusOr<Progress> Finish();
  void Close();

 private:
  void WriteBuffer();

  const std::string path_;
  OperatorContext* context_ = nullptr;
  std::optional<IoQueue> queue_;
  // Touched on the I/O executor only; opened by the first step.
  std::shared_ptr<std::unique_ptr<WritableFile>> file_;
  std::string prefix_;
  std::string buffer_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_PRINT_LINE_PRINTER_H_
