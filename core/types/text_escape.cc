#include "core/types/text_escape.h"

#include <utility>

namespace weir {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool IsPlainAscii(unsigned char c) { return c >= 0x20 && c < 0x7f; }

void AppendHex(unsigned char byte, std::string& out) {
  out.push_back(kHexDigits[byte >> 4]);
  out.push_back(kHexDigits[byte & 15]);
}

// The letter of \n and its like; 0 if the byte has none.
char ShortEscape(char c) {
  switch (c) {
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

void AppendJsonEscape(char c, std::string& out) {
  out.push_back('\\');
  if (c == '"' || c == '\\') {
    out.push_back(c);
  } else if (const char letter = ShortEscape(c)) {
    out.push_back(letter);
  } else {
    out.append("u00");
    AppendHex(static_cast<unsigned char>(c), out);
  }
}

}  // namespace

size_t Utf8SequenceLength(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return 0;
  // The second byte has a narrower range where overlong forms, surrogates and too large values would begin.
  const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (at(1) < low || at(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

void AppendPrintable(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    size_t plain = 0;
    while (plain < bytes.size() && IsPlainAscii(static_cast<unsigned char>(bytes[plain]))) ++plain;
    out.append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    if (bytes.empty()) return;
    size_t length = Utf8SequenceLength(bytes);
    // C1 control characters (U+0080 to U+009F) steer some terminals.
    const bool is_c1 =
        length == 2 && bytes[0] == '\xc2' && static_cast<unsigned char>(bytes[1]) < 0xa0;
    if (length > 1 && !is_c1) {
      out.append(bytes.substr(0, length));
    } else {
      length = 1;
      out.push_back('\\');
      if (const char letter = ShortEscape(bytes[0])) {
        out.push_back(letter);
      } else {
        out.push_back('x');
        AppendHex(static_cast<unsigned char>(bytes[0]), out);
      }
    }
    bytes.remove_prefix(length);
  }
}

void AppendJsonString(std::string_view bytes, std::string& out) {
  const auto is_plain = [](char c) {
    return IsPlainAscii(static_cast<unsigned char>(c)) && c != '"' && c != '\\';
  };
  out.push_back('"');
  while (!bytes.empty()) {
    size_t plain = 0;
    while (plain < bytes.size() && is_plain(bytes[plain])) ++plain;
    out.append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    size_t length = Utf8SequenceLength(bytes);
    if (length == 0) {
      out.append("\xef\xbf\xbd");
      length = 1;
    } else if (length == 1) {
      AppendJsonEscape(bytes[0], out);
    } else {
      out.append(bytes.substr(0, length));
    }
    bytes.remove_prefix(length);
  }
  out.push_back('"');
}

void AppendCsvCell(std::string_view bytes, std::string& out) {
  const bool quoted = bytes.empty() || bytes.front() == ' ' || bytes.back() == ' ' ||
                      bytes.find_first_of(",\"\r\n") != std::string_view::npos;
  if (!quoted) {
    out.append(bytes);
    return;
  }
  out.push_back('"');
  for (const char c : bytes) {
    out.push_back(c);
    if (c == '"') out.push_back('"');
  }
  out.push_back('"');
}

std::string CutText(std::string text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  constexpr std::string_view kDots = "...";
  size_t keep = bytes_max > kDots.size() ? bytes_max - kDots.size() : 0;
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xc0) == 0x80) --keep;
  text.resize(keep);
  text.append(kDots.substr(0, bytes_max));
  return text;
}

}  // namespace weir
