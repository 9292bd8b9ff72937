// What the other end of a stream can do.
#ifndef WEIR_CLI_TERMINAL_H_
#define WEIR_CLI_TERMINAL_H_

#include <cstddef>
#include <cstdio>

namespace weir::cli {

// A terminal on which a line can be overwritten in place.
bool IsLiveTerminal(std::FILE* stream);

// Its width; 80 if it does not say.
size_t TerminalColumns(std::FILE* stream);

}  // namespace weir::cli

#endif  // WEIR_CLI_TERMINAL_H_
