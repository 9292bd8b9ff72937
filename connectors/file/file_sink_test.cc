#include "connectors/file/file_sink.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "connectors/file/file_source.h"
#include "connectors/file/files_for_test.h"
#include "connectors/file/part_committable.h"
#include "core/base/hash.h"
#include "core/testing/env_factories.h"
#include "core/testing/verify_connector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

struct Visit {
  int64_t id = 0;
  std::string page;
};

std::vector<Visit> Visits(int count) {
  std::vector<Visit> visits;
  for (int i = 0; i < count; ++i) visits.push_back({i, i % 3 == 0 ? "a,b" : "home"});
  return visits;
}

using FolderContents = std::map<std::string, std::string>;

// All lines but headers, sorted; "" if a part has no header.
std::string SortedRows(const FolderContents& folder) {
  std::multiset<std::string> rows;
  for (const auto& [name, text] : folder) {
    std::istringstream lines(text);
    std::string line;
    if (!std::getline(lines, line) || line != "id,page") return name + " has no header";
    while (std::getline(lines, line)) rows.insert(line);
  }
  std::string all;
  for (const std::string& row : rows) all += row + "\n";
  return all;
}

class FileSinkTest : public FilesForTest {
 protected:
  std::string Folder() { return Path("results/visits"); }

  absl::Status Prepare(FileSinkOptions options = {}, const SinkRun& run = {}) {
    absl::Status status;
    RunOnIo(under_test(), [&] {
      status = FileSink<Visit>::Csv(Folder(), options).NewCoordinator()->Prepare(env(), run);
    });
    return status;
  }

  void RunJob(const Sink<Visit>& sink, int parallelism, const std::vector<Visit>& rows) {
    SinkUnderTest<Visit> run(under_test(), sink, parallelism, rows, {64});
    ASSERT_TRUE(run.PrepareAndFinish() && run.Commit());
    run.Close();
  }

  // What only names that readers skip may hold.
  static FolderContents Visible(Env& env, const std::string& folder) {
    FolderContents contents = ReadFolder(env, folder);
    std::erase_if(contents, [](const auto& entry) { return entry.first.starts_with('.'); });
    return contents;
  }

  // Everything but the marker.
  FolderContents Results() {
    FolderContents contents = ReadFolder(Folder());
    contents.erase(".weir-run");
    return contents;
  }

  std::vector<std::string> FirstRows(const Sink<Visit>& sink) {
    std::vector<std::string> rows;
    RunOnIo(under_test(), [&] {
      const auto report = sink.NewCoordinator()->Report(env());
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->where, Folder());
      rows = report->first_rows;
    });
    return rows;
  }
};

TEST_P(FileSinkTest, KeepsTheContractOfSinks) {
  std::string expected;
  {
    FolderContents one_part = {{"x", "id,page\n"}};
    for (const Visit& visit : Visits(60)) {
      AppendCsvRow(visit, one_part["x"]);
      one_part["x"] += "\n";
    }
    expected = SortedRows(one_part);
  }
  // Parts and buffers of every size against rows of 10 to 12 bytes.
  for (const FileSinkOptions options :
       {FileSinkOptions{}, FileSinkOptions{.part_bytes_max = 200, .buffer_bytes = 20},
        FileSinkOptions{.part_bytes_max = 1, .buffer_bytes = 1},
        FileSinkOptions{.part_bytes_max = 100, .buffer_bytes = 1000}}) {
    const auto folder = [&](const std::string& directory) {
      return directory + "-" + std::to_string(options.part_bytes_max);
    };
    SinkContract<Visit> contract{
        .make =
            [&](const std::string& directory) {
              return std::make_unique<FileSink<Visit>>(
                  FileSink<Visit>::Csv(folder(directory), options));
            },
        .rows = Visits(60),
        .visible = [&](Env& env,
                       const std::string& directory) { return Visible(env, folder(directory)); },
        .sorted_rows = SortedRows,
        .expected_sorted_rows = expected,
        .left_behind =
            [&](Env& env, const std::string& directory) {
              std::vector<std::string> names;
              for (const auto& [name, text] : ReadFolder(env, folder(directory))) {
                if (name.starts_with('.') && name != ".weir-run") names.push_back(name);
              }
              return names;
            }};
    // Being killed takes long; few large parts and many small ones will do.
    if (options.part_bytes_max <= 100) {
      contract.row_text = [](const Visit& visit) {
        std::string text;
        AppendCsvRow(visit, text);
        return text;
      };
    }
    VerifySink<Visit>(under_test(), contract);
  }
}

