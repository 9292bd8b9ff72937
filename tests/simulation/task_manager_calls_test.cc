// What a TaskManager answers to a JobManager whose messages the network has reordered.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/cluster/rpc_client.h"
#include "core/cluster/rpc_dispatcher.h"
#include "core/cluster/task_manager.h"
#include "core/graph/job_graph.h"
#include "core/proto/control.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/short_timeouts.h"
#include "sim/sim_world.h"
#include "tests/cluster/orders_job.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

// Takes every TaskManager, and calls as it is told.
class ScriptedJobManager final : public ServerHandler {
 public:
  explicit ScriptedJobManager(sim::SimWorld& world)
      : world_(world),
        env_(world.HostEnv("jm")),
        control_(env_.NewExecutor("control", ExecutorKind::kControl)),
        rpc_(std::make_unique<RpcClient>(env_.network(), control_.get())) {
    dispatcher_.Register<proto::RegisterTaskManagerRequest, proto::RegisterTaskManagerResponse>(
        "RegisterTaskManager", [this](const proto::RegisterTaskManagerRequest&, auto reply) {
          ++registrations_;
          proto::RegisterTaskManagerResponse response;
          response.set_leader_epoch(1);
          response.set_cluster_id("c");
          response.set_heartbeat_interval_ms(200);
          response.set_heartbeat_timeout_ms(2000);
          reply(response);
        });
    dispatcher_.Register<proto::HeartbeatRequest, proto::HeartbeatResponse>(
        "Heartbeat",
        [](const proto::HeartbeatRequest&, auto reply) { reply(proto::HeartbeatResponse()); });
    control_->Post([this] {
      auto server = env_.network().Serve("jm", control_.get(), this);
      WEIR_CHECK_OK(server.status());
      server_ = *std::move(server);
    });
  }
  ~ScriptedJobManager() override {
    control_->Shutdown();
    server_.reset();
  }

  void OnCall(std::string_view method, std::string request, CallReply reply) override {
    dispatcher_.Dispatch(method, std::move(request), std::move(reply));
  }
  absl::StatusOr<Accepted> OnOpenStream(std::string) override {
    return absl::UnimplementedError("no streams");
  }

  template <class Response, class Request>
  absl::Status Call(std::string_view method, const Request& request) {
    std::optional<absl::Status> answer;
    control_->Post([&] {
      rpc_->Call<Response>("tm", method, request, absl::Seconds(5),
                           [&](absl::StatusOr<Response> response) { answer = response.status(); });
    });
    WEIR_CHECK_OK(world_.RunUntil([&] { return answer.has_value(); }, absl::Seconds(10)));
    return *answer;
  }
  int registrations() const { return registrations_; }

 private:
  sim::SimWorld& world_;
  Env& env_;
  std::unique_ptr<Executor> control_;
  std::unique_ptr<RpcClient> rpc_;
  RpcDispatcher dispatcher_;
  std::unique_ptr<Server> server_;
  int registrations_ = 0;
};

class TaskManagerCallsTest : public testing::Test {
 protected:
  TaskManagerCallsTest() {
    TaskManager::Options options;
    options.address = "tm";
    options.job_manager = "jm";
    options.task_manager.slots = 1;
    options.timeouts = sim::ShortTimeouts();
    task_manager_ = std::make_unique<TaskManager>(
        world_.HostEnv("tm"), options,
        [this](const JobSubmission&) { return BuildTotals(sink_, job_); });
    task_manager_->Start();
    WEIR_CHECK_OK(
        world_.RunUntil([this] { return job_manager_.registrations() > 0; }, absl::Seconds(5)));
  }

  static proto::Fence Fence(const std::string& job, uint32_t attempt) {
    proto::Fence fence;
    fence.set_leader_epoch(1);
    fence.set_job_id(job);
    fence.set_attempt(attempt);
    return fence;
  }
  absl::Status Deploy(const std::string& job, uint32_t attempt) {
    proto::DeployTasksRequest request;
    *request.mutable_fence() = Fence(job, attempt);
    request.set_default_parallelism(1);
    request.set_job_graph_digest(JobGraphDigest(*BuildTotals(sink_, job_)));
    request.add_slot_addresses("tm");
    request.set_chaining(true);
    request.set_fusion(true);
    request.add_subtasks(0);
    return job_manager_.Call<proto::DeployTasksResponse>("DeployTasks", request);
  }
  absl::Status Release(const std::string& job, uint32_t attempt) {
    proto::ReleaseTasksRequest request;
    *request.mutable_fence() = Fence(job, attempt);
    request.add_subtasks(0);
    return job_manager_.Call<proto::ReleaseTasksResponse>("ReleaseTasks", request);
  }

  const OrdersJobOptions job_{
      .orders = 100, .shards = 0, .rows_per_second = 10, .on_order = nullptr};
  CollectSink<Total> sink_;
  sim::SimWorld world_{sim::Seed(1)};
  ScriptedJobManager job_manager_{world_};
  std::unique_ptr<TaskManager> task_manager_;
};

TEST_F(TaskManagerCallsTest, WhatWasReleasedIsNotDeployedAfterwards) {
  EXPECT_TRUE(Release("job", 2).ok());
  for (const uint32_t attempt : {1, 2}) {
    const absl::Status late = Deploy("job", attempt);
    EXPECT_TRUE(absl::IsAborted(late)) << late;
    EXPECT_THAT(std::string(late.message()), HasSubstr("was released on tm"));
  }
  EXPECT_EQ(Deploy("job", 3), absl::OkStatus());
}

TEST_F(TaskManagerCallsTest, AReleaseIsOfOneJob) {
  EXPECT_TRUE(Release("former", 7).ok());
  EXPECT_EQ(Deploy("job", 1), absl::OkStatus());
  EXPECT_TRUE(Release("job", 1).ok());
  EXPECT_TRUE(absl::IsAborted(Deploy("job", 1)));
  EXPECT_EQ(Deploy("job", 2), absl::OkStatus());
}

}  // namespace
}  // namespace weir
