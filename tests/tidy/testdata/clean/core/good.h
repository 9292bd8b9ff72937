// std::thread, absl::Now(), std::unordered_map<int, int> and printf("x") are only words in a comment.
/* static int x = 0;
   std::mutex m; */
#ifndef GOOD_H_
#define GOOD_H_

#define WEIR_MAKE(x) \
  static int x = 0

namespace weir {
namespace inner {
constexpr int kMax = 3;
const std::string kName = "std::thread // not a comment";
constexpr std::string_view kRaw = R"(std::mutex m; "printf(")";
inline constexpr char kQuote = '"';
const char* const kPointer = "absl::Now()";
constexpr int kBig = 1'000'000;
static constexpr int kTable[] = {1, 2, 3};
}  // namespace inner

template <typename T>
class Good;
class Forward;
enum class Color : uint8_t { kRed, kGreen = 3 };
using Id = StrongId<struct IdTag, uint64_t>;
extern const int kElsewhere;
int Free(int x, int y = 3);
static int Local(int x);
bool operator==(const Good<int>& a, const Good<int>& b);
std::ostream& operator<<(std::ostream& out, const Forward& f);
template <typename T>
std::vector<T> Make();

inline namespace v1 {
int InV1();
}

template <class T>
class Good final : public Base<T> {
 public:
  static constexpr int kCount = 3;
  static const int kOld = 4;
  static Good Create(int x);
  static std::unique_ptr<Good> Make() { return std::make_unique<Good>(); }
  explicit Good(int x) : x_{x}, text_("a") {}
  Good& operator=(const Good&) = default;
  int Timeout() const { return timeout_; }
  absl::Time time(int x) const { return clock_.Now(); }

 private:
  int x_ = 0;
  std::map<std::string, Forward*> by_name_;
  std::map<Id, std::unique_ptr<Forward>> by_id_;
  std::set<std::pair<int, int>> pairs_;
  std::vector<int> rows_{1, 2, 3};
};

template <typename T, typename = std::enable_if_t<(sizeof(T) > 1)>>
struct Sized : Base<T, sizeof(T)> {
  static char* Write(const T& value, char* to);
};
template <class T>
  requires(sizeof(T) > 1)
struct Codec<std::vector<T>> : internal::Codec<decltype(Make<T>())> {
  static Schema SchemaOf() { return {}; }
};
struct Row MakeRow(int x) {
  return {};
}

inline void F(Env& env) {
  static const std::vector<int> kRows = {1, 2};
  static constexpr std::array kNames = {"a", "b"};
  const uint64_t a = env.random().Draw(site);
  const uint64_t b = env.random().Draw(site);
  executor.Post([&other] { other.Post([] {}); });
  for (int i = 0; i < 3; ++i) {
    int runtime(3);
  }
  std::snprintf(buffer, sizeof buffer, "%d", 3);
  out.puts("x");
  Foo{.rows = 1, .random = env.random()};
  if (x < y && y > z) return;
}
}  // namespace weir

#endif  // GOOD_H_
