#include "sim/statics.h"

int count = 0;                      // want: mutable-static
static bool seen;                   // want: mutable-static
const char* name = "x";             // want: mutable-static
thread_local int depth = 0;         // want: thread-local, mutable-static
namespace weir {
namespace {
std::vector<int> rows{1, 2};        // want: mutable-static
std::map<int, std::string> names;   // want: mutable-static
int table[3] = {1, 2, 3};           // want: mutable-static
inline std::string text = "x";      // want: mutable-static
extern int other;                   // want: mutable-static
}  // namespace
class Foo : public Bar {
 public:
  static int Count() { return count_; }
  int Next() {
    static int next = 0;            // want: mutable-static
    static Foo& foo = *new Foo;     // want: mutable-static
    static std::string built("x");  // want: mutable-static
    static const Foo* last = nullptr;  // want: mutable-static
    if (next) {
      static Foo inner{1};          // want: mutable-static
    }
    Run([this] {
      static int in_lambda;         // want: mutable-static
    });
    return ++next;
  }

 private:
  static int count_;                // want: mutable-static
  inline static Foo* instance_ = nullptr;  // want: mutable-static
};
struct Holder {
  static std::vector<int> all;      // want: mutable-static
};
}  // namespace weir
