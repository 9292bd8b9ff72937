// SourcePosition: where a record stands in its source. An ordinary field of a user's row: the engine carries it like any
// other, and names rows by it when they are malformed or late. Pure.
#ifndef WEIR_CORE_TYPES_SOURCE_POSITION_H_
#define WEIR_CORE_TYPES_SOURCE_POSITION_H_

#include <compare>
#include <cstdint>

namespace weir {

struct SourcePosition {
  // The file, partition or generator shard, numbered by the source's enumerator; byte-range splits of one file share it.
  int32_t container = -1;  // -1: unknown.
  // Byte offset of the record in a file (of the uncompressed bytes of a compressed one); index elsewhere.
  int64_t offset = 0;

  bool known() const { return container >= 0; }
  friend auto operator<=>(const SourcePosition&, const SourcePosition&) = default;
};

}  // namespace weir

#endif  // WEIR_CORE_TYPES_SOURCE_POSITION_H_
