// How foreign bytes become text that cannot do harm: escaped for terminals, JSON and CSV. Pure.
#ifndef WEIR_CORE_TYPES_TEXT_ESCAPE_H_
#define WEIR_CORE_TYPES_TEXT_ESCAPE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

// Length of the well-formed UTF-8 sequence at the start of `bytes` (not empty), 0 if there is none. Overlong forms, surrogates
// and code points above U+10FFFF are malformed.
size_t Utf8SequenceLength(std::string_view bytes);

// Control characters, DEL and bytes that are no UTF-8 as \n, \t, \r, \xHH; everything else as it is.
void AppendPrintable(std::string_view bytes, std::string& out);

// A JSON string with its quotes; each byte that is no UTF-8 becomes U+FFFD.
void AppendJsonString(std::string_view bytes, std::string& out);

// A CSV cell (RFC 4180): quoted if it holds a comma, quote or line break, starts or ends with a space, or is empty.
void AppendCsvCell(std::string_view bytes, std::string& out);

// `text` if it fits into `bytes_max`, else as much as fits with "..." at the end, never half a UTF-8 sequence.
std::string CutText(std::string text, size_t bytes_max);

}  // namespace weir

#endif  // WEIR_CORE_TYPES_TEXT_ESCAPE_H_
