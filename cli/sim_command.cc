#include "cli/sim_command.h"

#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "CLI/Option.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/env/production_clock.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "cli/terminal.h"
#include "core/base/string_view.h"
#include "sim/fault_plan.h"
#include "sim/seed_run.h"
#include "sim/workloads/workloads.h"

namespace weir::cli {
namespace {

constexpr char kFooter[] = R"(
Each seed is one run of a whole cluster in one thread and in virtual time: the JobManager and the
TaskManagers of production, a job, and a plan of faults, all drawn from the seed. Processes die
between any two operations on files, freeze and come back; connections break, machines lose power
with unsynced writes, disks fill up, clocks jump. Then everything heals, and the job has to finish
with exactly the output that a plain loop computes, while oracles watch messages and files. The
same seed is the same run, everywhere.

  weir sim --seeds=200                        seeds 1 to 200
  weir sim --job=keyed_union --seed=17        one run again
  weir sim --seed=17 --trace=/tmp/17.txt      with all its events (docs/SIMULATOR.md has the columns)
  weir sim --seed=17 --faults=/tmp/plan.txt   with these faults instead: a plan as a failure prints it

The last two lines say what was done and how it ended:
  checkpoints=A recoveries=B faults=kind:n,... fileop_crashes=C rows_compared=D
  seeds=N failures=F digest=<16 hex digits> seeds_per_second=X sim_seconds_per_second=Y

Exit codes: 0 clean, 2 wrong usage, 3 wrong results, 4 no progress, 5 crash, 6 nothing shown (too
little was done, broken or compared), 7 not deterministic; of several kinds the smallest.)";

constexpr ExitCode kExitNotDeterministic = static_cast<ExitCode>(7);

ExitCode CodeOf(sim::Verdict verdict) {
  switch (verdict) {
    case sim::Verdict::kClean:
      return kExitOk;
    case sim::Verdict::kCorrectness:
      return static_cast<ExitCode>(3);
    case sim::Verdict::kLiveness:
      return static_cast<ExitCode>(4);
    case sim::Verdict::kCrash:
      return static_cast<ExitCode>(5);
    case sim::Verdict::kVacuous:
      return static_cast<ExitCode>(6);
  }
  return kExitFailed;
}

// The smallest code of what was found, as documented; 0 if nothing was.
ExitCode WorstCode(const std::map<sim::Verdict, uint64_t>& verdicts) {
  ExitCode code = kExitOk;
  for (const auto& [verdict, count] : verdicts) {
    const ExitCode of = CodeOf(verdict);
    if (of != kExitOk && (code == kExitOk || of < code)) code = of;
  }
  return code;
}

std::string CalledAs() {
  return std::getenv("BUILD_WORKSPACE_DIRECTORY") != nullptr ? "./bazelw run //cli:weir --"
                                                             : "weir";
}

// A line on a terminal that is overwritten in place; elsewhere one every ten seconds.
class SimProgress {
 public:
  SimProgress(uint64_t seeds, const Clock& clock)
      : seeds_(seeds), clock_(clock), live_(IsLiveTerminal(stderr)), start_(clock.Monotonic()) {}

  double seconds() const { return absl::ToDoubleSeconds(clock_.Monotonic() - start_); }

  void Show(uint64_t done, uint64_t failures) {
    const absl::Duration now = clock_.Monotonic();
    if (now - last_ < (live_ ? absl::Milliseconds(200) : absl::Seconds(10))) return;
    last_ = now;
    const double rate = static_cast<double>(done) / seconds();
    absl::FPrintF(stderr, "%s%d of %d seeds, %d failed, %.1f seeds/s, about %.0f s left%s",
                  live_ ? "\r\x1b[K" : "weir sim: ", done, seeds_, failures, rate,
                  static_cast<double>(seeds_ - done) / rate, live_ ? "" : "\n");
    std::fflush(stderr);
  }
  void Clear() const {
    if (live_) std::fputs("\r\x1b[K", stderr);
  }

 private:
  const uint64_t seeds_;
  const Clock& clock_;
  const bool live_;
  const absl::Duration start_;
  absl::Duration last_ = start_;
};

std::string Indented(std::string_view text) {
  std::string out;
  for (const absl::string_view line : absl::StrSplit(ToAbsl(text), '\n', absl::SkipEmpty())) {
    absl::StrAppend(&out, "    ", line, "\n");
  }
  return out;
}

// What this program prints when called with `arguments`; its memory is laid out differently from ours.
absl::StatusOr<std::string> OutputOfOwnCall(const std::vector<std::string>& arguments) {
  char self[4096];
  const ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
  if (size <= 0) return absl::UnavailableError("cannot find this program in /proc/self/exe");
  std::string command = absl::StrCat(
      "MALLOC_PERTURB_=165 GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.top_pad=65536 '",
      absl::string_view(self, static_cast<size_t>(size)), "'");
  for (const std::string& argument : arguments) absl::StrAppend(&command, " '", argument, "'");
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return absl::UnavailableError("cannot start a second process");
  std::string output;
  char bytes[65536];
  while (const size_t count = std::fread(bytes, 1, sizeof(bytes), pipe))
    output.append(bytes, count);
  const int status = pclose(pipe);
  if (status != 0) {
    return absl::UnavailableError(absl::StrCat("the second process ended with status ", status));
  }
  return output;
}

absl::StatusOr<std::map<uint64_t, uint64_t>> ParseDigests(const std::string& text) {
  std::map<uint64_t, uint64_t> digests;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    uint64_t seed = 0;
    uint64_t digest = 0;
    if (words.size() != 2 || !absl::SimpleAtoi(words[0], &seed) ||
        !absl::SimpleHexAtoi(words[1], &digest)) {
      return absl::DataLossError(absl::StrCat("the second process printed \"", line, "\""));
    }
    digests[seed] = digest;
  }
  return digests;
}

