// A job of two sources with forward channels only, of which one is read in parallel: what befalls one of the three pipelines restarts
// that one, and the others run on.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/cluster/job_manager.h"
#include "core/proto/control.pb.h"
#include "gtest/gtest.h"
#include "sim/observer.h"
#include "sim/short_timeouts.h"
#include "sim/sim_world.h"
#include "tests/cluster/orders_job.h"
#include "tests/simulation/add_task_manager.h"

namespace weir {
namespace {

constexpr int64_t kOrders = 1500;
constexpr absl::Duration kRestartDelay = absl::Milliseconds(300);
constexpr int kLeftSubtasks = 2;  // Subtasks 0 and 1; "right" is subtask 2.

// Which subtasks each attempt deployed, and in which attempts they took part in checkpoints.
class Deployments final : public sim::Observer {
 public:
  void OnRequest(uint64_t, uint64_t, std::string_view method, std::string_view bytes) override {
    if (method == "DeployTasks") {
      const auto request = Parse<proto::DeployTasksRequest>(bytes);
      deployed[request.fence().attempt()].insert(request.subtasks().begin(),
                                                 request.subtasks().end());
      last_deployed_at = world->elapsed();
    } else if (method == "AcknowledgeCheckpoint") {
      const auto request = Parse<proto::AcknowledgeCheckpointRequest>(bytes);
      attempts[request.subtask()].insert(request.fence().attempt());
    }
  }

  const sim::SimWorld* world = nullptr;
  absl::Duration last_deployed_at;
  std::map<uint32_t, std::set<uint32_t>> deployed;  // By attempt.
  std::map<uint32_t, std::set<uint32_t>> attempts;  // Of acknowledgements, by subtask.

 private:
  template <class Request>
  static Request Parse(std::string_view bytes) {
    Request request;
    EXPECT_TRUE(request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return request;
  }
};

class RegionRestartTest : public testing::Test {
 protected:
  RegionRestartTest() {
    deployments_.world = &world_;
    const JobGraphProvider provider = [this](const JobSubmission&) { return Build(); };
    JobManager::Options options;
    options.address = "jm";
    options.job.timeouts = sim::ShortTimeouts();
    job_manager_ = std::make_unique<JobManager>(world_.HostEnv("jm"), options, provider);
    job_manager_->Start();
    for (const char* name : {"tm-1", "tm-2", "tm-3"})
      AddTaskManager(world_, name, 1, sim::ShortTimeouts(), provider);
    EXPECT_EQ(world_.RunFor(absl::Seconds(1)), absl::OkStatus());
    JobSubmission submission;
    submission.job_name = "two";
    submission.checkpoints.durable = true;
    submission.checkpoints.interval = absl::Milliseconds(200);
    submission.checkpoint_folder = "/shared/checkpoints";
    submission.restart_strategy = RestartStrategy::FixedDelayOf(1, kRestartDelay);
    job_manager_->Submit(std::move(submission), nullptr, [this](JobResult result) {
      result_ = std::move(result);
      done_ = true;
    });
  }

  absl::StatusOr<JobGraph> Build() {
    StreamExecutionEnvironment env("two");
    const auto pipeline = [&](const std::string& name, int parallelism, auto on_order,
                              const CollectSink<Order>& sink) {
      env.FromSource(GeneratorSource<Order>(&OrderAt, {.count = kOrders, .rows_per_second = 500}),
                     WatermarkStrategy<Order>::NoWatermarks())
          .Name(name)
          .Uid(name)
          .SetParallelism(parallelism)
          .Map(on_order)
          .Name(name + " map")
          .SetParallelism(parallelism)
          .SinkTo(sink)
          .Uid(name + " sink")
          .SetParallelism(parallelism);
    };
    pipeline(
        "left", kLeftSubtasks,
        [this](const Order& order) {
          if (throws_at_.erase(order.id) > 0) {
            thrown_at_.push_back(world_.elapsed());
            throw std::runtime_error("no such order");
          }
          return order;
        },
        left_);
    pipeline(
        "right", 1, [](const Order& order) { return order; }, right_);
    return env.BuildJobGraph();
  }

