// StrongId: a number or string that cannot be taken for another kind of number or string.
//
//   struct JobIdTag {
//     static constexpr std::string_view kPrefix = "job-";
//   };
//   using JobId = StrongId<JobIdTag, uint64_t>;
//
//   JobId id(7);         // explicit only
//   id.value();          // 7
//   id.ToString();       // "job-7"; without kPrefix "7"
//
// Pure. Comparable and ordered like its Rep, so it serves as a key of std::map. It has no hash on
// purpose: std's and Abseil's hashes differ between builds and runs, and containers that use them
// have no order to rely on.

#ifndef WEIR_CORE_BASE_STRONG_ID_H_
#define WEIR_CORE_BASE_STRONG_ID_H_

#include <compare>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {

template <typename Tag, typename Rep>
class StrongId {
 public:
  using rep = Rep;

  // Zero, or the empty string.
  constexpr StrongId() : value_() {}
  constexpr explicit StrongId(Rep value) : value_(std::move(value)) {}

  constexpr const Rep& value() const { return value_; }

  friend constexpr bool operator==(const StrongId&, const StrongId&) = default;
  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;

  std::string ToString() const {
    std::string text;
    if constexpr (requires { std::string_view(Tag::kPrefix); }) text = Tag::kPrefix;
    if constexpr (std::is_convertible_v<const Rep&, std::string_view>) {
      text += std::string_view(value_);
    } else {
      text += std::to_string(value_);
    }
    return text;
  }

  friend std::ostream& operator<<(std::ostream& out, const StrongId& id) {
    return out << id.ToString();
  }

 private:
  Rep value_;
};

}  // namespace weir

#endif  // WEIR_CORE_BASE_STRONG_ID_H_
