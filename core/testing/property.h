// Property tests with rapidcheck under googletest, which Debian's rapidcheck does not connect. For tests only.
//
//   WEIR_PROPERTY(KeyCodecTest, RoundTrip, const std::string& key) {
//     RC_ASSERT(Decoded(Encoded(key)) == key);
//   }
//
// Arguments are drawn by rc::Arbitrary and shrunk when the property fails; EXPECT_ and ASSERT_ do not shrink, RC_ASSERT does.
#ifndef WEIR_CORE_TESTING_PROPERTY_H_
#define WEIR_CORE_TESTING_PROPERTY_H_

#include <sstream>

#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace weir::property_internal {

template <class Body>
void Check(Body body, const char* name) {
  rc::detail::TestMetadata metadata;
  metadata.id = name;
  metadata.description = name;
  const rc::detail::TestResult result = rc::detail::checkTestable(body, metadata);
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  FAIL() << message.str();
}

}  // namespace weir::property_internal

#define WEIR_PROPERTY(suite, name, ...)                                             \
  static void suite##_##name##_Property(__VA_ARGS__);                               \
  TEST(suite, name) {                                                               \
    ::weir::property_internal::Check(&suite##_##name##_Property, #suite "." #name); \
  }                                                                                 \
  static void suite##_##name##_Property(__VA_ARGS__)

#endif  // WEIR_CORE_TESTING_PROPERTY_H_
