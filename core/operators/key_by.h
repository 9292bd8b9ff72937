// TypedKeyHasher: the user's key selector as a KeyHasher. Immutable; any executor. The selector is a pure function from a row to
// its key, or a pointer to the field that is the key.
#ifndef WEIR_CORE_OPERATORS_KEY_BY_H_
#define WEIR_CORE_OPERATORS_KEY_BY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/types/batch.h"
#include "core/types/codec.h"
#include "core/types/key_codec.h"
#include "core/types/key_hasher.h"
#include "core/types/schema.h"

namespace weir {

// The key type of a selector: what it returns, without reference.
template <class T, class Selector>
using KeyOf = std::remove_cvref_t<std::invoke_result_t<const Selector&, const T&>>;

template <class T, class Selector>
void HashKeysInto(const Batch<T>& batch, const Selector& selector, std::vector<uint64_t>& hashes) {
  const size_t size = batch.rows.size();
  hashes.resize(size);
  size_t row = 0;
  try {
    for (; row < size; ++row) {
      hashes[row] = KeyHash<KeyOf<T, Selector>>(std::invoke(selector, batch.rows[row]));
    }
  } catch (...) {
    hashes.resize(row);
    throw;
  }
}

template <class T, class Selector>
class TypedKeyHasher final : public KeyHasher {
 public:
  using Key = KeyOf<T, Selector>;

  explicit TypedKeyHasher(Selector selector)
      : selector_(std::move(selector)), key_schema_(Codec<Key>::SchemaOf()) {}

  void HashKeys(BatchBase& batch) const override {
    HashKeysInto(BatchAs<T>(batch), selector_, batch.key_hashes);
  }
  const Schema& key_schema() const override { return key_schema_; }

 private:
  const Selector selector_;
  const Schema key_schema_;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_KEY_BY_H_
