#include "core/testing/source_under_test.h"

#include <sstream>

namespace weir {

std::string FirstDifference(const std::vector<SourceRecord>& expected,
                            const std::vector<SourceRecord>& actual) {
  const size_t common = std::min(expected.size(), actual.size());
  for (size_t i = 0; i <= common; ++i) {
    if (i == common && expected.size() == actual.size()) return "";
    if (i < common && expected[i] == actual[i]) continue;
    std::ostringstream text;
    text << "record " << i << " of " << expected.size() << " expected and " << actual.size()
         << " read: expected ";
    if (i < expected.size()) text << expected[i];
    text << "; read ";
    if (i < actual.size()) text << actual[i];
    return text.str();
  }
  return "";
}

}  // namespace weir