  void RunToTheEnd() {
    const absl::Status ended = world_.RunUntil([this] { return done_; }, absl::Minutes(2));
    ASSERT_TRUE(ended.ok()) << ended;
    ASSERT_EQ(result_.state, JobState::kFinished) << result_.status;
    for (const CollectSink<Order>* sink : {&left_, &right_}) {
      std::vector<int64_t> ids;
      for (const Order& order : sink->rows()) ids.push_back(order.id);
      std::sort(ids.begin(), ids.end());
      ASSERT_EQ(ids.size(), static_cast<size_t>(kOrders));
      for (int64_t i = 0; i < kOrders; ++i) ASSERT_EQ(ids[static_cast<size_t>(i)], i);
    }
  }

  // Every attempt but the first is one of these subtasks alone, and nothing of the others was touched.
  void ExpectOnlyRestarted(const std::set<uint32_t>& restarted) {
    EXPECT_EQ(result_.restarts, 1);
    ASSERT_EQ(deployments_.deployed.size(), 2u);
    for (const auto& [attempt, subtasks] : deployments_.deployed)
      EXPECT_EQ(subtasks, attempt == 1 ? (std::set<uint32_t>{0, 1, 2}) : restarted) << attempt;
    for (const uint32_t subtask : {0, 1, 2}) {
      if (restarted.contains(subtask)) {
        EXPECT_GT(*deployments_.attempts[subtask].rbegin(), 1u) << subtask;
      } else {
        EXPECT_EQ(deployments_.attempts[subtask], std::set<uint32_t>{1}) << subtask;
      }
    }
  }

  Deployments deployments_;
  std::set<int64_t> throws_at_;  // Once each.
  std::vector<absl::Duration> thrown_at_;
  CollectSink<Order> left_;
  CollectSink<Order> right_;
  JobResult result_;
  bool done_ = false;
  sim::SimWorld world_{sim::Seed(5), {.observer = &deployments_}};
  std::unique_ptr<JobManager> job_manager_;
};

TEST_F(RegionRestartTest, AFailureRestartsOnePipeline) {
  throws_at_ = {700};  // The first reader has the even ones.
  RunToTheEnd();
  ExpectOnlyRestarted({0});
}

TEST_F(RegionRestartTest, WhatFailsAtOnceIsOneRestart) {
  throws_at_ = {700, 701};
  RunToTheEnd();
  ExpectOnlyRestarted({0, 1});
}

TEST_F(RegionRestartTest, WhatJoinsARestartDoesNotPutItOff) {
  throws_at_ = {700, 801};
  RunToTheEnd();
  ExpectOnlyRestarted({0, 1});
  ASSERT_EQ(thrown_at_.size(), 2u);
  EXPECT_GT(thrown_at_[1] - thrown_at_[0], kRestartDelay / 3);
  EXPECT_LT(deployments_.last_deployed_at - thrown_at_[0], kRestartDelay * 1.2);
}

TEST_F(RegionRestartTest, ALostTaskManagerRestartsThePipelinesThatWereThere) {
  ASSERT_EQ(world_.RunFor(absl::Milliseconds(1200)), absl::OkStatus());
  // It has the second slot, in which only "left" has a subtask. "tm-3" is free.
  world_.Kill("tm-2", {.power_off = true});
  RunToTheEnd();
  ExpectOnlyRestarted({1});
}

TEST_F(RegionRestartTest, WhatSharesALostTaskManagerRestartsTogether) {
  ASSERT_EQ(world_.RunFor(absl::Milliseconds(1200)), absl::OkStatus());
  world_.Kill("tm-1", {.power_off = true});
  RunToTheEnd();
  ExpectOnlyRestarted({0, 2});
}

}  // namespace
}  // namespace weir