void PrintTotals(const sim::CampaignTotals& totals, double seconds) {
  std::fputs(totals.SeenText().c_str(), stdout);
  absl::PrintF(
      "%s\nseeds=%d failures=%d digest=%016x seeds_per_second=%.2f sim_seconds_per_second=%.0f\n",
      totals.WorkLine(), totals.seeds(), totals.failures(), totals.digest(),
      static_cast<double>(totals.seeds()) / seconds, totals.simulated_seconds() / seconds);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  std::string text;
  char bytes[65536];
  while (const size_t count = std::fread(bytes, 1, sizeof(bytes), file)) text.append(bytes, count);
  std::fclose(file);
  return text;
}

}  // namespace

std::string DescribeFailure(const sim::SeedReport& report, const std::string& replay) {
  std::string text =
      absl::StrFormat("seed %d FAILED (%s): %s\n  what:   %s\n", report.seed,
                      std::string(sim::VerdictName(report.verdict)), report.oracle, report.what);
  if (report.at_ns > 0) {
    absl::StrAppendFormat(&text, "  when:   %.6f s after the world began\n",
                          static_cast<double>(report.at_ns) / 1e9);
  }
  if (!report.where.empty()) absl::StrAppend(&text, "  where:  ", report.where, "\n");
  if (!report.plan.empty()) {
    absl::StrAppend(&text, "  faults, times from the submission of the job on:\n",
                    Indented(report.plan));
  }
  absl::StrAppend(&text, "  replay: ", replay, " sim",
                  report.job.empty() ? "" : " --job=" + report.job, " --seed=", report.seed, "\n");
  return text;
}

CLI::App* SimCommand::Register(CLI::App& app) {
  command_ = app.add_subcommand("sim", "Run jobs in simulated clusters that break");
  command_->add_option("--job", job_, "Only this job (default: drawn from the seed)")
      ->type_name("NAME");
  auto* const seed = command_->add_option("--seed", seed_, "One run, of this seed")->type_name("S");
  command_->add_option("--seeds", seeds_, "How many seeds (default 100)")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->excludes(seed);
  command_->add_option("--first-seed", first_seed_, "The first of them (default 1)")
      ->type_name("S")
      ->excludes(seed);
  command_->add_option("--seconds", seconds_, "Begin no run after so long (default: no limit)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command_->add_flag("--until-failure", until_failure_, "Begin no run after one has failed");
  command_->add_option("--processes", processes_, "Runs at a time (default: one per processor)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command_->add_flag("--check-determinism", check_determinism_,
                     "Run every seed a second time, in another process, and compare");
  command_->add_option("--trace", trace_, "Write all events of the run to this file")
      ->type_name("FILE")
      ->needs(seed);
  command_->add_option("--faults", faults_, "Use the fault plan in this file")
      ->type_name("FILE")
      ->needs(seed);
  command_->add_flag("--print-digests", print_digests_)->group("");
  command_->footer(kFooter);
  return command_;
}

sim::CampaignOptions SimCommand::Campaign() const {
  const bool one = command_->count("--seed") > 0;
  return {
      .job = job_,
      .first_seed = one ? seed_ : first_seed_,
      .seeds = one ? 1 : seeds_,
      .processes = processes_ > 0 ? processes_ : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)),
      .backwards = print_digests_};
}

absl::Status SimCommand::CheckOptions() {
  if (!job_.empty()) {
    if (const auto workload = sim::NewWorkload(job_, sim::Seed(1)); !workload.ok()) {
      return workload.status();
    }
  }
  if (check_determinism_ && !faults_.empty()) {
    return absl::InvalidArgumentError("--check-determinism and --faults do not go together");
  }
  return absl::OkStatus();
}

ExitCode SimCommand::Run() {
  if (const absl::Status status = CheckOptions(); !status.ok()) {
    PrintError(status, "See `weir sim --help`.");
    return kExitUsage;
  }
  if (print_digests_) return PrintDigests();
  if (!trace_.empty() || !faults_.empty()) return RunTraced();
  return RunSeeds();
}

// For --check-determinism of another process.
ExitCode SimCommand::PrintDigests() {
  const absl::Status status = RunCampaign(Campaign(), [](const sim::SeedReport& report) {
    absl::PrintF("%d %016x\n", report.seed, report.digest);
  });
  if (status.ok()) return kExitOk;
  PrintError(status, "");
  return kExitFailed;
}

