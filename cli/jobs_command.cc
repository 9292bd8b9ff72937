#include "cli/jobs_command.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "CLI/Option.hpp"
#include "cli/job_arguments.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "core/base/status_macros.h"
#include "core/graph/job_graph.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

constexpr char kFooter[] = R"(
  weir jobs                                                      all jobs
  weir jobs word_count                                           one, with its arguments
  weir jobs word_count --dot --input=x | dot -Tsvg >graph.svg    its graph)";

absl::StatusOr<std::string> GraphAsDot(const RegisteredJob& job,
                                       const std::vector<std::string>& words) {
  WEIR_ASSIGN_OR_RETURN(JobArgs::Submitted arguments, ParseJobArguments(words));
  WEIR_ASSIGN_OR_RETURN(
      const JobGraph graph,
      BuildJobGraph(job.name, ResolveJobArguments(job, std::move(arguments), UserDirectory())));
  return JobGraphToDot(graph);
}

}  // namespace

std::string DescribeJobs(const std::vector<RegisteredJob>& jobs) {
  if (jobs.empty()) {
    return "There are no jobs in this binary. WEIR_JOB(name, builder) in a cc_library with\n"
           "alwayslink = True adds one.\n";
  }
  size_t width = 0;
  for (const RegisteredJob& job : jobs) width = std::max(width, job.name.size());
  std::string text;
  for (const RegisteredJob& job : jobs) {
    text += fmt::format("{:<{}}  {}\n", job.name, width, job.info.description);
    text += DescribeArguments(job, "    ") + "\n";
  }
  return text + "Run one with `weir run JOB --ARGUMENT=VALUE ...`.\n";
}

std::string DescribeJob(const RegisteredJob& job) {
  std::string text = fmt::format("{}: {}\n", job.name, job.info.description);
  const std::string arguments = DescribeArguments(job, "  ");
  text += arguments.empty() ? "\nIt takes no arguments.\n" : "\nArguments:\n" + arguments;
  std::string example = "weir run " + job.name;
  for (const JobArgument& argument : job.info.arguments) {
    if (argument.required) example += fmt::format(" --{}=...", argument.name);
  }
  return text + "\nRun it with `" + example + "`.\n";
}

CLI::App* JobsCommand::Register(CLI::App& app) {
  command_ = app.add_subcommand("jobs", "List the jobs in this binary and their arguments");
  command_->add_option("JOB", job_, "Only this one");
  command_->add_flag("--dot", dot_,
                     "Print the job's graph for GraphViz; takes the job's arguments, too");
  command_->allow_extras();
  command_->footer(kFooter);
  return command_;
}

ExitCode JobsCommand::PrintDot(const RegisteredJob& job) const {
  const absl::StatusOr<std::string> dot = GraphAsDot(job, command_->remaining());
  if (!dot.ok()) {
    PrintError(dot.status(), "");
    return kExitUsage;
  }
  std::fputs(dot->c_str(), stdout);
  return kExitOk;
}

ExitCode JobsCommand::Run() {
  if (!dot_ && !command_->remaining().empty()) {
    PrintError(absl::InvalidArgumentError("unexpected \"" + command_->remaining().front() + "\""),
               "See `weir jobs --help`.");
    return kExitUsage;
  }
  if (job_.empty() && dot_) {
    PrintError(absl::InvalidArgumentError("--dot needs the name of a job"), "See `weir jobs`.");
    return kExitUsage;
  }
  if (job_.empty()) {
    std::fputs(DescribeJobs(RegisteredJobs()).c_str(), stdout);
    return kExitOk;
  }
  const absl::StatusOr<RegisteredJob> job = FindJob(job_);
  if (!job.ok()) {
    PrintError(job.status(), "See `weir jobs`.");
    return kExitUsage;
  }
  if (dot_) return PrintDot(*job);
  std::fputs(DescribeJob(*job).c_str(), stdout);
  return kExitOk;
}

}  // namespace weir::cli