TEST_P(FileSinkTest, CsvHasAHeaderInEveryPart) {
  RunJob(FileSink<Visit>::Csv(Folder(), {.part_bytes_max = 16}), 1, Visits(4));
  EXPECT_THAT(Results(), ElementsAre(Pair("part-0-0.csv", "id,page\n0,\"a,b\"\n"),
                                     Pair("part-0-1.csv", "id,page\n1,home\n2,home\n"),
                                     Pair("part-0-2.csv", "id,page\n3,\"a,b\"\n")));
}

TEST_P(FileSinkTest, JsonLines) {
  RunJob(FileSink<Visit>::JsonLines(Folder()), 1, Visits(2));
  EXPECT_THAT(Results(),
              ElementsAre(Pair("part-0-0.jsonl",
                               "{\"id\":0,\"page\":\"a,b\"}\n{\"id\":1,\"page\":\"home\"}\n")));
}

TEST_P(FileSinkTest, EmptyResultIsAHeader) {
  RunJob(FileSink<Visit>::Csv(Folder()), 3, {});
  EXPECT_THAT(Results(), ElementsAre(Pair("part-0-0.csv", "id,page\n")));
}

TEST_P(FileSinkTest, ReportShowsTheFirstRowsOfAllParts) {
  const auto sink = FileSink<Visit>::Csv(Folder(), {.part_bytes_max = 16});
  RunJob(sink, 1, Visits(5));
  EXPECT_THAT(FirstRows(sink),
              ElementsAre("id,page", "0,\"a,b\"", "1,home", "2,home", "3,\"a,b\"", "4,home"));
}

TEST_P(FileSinkTest, ReportIsShort) {
  const auto sink = FileSink<Visit>::Csv(Folder());
  RunJob(sink, 2, Visits(50));
  EXPECT_EQ(FirstRows(sink).size(), 10u);
}

TEST_P(FileSinkTest, RefusesEarlierResultsUnlessTheyMayBeOverwritten) {
  const auto sink = FileSink<Visit>::Csv(Folder());
  RunJob(sink, 1, Visits(1));
  const absl::Status status = Prepare();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(),
            Folder() +
                " holds earlier results (part-0-0.csv). Choose another --output, or run "
                "again with --fresh to delete them");
  EXPECT_FALSE(ReadFolder(Folder()).empty());

  const std::string unfinished = ".part-3-0.csv.inprogress-e0a0-0123456789abcdef";
  Write(Folder() + "/" + unfinished, "id,p");
  EXPECT_TRUE(Prepare({.overwrite = true}).ok());
  EXPECT_THAT(Results(), IsEmpty());
}

TEST_P(FileSinkTest, NeverDeletesForeignFiles) {
  MakeFolder(Folder());
  Write(Folder() + "/part-0-0.csv", "id,page\n");
  Write(Folder() + "/notes.txt", "mine");
  for (const bool overwrite : {false, true}) {
    const absl::Status status = Prepare({.overwrite = overwrite});
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(status.ToString(), HasSubstr("notes.txt"));
  }
  EXPECT_EQ(ReadFolder(Folder()).size(), 2u);
}

TEST_P(FileSinkTest, UnfinishedPartsOfAKilledRunAreNoObstacle) {
  MakeFolder(Folder());
  Write(Folder() + "/.part-0-0.csv.inprogress-e0a0-0123456789abcdef", "id,p");
  EXPECT_TRUE(Prepare().ok());
}

