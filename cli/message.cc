#include "cli/message.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "cli/human_text.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

constexpr std::string_view kProgram = "weir: ";
// An error may quote 256 bytes of a record, four columns each, and several paths.
constexpr size_t kLineColumnsMax = 4096;

}  // namespace

std::string FormatError(const absl::Status& status, std::string_view hint) {
  std::string_view rest = ToStd(status.message());
  if (rest.empty()) rest = "failed without saying why";
  std::string text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    text += text.empty() ? std::string(kProgram) : std::string(kProgram.size(), ' ');
    text += EscapeForTerminal(rest.substr(0, end), kLineColumnsMax);
    text += '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!hint.empty()) text.append(kProgram.size(), ' ').append(hint).append("\n");
  return text;
}

void PrintError(const absl::Status& status, std::string_view hint) {
  std::fputs(FormatError(status, hint).c_str(), stderr);
}

}  // namespace weir::cli
