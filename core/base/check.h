// Checks of our own invariants. A failure is a bug in this program: it prints file, line,
// condition, values and message to stderr and aborts. Input from outside the process is never
// checked this way; decoders return a Status.
//
//   WEIR_CHECK(gate.empty()) << "after " << barrier;
//   WEIR_CHECK_EQ(read_count, written_count);       // prints both values
//   WEIR_CHECK_OK(status_or_statusor);
//   WEIR_DCHECK_LT(row, batch.size());              // only in builds with DCHECKs: dbg, asan,
//   tsan, fuzz
//
// Arguments are evaluated exactly once (those of a WEIR_DCHECK that is compiled out, never).
// Integers of different signedness compare by value. Values print through operator<<, else
// ToString(), else as "(unprintable)".

#ifndef WEIR_CORE_BASE_CHECK_H_
#define WEIR_CORE_BASE_CHECK_H_

#include <concepts>
#include <cstddef>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define WEIR_CHECK(condition)               \
  (ABSL_PREDICT_TRUE(condition))            \
      ? (void)0                             \
      : ::weir::check_internal::Voidify() & \
            ::weir::check_internal::Failure(__FILE__, __LINE__, #condition).stream()

#define WEIR_CHECK_EQ(a, b) WEIR_CHECK_OP_(Eq, ==, a, b)
#define WEIR_CHECK_NE(a, b) WEIR_CHECK_OP_(Ne, !=, a, b)
#define WEIR_CHECK_LT(a, b) WEIR_CHECK_OP_(Lt, <, a, b)
#define WEIR_CHECK_LE(a, b) WEIR_CHECK_OP_(Le, <=, a, b)
#define WEIR_CHECK_GT(a, b) WEIR_CHECK_OP_(Gt, >, a, b)
#define WEIR_CHECK_GE(a, b) WEIR_CHECK_OP_(Ge, >=, a, b)

#define WEIR_CHECK_OK(expression)                                                             \
  while (auto weir_check_text = ::weir::check_internal::NotOkText(#expression, (expression))) \
  ::weir::check_internal::Failure(__FILE__, __LINE__, *weir_check_text).stream()

#ifdef NDEBUG
#define WEIR_DCHECK_IF_ while (false)
#else
#define WEIR_DCHECK_IF_
#endif

#define WEIR_DCHECK(condition) WEIR_DCHECK_IF_ WEIR_CHECK(condition)
#define WEIR_DCHECK_OK(expression) WEIR_DCHECK_IF_ WEIR_CHECK_OK(expression)
#define WEIR_DCHECK_EQ(a, b) WEIR_DCHECK_IF_ WEIR_CHECK_EQ(a, b)
#define WEIR_DCHECK_NE(a, b) WEIR_DCHECK_IF_ WEIR_CHECK_NE(a, b)
#define WEIR_DCHECK_LT(a, b) WEIR_DCHECK_IF_ WEIR_CHECK_LT(a, b)
#define WEIR_DCHECK_LE(a, b) WEIR_DCHECK_IF_ WEIR_CHECK_LE(a, b)
#define WEIR_DCHECK_GT(a, b) WEIR_DCHECK_IF_ WEIR_CHECK_GT(a, b)
#define WEIR_DCHECK_GE(a, b) WEIR_DCHECK_IF_ WEIR_CHECK_GE(a, b)

// A loop whose body never returns rather than an `if`, so that an `else` after the macro cannot
// bind to it.
#define WEIR_CHECK_OP_(name, op, a, b)                                                             \
  while (auto weir_check_text = ::weir::check_internal::CompareText<::weir::check_internal::name>( \
             #a " " #op " " #b, (a), (b)))                                                         \
  ::weir::check_internal::Failure(__FILE__, __LINE__, *weir_check_text).stream()

namespace weir::check_internal {

// Collects the message; its destructor prints everything, flushes stderr and aborts.
class Failure {
 public:
  Failure(const char* file, int line, const std::string& what);
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  [[noreturn]] ~Failure();

  std::ostream& stream() { return stream_; }

 private:
  std::ostringstream stream_;
};

// Makes both branches of WEIR_CHECK void; & binds looser than <<.
struct Voidify {
  void operator&(std::ostream&) const {}
};

template <typename T>
concept ComparesByValue = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                          !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                          !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

#define WEIR_CHECK_COMPARATOR_(name, op, by_value)              \
  struct name {                                                 \
    template <typename A, typename B>                           \
    static constexpr bool Holds(const A& a, const B& b) {       \
      if constexpr (ComparesByValue<A> && ComparesByValue<B>) { \
        return by_value(a, b);                                  \
      } else {                                                  \
        return static_cast<bool>(a op b);                       \
      }                                                         \
    }                                                           \
  }

WEIR_CHECK_COMPARATOR_(Eq, ==, std::cmp_equal);
WEIR_CHECK_COMPARATOR_(Ne, !=, std::cmp_not_equal);
WEIR_CHECK_COMPARATOR_(Lt, <, std::cmp_less);
WEIR_CHECK_COMPARATOR_(Le, <=, std::cmp_less_equal);
WEIR_CHECK_COMPARATOR_(Gt, >, std::cmp_greater);
WEIR_CHECK_COMPARATOR_(Ge, >=, std::cmp_greater_equal);

#undef WEIR_CHECK_COMPARATOR_

template <typename T>
void Print(std::ostream& out, const T& value) {
  if constexpr (std::same_as<T, bool>) {
    out << (value ? "true" : "false");
  } else if constexpr (std::same_as<T, std::nullptr_t>) {
    out << "nullptr";
  } else if constexpr (std::same_as<T, signed char> || std::same_as<T, unsigned char>) {
    out << static_cast<int>(value);
  } else if constexpr (requires { out << value; }) {
    out << value;
  } else if constexpr (requires { out << value.ToString(); }) {
    out << value.ToString();
  } else if constexpr (std::is_enum_v<T>) {
    out << +static_cast<std::underlying_type_t<T>>(value);
  } else {
    out << "(unprintable)";
  }
}

template <typename A, typename B>
[[gnu::noinline]] std::unique_ptr<std::string> BothValues(const char* condition, const A& a,
                                                          const B& b) {
  std::ostringstream out;
  out << condition << " (";
  Print(out, a);
  out << " vs. ";
  Print(out, b);
  out << ")";
  return std::make_unique<std::string>(out.str());
}

// Null if the comparison holds.
template <typename Comparator, typename A, typename B>
std::unique_ptr<std::string> CompareText(const char* condition, const A& a, const B& b) {
  if (ABSL_PREDICT_TRUE(Comparator::Holds(a, b))) return nullptr;
  return BothValues(condition, a, b);
}

// Null if the status is OK.
std::unique_ptr<std::string> NotOkText(const char* expression, const absl::Status& status);

template <typename T>
std::unique_ptr<std::string> NotOkText(const char* expression, const absl::StatusOr<T>& status_or) {
  if (ABSL_PREDICT_TRUE(status_or.ok())) return nullptr;
  return NotOkText(expression, status_or.status());
}

}  // namespace weir::check_internal

#endif  // WEIR_CORE_BASE_CHECK_H_
