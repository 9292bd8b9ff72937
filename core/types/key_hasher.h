// KeyHasher: the key selector of a keyed edge as the runtime sees it: fills Batch::key_hashes, from which key group, channel and
// table slot all follow. Immutable: the selector is a pure function. Any executor.
#ifndef WEIR_CORE_TYPES_KEY_HASHER_H_
#define WEIR_CORE_TYPES_KEY_HASHER_H_

#include "core/types/batch.h"
#include "core/types/schema.h"

namespace weir {

class KeyHasher {
 public:
  virtual ~KeyHasher() = default;
  // Sets batch.key_hashes to one hash per row. May throw (user code): then batch.key_hashes holds those of the rows before.
  virtual void HashKeys(BatchBase& batch) const = 0;
  virtual const Schema& key_schema() const = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_TYPES_KEY_HASHER_H_
