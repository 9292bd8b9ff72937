#include "tests/bench/measured_cluster.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <future>
#include <utility>
#include <vector>

#include "cli/env/allocator.h"
#include "cli/env/production_env.h"
#include "core/base/check.h"
#include "core/cluster/job_manager.h"
#include "core/cluster/mini_cluster.h"
#include "core/cluster/task_manager.h"
#include "transport/grpc/grpc_network.h"
#include "transport/inprocess/inprocess_network.h"

namespace weir::bench {
namespace {

constexpr char kAnyPort[] = "127.0.0.1:0";
constexpr char kTaskManagerFlag[] = "--task-manager-with-slots";

double OwnProcessorSeconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ProcessorSecondsOf(pid_t process) {
  clockid_t clock;
  timespec time = {};
  WEIR_CHECK_EQ(::clock_getcpuclockid(process, &clock), 0);
  WEIR_CHECK_EQ(::clock_gettime(clock, &time), 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

ClusterTimeouts Timeouts() {
  ClusterTimeouts timeouts;
  timeouts.heartbeat_interval = absl::Milliseconds(500);
  timeouts.retry_delay = absl::Milliseconds(5);
  return timeouts;
}

// Submits to a JobManager or MiniCluster and waits.
template <class Cluster, class ProcessorSeconds>
Cost RunOn(Cluster& cluster, const JobSubmission& submission, int64_t rows,
           ProcessorSeconds processor_seconds) {
  std::promise<JobResult> done;
  const double before = processor_seconds();
  const auto start = std::chrono::steady_clock::now();
  cluster.Submit(submission, nullptr,
                 [&done](JobResult result) { done.set_value(std::move(result)); });
  const JobResult result = done.get_future().get();
  const Cost cost{std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                  processor_seconds() - before};
  WEIR_CHECK(result.state == JobState::kFinished) << result.status;
  WEIR_CHECK_EQ(result.nodes.back().metrics.num_records_in, rows);
  return cost;
}

class InOneProcess final : public MeasuredCluster {
 public:
  InOneProcess(JobGraphProvider provider, int task_managers, int slots) {
    const auto network = std::make_shared<InProcessNetwork>();
    for (int i = 0; i <= task_managers; ++i) {
      ProductionEnvOptions options;
      options.worker_count = 1;
      options.network = network;
      envs_.push_back(std::make_unique<ProductionEnv>(options));
    }
    MiniClusterOptions options;
    options.task_manager.slots = slots;
    options.timeouts = Timeouts();
    std::vector<Env*> envs;
    for (size_t i = 1; i < envs_.size(); ++i) envs.push_back(envs_[i].get());
    cluster_ = std::make_unique<MiniCluster>(*envs_[0], envs, std::move(provider), options);
  }
  Cost Run(const JobSubmission& submission, int64_t rows) override {
    return RunOn(*cluster_, submission, rows, OwnProcessorSeconds);
  }

 private:
  std::vector<std::unique_ptr<ProductionEnv>> envs_;
  std::unique_ptr<MiniCluster> cluster_;
};

std::unique_ptr<ProductionEnv> NewGrpcEnv() {
  ProductionEnvOptions options;
  options.worker_count = 1;
  options.network = std::make_shared<GrpcNetwork>();
  return std::make_unique<ProductionEnv>(options);
}

class InProcesses final : public MeasuredCluster {
 public:
  InProcesses(JobGraphProvider provider, int task_managers) {
    // Each reads the JobManager's address from its pipe, and ends when that does.
    const std::string slots = std::to_string(2 / task_managers);
    for (int i = 0; i < task_managers; ++i) StartChild(slots);
    env_ = NewGrpcEnv();
    std::promise<absl::StatusOr<Address>> serving;
    JobManager::Options options;
    options.address = kAnyPort;
    options.job.timeouts = Timeouts();
    options.on_serving = [&serving](absl::StatusOr<Address> address) {
      serving.set_value(std::move(address));
    };
    job_manager_ = std::make_unique<JobManager>(*env_, options, std::move(provider));
    job_manager_->Start();
    const absl::StatusOr<Address> address = serving.get_future().get();
    WEIR_CHECK_OK(address.status());
    const std::string line = *address + "\n";
    for (const Child& child : children_) {
      WEIR_CHECK_EQ(::write(child.pipe, line.data(), line.size()),
                    static_cast<ssize_t>(line.size()));
    }
  }
  ~InProcesses() override {
    for (const Child& child : children_) ::close(child.pipe);
    for (const Child& child : children_) ::waitpid(child.process, nullptr, 0);
    job_manager_.reset();
  }
  Cost Run(const JobSubmission& submission, int64_t rows) override {
    return RunOn(*job_manager_, submission, rows, [this] {
      double seconds = OwnProcessorSeconds();
      for (const Child& child : children_) seconds += ProcessorSecondsOf(child.process);
      return seconds;
    });
  }

 private:
  struct Child {
    pid_t process = 0;
    int pipe = -1;
  };
  void StartChild(const std::string& slots) {
    int ends[2];
    WEIR_CHECK_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t process = ::fork();
    WEIR_CHECK_GE(process, 0);
    if (process == 0) {
      ::dup2(ends[0], STDIN_FILENO);
      ::execl("/proc/self/exe", "task-manager", kTaskManagerFlag, slots.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[0]);
    children_.push_back({process, ends[1]});
  }

  std::vector<Child> children_;
  std::unique_ptr<ProductionEnv> env_;
  std::unique_ptr<JobManager> job_manager_;
};

// Up to the end of the line or of the input.
std::string ReadLine() {
  std::string line;
  for (char c; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n';) line.push_back(c);
  return line;
}

}  // namespace

std::unique_ptr<MeasuredCluster> NewOneThread(JobGraphProvider provider) {
  return std::make_unique<InOneProcess>(std::move(provider), 1, 2);
}

std::unique_ptr<MeasuredCluster> NewOneProcess(JobGraphProvider provider) {
  return std::make_unique<InOneProcess>(std::move(provider), 2, 1);
}

std::unique_ptr<MeasuredCluster> NewProcesses(JobGraphProvider provider, int task_managers) {
  return std::make_unique<InProcesses>(std::move(provider), task_managers);
}

void ServeTaskManager(int argc, char** argv, JobGraphProvider provider) {
  if (argc < 3 || std::strcmp(argv[1], kTaskManagerFlag) != 0) return;
  SetUpAllocator();
  const std::unique_ptr<ProductionEnv> env = NewGrpcEnv();
  TaskManager::Options options;
  options.address = kAnyPort;
  options.job_manager = ReadLine();
  options.task_manager.slots = std::stoi(argv[2]);
  options.timeouts = Timeouts();
  TaskManager task_manager(*env, options, std::move(provider));
  task_manager.Start();
  ReadLine();
  std::_Exit(0);
}

}  // namespace weir::bench