TEST_P(FileSinkTest, AFolderBelongsToOneRun) {
  const SinkRun mine{.run_id = "mine"};
  const SinkRun theirs{.run_id = "theirs"};
  EXPECT_TRUE(Prepare({}, mine).ok());
  EXPECT_EQ(ReadFolder(Folder()).at(".weir-run"), "weir-run 1\nmine\n");
  EXPECT_TRUE(Prepare({}, theirs).ok()) << "nothing is in it yet";
  Write(Folder() + "/part-0-0.csv", "id,page\n");
  for (const bool overwrite : {false, true}) {
    const absl::Status status = Prepare({.overwrite = overwrite}, mine);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(status.ToString(), HasSubstr("holds results of another run (part-0-0.csv)"));
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(Prepare({}, theirs)));
  EXPECT_TRUE(Prepare({}, {.run_id = "theirs", .restored = true}).ok());
  EXPECT_EQ(Results().size(), 1u);
  EXPECT_TRUE(Prepare({.overwrite = true}, theirs).ok());
  EXPECT_THAT(Results(), IsEmpty());
}

TEST_P(FileSinkTest, ARunGoesOnOnlyWhereItsResultsAre) {
  const absl::Status status = Prepare({}, {.run_id = "mine", .restored = true});
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("is not as the run left it"));
  MakeFolder(Folder());
  Write(Folder() + "/.weir-run", "weir-run 1\nmi");
  EXPECT_TRUE(absl::IsDataLoss(Prepare({}, {.run_id = "mine"})));
}

TEST_P(FileSinkTest, CommittingWhatIsLostIsDataLossAndNamesIt) {
  const auto sink = FileSink<Visit>::Csv(Folder());
  const PartCommittable part{".part-0-0.csv.inprogress-e0a0-0123456789abcdef", "part-0-0.csv", 8,
                             StableHash64("id,page\n")};
  const auto commit = [&] {
    SubtaskUnderTest subtask(under_test(), 0, 1);
    auto writer = sink.NewWriter();
    absl::Status status;
    bool opened = false;
    subtask.Run([&] {
      if (!std::exchange(opened, true)) {
        EXPECT_TRUE(writer->Open(subtask).ok());
        OperatorSnapshot restored;
        restored.committables = {EncodePartCommittable(part)};
        EXPECT_TRUE(writer->Restore(restored).ok());
      }
      const auto progress = writer->Commit(CheckpointId(7));
      status = progress.status();
      if (progress.ok() && *progress == Progress::kBlocked) return SubtaskUnderTest::Next::kWait;
      writer->Close();
      writer = nullptr;  // It belongs to this executor.
      return SubtaskUnderTest::Next::kFinished;
    });
    return status;
  };
  ASSERT_TRUE(Prepare().ok());
  absl::Status status = commit();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(Folder() + "/part-0-0.csv is missing"));
  Write(Folder() + "/" + part.temporary, "id,pagE\n");
  status = commit();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("with another checksum"));
  Write(Folder() + "/" + part.temporary, "id,page\n");
  for (int times = 0; times < 2; ++times) EXPECT_TRUE(commit().ok());
  EXPECT_THAT(Results(), ElementsAre(Pair("part-0-0.csv", "id,page\n")));
}

TEST_P(FileSinkTest, FolderThatIsAFile) {
  MakeFolder(Path("results"));
  Write(Folder(), "a file");
  const absl::Status status = Prepare();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.ToString(), HasSubstr(Folder()));
  EXPECT_THAT(status.ToString(), HasSubstr("Choose another --output"));
}

TEST_P(FileSinkTest, CloseRemovesWhatWasNotPrepared) {
  const auto sink = FileSink<Visit>::Csv(Folder(), {.part_bytes_max = 16});
  SinkUnderTest<Visit> run(under_test(), sink, 1, Visits(10), {3});
  ASSERT_TRUE(run.PrepareAndCloseAfter(3));
  under_test().Settle();
  EXPECT_THAT(Results(), IsEmpty());
}

