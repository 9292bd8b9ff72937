#include "connectors/print/print_sink.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/file/files_for_test.h"
#include "core/testing/env_factories.h"
#include "core/testing/verify_connector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::HasSubstr;

struct Visit {
  int64_t id = 0;
  std::string page;
};

std::vector<Visit> Visits(int count) {
  std::vector<Visit> visits;
  for (int i = 0; i < count; ++i) visits.push_back({i, std::string(100, 'p')});
  return visits;
}

// Lines of subtasks come in any order among each other: those of each, in their order.
std::map<std::string, std::string> BySubtask(const std::string& text) {
  std::map<std::string, std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    const std::string line = text.substr(start, end - start);
    lines[line.substr(0, line.find("> "))] += line + "\n";
    start = end + 1;
  }
  return lines;
}

class PrintSinkTest : public FilesForTest {};

TEST_P(PrintSinkTest, KeepsTheContractOfSinksAsFarAsPrintingCan) {
  VerifySink<Visit>(
      under_test(),
      {.make = [](const std::string& path) { return std::make_unique<PrintSink<Visit>>(path); },
       .rows = Visits(3000),
       .visible =
           [](Env& env, const std::string& path) {
             const auto file = env.file_system().OpenForRead(path);
             if (!file.ok()) return std::map<std::string, std::string>();
             return BySubtask((*file)->ReadAt(0, 64 << 20).value_or("unreadable\n"));
           },
       .sorted_rows = {},
       .expected_sorted_rows = {},
       .transactional = false});
}

TEST_P(PrintSinkTest, PrefixesLinesOfSeveralSubtasks) {
  const auto print = [&](const std::string& path, int parallelism) {
    const PrintSink<Visit> sink(path);
    SinkUnderTest<Visit> run(under_test(), sink, parallelism, {{1, "a"}, {2, "b"}}, {1});
    ASSERT_TRUE(run.PrepareAndFinish() && run.Commit());
    run.Close();
  };
  MakeFolder(Path("out"));
  print(Path("out/one"), 1);
  print(Path("out/two"), 2);
  auto folder = ReadFolder(Path("out"));
  EXPECT_EQ(folder["one"], "{id=1, page=a}\n{id=2, page=b}\n");
  EXPECT_THAT(folder["two"], HasSubstr("1> {id=1, page=a}\n"));
  EXPECT_THAT(folder["two"], HasSubstr("2> {id=2, page=b}\n"));
}

TEST_P(PrintSinkTest, NamesThePathThatCannotBeWritten) {
  LinePrinter printer(Path("no/such/folder"));
  SubtaskUnderTest subtask(under_test(), 0, 1);
  absl::Status status;
  bool opened = false;
  subtask.Run([&] {
    if (!opened) status = printer.Open(subtask);
    opened = true;
    const auto progress = printer.Finish();
    if (progress.ok() && *progress == Progress::kBlocked) return SubtaskUnderTest::Next::kWait;
    status.Update(progress.status());
    printer.Close();
    return SubtaskUnderTest::Next::kFinished;
  });
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.ToString(), HasSubstr("no/such/folder"));
}

INSTANTIATE_TEST_SUITE_P(Envs, PrintSinkTest, testing::ValuesIn(AllEnvs()), EnvFactoryName);

}  // namespace
}  // namespace weir
