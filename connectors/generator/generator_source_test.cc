#include "connectors/generator/generator_source.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/testing/env_factories.h"
#include "core/testing/verify_connector.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

std::string MakeRow(int64_t index, GeneratorRandom& random) {
  return std::to_string(index) + " " + std::to_string(random.Uniform(1000));
}

std::vector<SourceRecord> Expected(int64_t count, uint64_t seed) {
  std::vector<SourceRecord> records;
  for (int64_t i = 0; i < count; ++i) {
    GeneratorRandom random(seed, i);
    records.push_back({{0, i}, MakeRow(i, random)});
  }
  return records;
}

class GeneratorSourceTest : public testing::TestWithParam<EnvFactory> {
 protected:
  EnvUnderTest& under_test() { return *under_test_; }

  static auto Make(GeneratorOptions options) {
    return [options] { return std::make_unique<GeneratorSource<std::string>>(MakeRow, options); };
  }

 private:
  const std::unique_ptr<EnvUnderTest> under_test_ = GetParam().make();
};

TEST_P(GeneratorSourceTest, KeepsTheContractOfSources) {
  VerifySource<std::string>(
      under_test(),
      {.variants = {Make({.count = 3000, .seed = 9}), Make({.count = 3000, .seed = 9, .shards = 1}),
                    Make({.count = 3000, .seed = 9, .shards = 7}),
                    Make({.count = 3000, .rows_per_second = 1'000'000, .seed = 9})},
       .expected = Expected(3000, 9)});
  VerifySource<std::string>(under_test(), {.variants = {Make({.count = 0})}, .expected = {}});
}

TEST_P(GeneratorSourceTest, KeepsTheRate) {
  const GeneratorSource<std::string> source(MakeRow, {.count = 21, .rows_per_second = 200});
  const absl::Duration start = under_test().env().clock().Monotonic();
  SourceUnderTest<std::string> run(under_test(), source, 2,
                                   [](const std::string& row) { return row; });
  EXPECT_EQ(run.ReadAll(AssignmentOrder::kAllAtOnce).size(), 21u);
  // The last row is due after 20/200 s.
  EXPECT_GE(under_test().env().clock().Monotonic() - start, absl::Milliseconds(100));
}

TEST(GeneratorOptionsTest, NegativeOnesAreNamed) {
  const auto error = [](GeneratorOptions options) {
    const absl::Status status = GeneratorSource<std::string>(MakeRow, options).Validate();
    EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_EQ(error({}), "");
  EXPECT_EQ(error({.count = 0}), "");
  EXPECT_EQ(error({.count = -5}), "GeneratorOptions::count is -5; it must be zero or more");
  EXPECT_EQ(error({.rows_per_second = -1}),
            "GeneratorOptions::rows_per_second is -1; it must be zero or more");
  EXPECT_EQ(error({.shards = -1}), "GeneratorOptions::shards is -1; it must be zero or more");
}

TEST_P(GeneratorSourceTest, ClosesWhileItWaits) {
  const GeneratorSource<std::string> source(MakeRow, {.rows_per_second = 100});
  EXPECT_FALSE(source.bounded());
  SourceUnderTest<std::string> run(under_test(), source, 1,
                                   [](const std::string& row) { return row; });
  run.CloseAtEveryMoment(5);
}

INSTANTIATE_TEST_SUITE_P(Envs, GeneratorSourceTest, testing::ValuesIn(AllEnvs()), EnvFactoryName);

}  // namespace
}  // namespace weir