TEST_P(FileSinkTest, WhatWasPreparedStaysUntilALaterAttemptFindsItAborted) {
  const auto sink = FileSink<Visit>::Csv(Folder(), {.part_bytes_max = 16});
  SinkUnderTest<Visit> run(under_test(), sink, 2, Visits(10), {3});
  ASSERT_TRUE(run.PrepareAndFinish());
  run.Close();
  under_test().Settle();
  EXPECT_EQ(Results().size(), 7u);
  EXPECT_TRUE(Prepare({}, {.epoch = LeaderEpoch(0), .attempt = AttemptNumber(1)}).ok());
  EXPECT_THAT(Results(), IsEmpty());
}

TEST_P(FileSinkTest, FolderThatDisappearsFailsWithPathAndRemedy) {
  const auto sink = FileSink<Visit>::Csv(Folder());
  ASSERT_TRUE(Prepare().ok());
  RunOnIo(under_test(), [&] {
    ASSERT_TRUE(files().Remove(Folder() + "/.weir-run").ok());
    ASSERT_TRUE(files().RemoveDirectory(Folder()).ok());
  });
  SubtaskUnderTest subtask(under_test(), 0, 1);
  auto writer = sink.NewWriter();
  absl::Status status;
  bool opened = false;
  subtask.Run([&] {
    if (!opened) {
      status = writer->Open(subtask);
      EXPECT_TRUE(writer->Finish().ok());
    }
    opened = true;
    const auto progress = writer->PrepareCommit(CheckpointId(1));
    if (progress.ok() && *progress == Progress::kBlocked) return SubtaskUnderTest::Next::kWait;
    status.Update(progress.status());
    writer->Close();
    writer = nullptr;  // It belongs to this executor.
    return SubtaskUnderTest::Next::kFinished;
  });
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(status.ToString(), HasSubstr(Folder()));
  EXPECT_THAT(status.ToString(), HasSubstr("must stay in place while the job runs"));
}

TEST_P(FileSinkTest, ReadersSeeOnlyTheWholeResult) {
  const auto sink = FileSink<Visit>::Csv(Folder());
  SinkUnderTest<Visit> run(under_test(), sink, 1, Visits(10), {3});
  const auto count_splits = [&] {
    size_t count = 0;
    RunOnIo(under_test(), [&] {
      const auto enumerator = FileSource::Lines(Folder()).NewEnumerator();
      count = enumerator->DiscoverSplits(env(), 1).value().size();
    });
    return count;
  };
  ASSERT_TRUE(run.PrepareAndFinish());
  EXPECT_EQ(count_splits(), 0u);
  ASSERT_TRUE(run.Commit());
  EXPECT_EQ(count_splits(), 1u);
  run.Close();
}

TEST_P(FileSinkTest, TwoSinksInOneFolderAreFoundOut) {
  const auto sink = FileSink<Visit>::Csv(Folder());
  SubtaskUnderTest subtask(under_test(), 0, 1);
  auto writer = sink.NewWriter();
  absl::Status status;
  ASSERT_TRUE(Prepare().ok());
  Write(Folder() + "/part-0-0.csv", "of another sink");
  bool opened = false;
  bool finished = false;
  subtask.Run([&] {
    if (!opened) {
      status = writer->Open(subtask);
      EXPECT_TRUE(writer->Finish().ok());
    }
    opened = true;
    const auto progress =
        finished ? writer->Commit(CheckpointId(1)) : writer->PrepareCommit(CheckpointId(1));
    status.Update(progress.status());
    if (status.ok() && *progress == Progress::kBlocked) return SubtaskUnderTest::Next::kWait;
    if (status.ok() && !finished) {
      finished = true;
      return SubtaskUnderTest::Next::kAgain;
    }
    writer->Close();
    writer = nullptr;  // It belongs to this executor.
    return SubtaskUnderTest::Next::kFinished;
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(ReadFolder(Folder()), testing::Contains(Pair("part-0-0.csv", "of another sink")));
}

INSTANTIATE_TEST_SUITE_P(Envs, FileSinkTest, testing::ValuesIn(AllEnvs()), EnvFactoryName);

}  // namespace
}  // namespace weir
