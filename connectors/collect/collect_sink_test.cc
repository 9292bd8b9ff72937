#include "connectors/collect/collect_sink.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/testing/env_factories.h"
#include "core/testing/verify_connector.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

class CollectSinkTest : public testing::TestWithParam<EnvFactory> {};

TEST_P(CollectSinkTest, KeepsTheContractOfSinks) {
  const auto under_test = GetParam().make();
  std::vector<std::string> rows;
  std::string all;
  for (int i = 0; i < 500; ++i) {
    rows.push_back(std::to_string(i));
    all += rows.back() + "\n";
  }
  std::map<std::string, CollectSink<std::string>> sinks;  // By what would be the folder.
  const auto as_text = [&](Env&, const std::string& directory) {
    std::map<std::string, std::string> visible;
    for (const std::string& row : sinks[directory].rows()) visible["rows"] += row + "\n";
    return visible;
  };
  VerifySink<std::string>(
      *under_test, {.make =
                        [&](const std::string& directory) {
                          return std::make_unique<CollectSink<std::string>>(sinks[directory]);
                        },
                    .rows = rows,
                    .visible = as_text,
                    .sorted_rows = [](const auto& visible) { return visible.at("rows"); },
                    .expected_sorted_rows = all,
                    .row_text = [](const std::string& row) { return row; }});
}

INSTANTIATE_TEST_SUITE_P(Envs, CollectSinkTest, testing::ValuesIn(AllEnvs()), EnvFactoryName);

}  // namespace
}  // namespace weir