ExitCode SimCommand::RunTraced() {
  sim::SeedRunOptions options{.seed = seed_, .job = job_};
  if (!faults_.empty()) {
    const std::string path = AbsolutePath(faults_, UserDirectory());
    absl::StatusOr<std::string> text = ReadFile(path);
    absl::StatusOr<sim::FaultPlan> plan =
        text.ok() ? sim::ParseFaultPlan(*text) : absl::StatusOr<sim::FaultPlan>(text.status());
    if (!plan.ok()) {
      PrintError(
          absl::Status(plan.status().code(), absl::StrCat(path, ": ", plan.status().message())),
          "A failed seed prints its plan; docs/SIMULATOR.md has the kinds of faults.");
      return kExitUsage;
    }
    options.faults = *std::move(plan);
  }
  std::FILE* trace = nullptr;
  if (!trace_.empty()) {
    const std::string path = AbsolutePath(trace_, UserDirectory());
    trace = std::fopen(path.c_str(), "w");
    if (trace == nullptr) {
      PrintError(absl::PermissionDeniedError("cannot write " + path), "Name another file.");
      return kExitUsage;
    }
    options.trace = [trace](std::string_view line) {
      std::fwrite(line.data(), 1, line.size(), trace);
      std::fputc('\n', trace);
    };
  }
  const ProductionClock clock;
  const absl::Duration start = clock.Monotonic();
  const absl::StatusOr<sim::SeedReport> report = sim::RunSeed(std::move(options));
  if (trace != nullptr) std::fclose(trace);
  if (!report.ok()) {
    PrintError(report.status(), "");
    return kExitUsage;
  }
  sim::CampaignTotals totals;
  totals.Add(*report);
  if (report->verdict != sim::Verdict::kClean) {
    std::fputs(DescribeFailure(*report, CalledAs()).c_str(), stdout);
  }
  PrintTotals(totals, absl::ToDoubleSeconds(clock.Monotonic() - start));
  return WorstCode(totals.verdicts());
}

ExitCode SimCommand::RunSeeds() {
  sim::CampaignOptions campaign = Campaign();
  const ProductionClock clock;
  SimProgress progress(campaign.seeds, clock);
  sim::CampaignTotals totals;
  campaign.goes_on = [&] {
    if (until_failure_ && totals.failures() > 0) return false;
    return seconds_ == 0 || progress.seconds() < static_cast<double>(seconds_);
  };
  const absl::Status status = RunCampaign(campaign, [&](const sim::SeedReport& report) {
    totals.Add(report);
    if (report.verdict != sim::Verdict::kClean) {
      progress.Clear();
      std::fputs(DescribeFailure(report, CalledAs()).c_str(), stdout);
      std::fflush(stdout);
    }
    progress.Show(totals.seeds(), totals.failures());
  });
  progress.Clear();
  if (!status.ok()) {
    PrintError(status, "");
    return kExitFailed;
  }
  const double seconds = progress.seconds();
  ExitCode code = WorstCode(totals.verdicts());
  if (const absl::Status vacuous = totals.CheckVacuity(); !vacuous.ok() && code == kExitOk) {
    std::fputs(absl::StrCat("NOTHING SHOWN: ", vacuous.message(), "\n").c_str(), stdout);
    code = CodeOf(sim::Verdict::kVacuous);
  }
  if (check_determinism_) {
    const ExitCode compared = CompareWithSecondRun(totals);
    if (code == kExitOk) code = compared;
  }
  PrintTotals(totals, seconds);
  return code;
}

ExitCode SimCommand::CompareWithSecondRun(const sim::CampaignTotals& totals) const {
  const sim::CampaignOptions campaign = Campaign();
  std::vector<std::string> arguments = {
      "sim", "--print-digests", absl::StrCat("--first-seed=", campaign.first_seed),
      absl::StrCat("--seeds=", totals.seeds()), absl::StrCat("--processes=", campaign.processes)};
  if (!job_.empty()) arguments.push_back("--job=" + job_);
  const absl::StatusOr<std::string> output = OutputOfOwnCall(arguments);
  const auto again = output.ok() ? ParseDigests(*output)
                                 : absl::StatusOr<std::map<uint64_t, uint64_t>>(output.status());
  if (!again.ok()) {
    PrintError(again.status(), "");
    return kExitFailed;
  }
  uint64_t different = 0;
  for (const auto& [seed, digest] : totals.digests()) {
    const auto found = again->find(seed);
    if (found != again->end() && found->second == digest) continue;
    if (++different > 1) continue;
    absl::PrintF(
        "seed %d IS NOT DETERMINISTIC: its digest was %016x, and in another process %016x\n"
        "  Two traces of it tell where: write both and compare them line by line\n"
        "  replay: %s sim%s --seed=%d --trace=FILE\n",
        seed, digest, found == again->end() ? 0 : found->second, CalledAs(),
        job_.empty() ? "" : " --job=" + job_, seed);
  }
  absl::PrintF("ran %d seeds twice, the second time in another process: %d digests differ\n",
               totals.seeds(), different);
  return different == 0 ? kExitOk : kExitNotDeterministic;
}

}  // namespace weir::cli
