// SharePart: sources and sinks come by value or as a shared_ptr; either way the graph shares one object. Pure.
#ifndef WEIR_CORE_API_SHARED_PART_H_
#define WEIR_CORE_API_SHARED_PART_H_

#include <memory>
#include <type_traits>
#include <utility>

namespace weir::api_internal {

template <class P>
struct PartType {
  using Type = P;
};
template <class P>
struct PartType<std::shared_ptr<P>> {
  using Type = std::remove_const_t<P>;
};

template <class P>
using PartOf = typename PartType<P>::Type;

template <class P>
std::shared_ptr<const P> SharePart(P part) {
  return std::make_shared<const P>(std::move(part));
}
template <class P>
std::shared_ptr<const P> SharePart(std::shared_ptr<P> part) {
  return part;
}

}  // namespace weir::api_internal

#endif  // WEIR_CORE_API_SHARED_PART_H_
