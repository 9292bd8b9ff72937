// Jobs that behave as no job should. Each says where it does: in which of the processes that build its graph.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "weir/weir.h"

namespace {

struct Row {
  weir::EventTime time;
};

// What no job may do: look at its process. "weir", "jobmanager", "rehearse", "worker".
bool RunsIn(const std::string& command) {
  std::ifstream file("/proc/self/cmdline");
  std::string word;
  while (std::getline(file, word, '\0')) {
    if (word == command) return true;
  }
  return false;
}

void Build(weir::StreamExecutionEnvironment& env, const std::string& uid) {
  env.FromSource(
         weir::GeneratorSource<Row>(
             [](int64_t i, weir::GeneratorRandom&) {
               return Row{weir::EventTime::FromSeconds(1'767'225'600 + i)};
             },
             {.count = 10}),
         weir::WatermarkStrategy<Row>::ForMonotonousTimestamps().WithTimestampAssigner(&Row::time))
      .Uid(uid)
      .SinkTo(weir::PrintSink<Row>())
      .Uid("print");
}

void DiffersAtTheJobManager(weir::StreamExecutionEnvironment& env, const weir::JobArgs&) {
  Build(env, RunsIn("jobmanager") ? "one" : "other");
}
WEIR_JOB(differs_at_jobmanager, DiffersAtTheJobManager);

void DiffersAtAWorker(weir::StreamExecutionEnvironment& env, const weir::JobArgs&) {
  Build(env, RunsIn("worker") ? "one" : "other");
}
WEIR_JOB(differs_at_worker, DiffersAtAWorker);

void DiesAtTheJobManager(weir::StreamExecutionEnvironment& env, const weir::JobArgs&) {
  if (RunsIn("jobmanager") || RunsIn("rehearse")) std::abort();
  Build(env, "source");
}
WEIR_JOB(dies_at_jobmanager, DiesAtTheJobManager);

void ThrowsAtTheJobManager(weir::StreamExecutionEnvironment& env, const weir::JobArgs&) {
  if (RunsIn("jobmanager") || RunsIn("rehearse")) throw std::runtime_error("not here");
  Build(env, "source");
}
WEIR_JOB(throws_at_jobmanager, ThrowsAtTheJobManager);

}  // namespace
