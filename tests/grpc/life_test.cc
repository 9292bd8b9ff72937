// GrpcNetworks come and go: what they leave behind, how long they take, and where they serve.
#include <dirent.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "core/env/testing/network_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/grpc/byte_proxy.h"
#include "tests/grpc/grpc_env_under_test.h"

namespace weir {

// Only the probes are wanted here.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkCallContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkStreamContract);

namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::Duration kPatience = absl::Seconds(60);

int CountIn(const char* folder, const std::function<bool(const std::string& path)>& counts) {
  int count = 0;
  DIR* const entries = ::opendir(folder);
  while (const dirent* entry = ::readdir(entries)) {
    if (counts(std::string(folder) + "/" + entry->d_name)) ++count;
  }
  ::closedir(entries);
  return count;
}

int ThreadCount() {
  return CountIn("/proc/self/task", [](const std::string&) { return true; });
}

int SocketCount() {
  return CountIn("/proc/self/fd", [](const std::string& path) {
    char target[64] = {};
    return ::readlink(path.c_str(), target, sizeof(target) - 1) > 0 &&
           std::string(target).rfind("socket:", 0) == 0;
  });
}

// A client and a server process, one executor each, and what they hold.
class World {
 public:
  explicit World(const Address& at = "127.0.0.1:0", const GrpcNetworkOptions& options = {})
      : envs_(options),
        host_(envs_.peer().NewExecutor("host", ExecutorKind::kControl)),
        client_(envs_.env().NewExecutor("client", ExecutorKind::kControl)),
        probe_(host_.get()),
        in_(host_.get()),
        out_(client_.get()) {
    probe_.on_call = [](std::string_view, std::string request, CallReply reply) {
      reply(std::move(request));
    };
    in_.grant_at_accept = 1000;
    probe_.on_open = [this](const std::string&) { return in_.Accept(); };
    auto served = envs_.peer().network().Serve(at, host_.get(), &probe_);
    status_ = served.status();
    if (served.ok()) server_ = *std::move(served);
  }

  ~World() {
    client_->Shutdown();
    host_->Shutdown();
    calls_.clear();
    out_.sender.reset();
    in_.receiver.reset();
    server_.reset();
  }

  const absl::Status& status() const { return status_; }
  Address address() const { return server_->address(); }
  // On its executor: what it is called from may have started.
  void OnCall(std::function<void(std::string_view, std::string, CallReply)> on_call) {
    std::atomic<bool> set = false;
    host_->Post([&] {
      probe_.on_call = std::move(on_call);
      set = true;
    });
    ASSERT_TRUE(RunUntil([&] { return set.load(); }));
  }
  Executor& host() { return *host_; }
  Executor& client() { return *client_; }
  SenderProbe& out() { return out_; }
  ReceiverProbe& in() { return in_; }
  EventLog& log() { return log_; }

  bool RunUntil(const std::function<bool()>& done) { return envs_.RunUntil(done, kPatience); }

  void Call(const Address& to, absl::Duration deadline = absl::Seconds(20)) {
    client_->Post([this, to, deadline] {
      calls_.push_back(envs_.env().network().Call(
          to, "Echo", "x", deadline, client_.get(), [this](absl::StatusOr<std::string> response) {
            log_.Add(response.ok() ? *response : Describe(response.status()));
          }));
    });
  }
  void Open(const Address& to) {
    client_->Post([this, to] {
      out_.sender = envs_.env().network().OpenStream(to, "hello", client_.get(), &out_);
    });
  }

 private:
  GrpcEnvUnderTest envs_;
  const std::unique_ptr<Executor> host_;
  const std::unique_ptr<Executor> client_;
  EventLog log_;
  ServerProbe probe_;
  ReceiverProbe in_;
  SenderProbe out_;
  absl::Status status_;
  std::unique_ptr<Server> server_;
  std::vector<std::unique_ptr<CallHandle>> calls_;  // (client)
};

// A client and a server, from their start to their end, one call long.
void LiveOneCall() {
  GrpcEnvUnderTest world;
  ServerProbe probe(nullptr);
  auto host = world.peer().NewExecutor("host", ExecutorKind::kControl);
  auto server = world.peer().network().Serve("127.0.0.1:0", host.get(), &probe);
  ASSERT_TRUE(server.ok()) << server.status();
  auto client = world.env().NewExecutor("client", ExecutorKind::kControl);
  std::atomic<bool> answered = false;
  std::unique_ptr<CallHandle> call;
  client->Post([&] {
    call = world.env().network().Call((*server)->address(), "Echo", "x", absl::Seconds(10),
                                      client.get(),
                                      [&](absl::StatusOr<std::string>) { answered = true; });
  });
  // The server's executor is down: the call is answered all the same.
  host->Shutdown();
  EXPECT_TRUE(world.RunUntil([&] { return answered.load(); }, absl::Seconds(20)));
  client->Shutdown();
  call.reset();
  server->reset();
}

TEST(GrpcNetworkLife, ThreadsAndSocketsAreGoneWithTheNetwork) {
  // What gRPC keeps for the life of the process is there after the first.
  LiveOneCall();
  const int threads_before = ThreadCount();
  const int sockets_before = SocketCount();
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) LiveOneCall();
  // gRPC ends its own threads and closes its sockets when it likes, and may have a few more threads than after the first.
  const absl::Time end = absl::Now() + kPatience;
  while ((ThreadCount() >= threads_before + kRounds || SocketCount() > sockets_before) &&
         absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_LT(ThreadCount(), threads_before + kRounds);
  EXPECT_LE(SocketCount(), sockets_before);
}

TEST(GrpcNetworkLife, AReplyMayOutliveItsNetwork) {
  CallReply held;
  {
    World world;
    std::atomic<bool> called = false;
    world.OnCall([&](std::string_view, std::string, CallReply reply) {
      held = std::move(reply);
      called = true;
    });
    world.Call(world.address());
    ASSERT_TRUE(world.RunUntil([&] { return called.load(); }));
  }
  held("too late");
}

TEST(GrpcNetworkLife, ACallerHearsOfAServerThatGoes) {
  World caller;
  auto server = std::make_unique<World>();
  CallReply held;
  std::atomic<bool> called = false;
  server->OnCall([&](std::string_view, std::string, CallReply reply) {
    held = std::move(reply);
    called = true;
  });
  caller.Call(server->address());
  ASSERT_TRUE(caller.RunUntil([&] { return called.load(); }));
  server.reset();
  ASSERT_TRUE(caller.RunUntil([&] { return caller.log().size() == 1; }));
  EXPECT_THAT(caller.log().events().front(), StartsWith("UNAVAILABLE: "));
}

// Neither who says nothing, nor who reads nothing, holds up the end of a network for longer than
// its peers may be silent.
TEST(GrpcNetworkLife, ANetworkEndsWhileItsPeersHang) {
  absl::Time start;
  int silent = -1;
  std::unique_ptr<ByteProxy> proxy;
  {
    GrpcNetworkOptions options;
    options.keepalive_timeout = absl::Seconds(1);
    World world("127.0.0.1:0", options);
    silent = ConnectTo(world.address());
    proxy = std::make_unique<ByteProxy>(world.address());
    world.Open(proxy->address());
    ASSERT_TRUE(world.RunUntil([&] { return world.in().log.Has("accepted"); }));
    world.Call(proxy->address());
    ASSERT_TRUE(world.RunUntil([&] { return world.log().size() == 1; }));
    proxy->Stall();
    std::atomic<bool> sent = false;
    world.client().Post([&] {
      while (world.out().sender->credit() > 0) {
        world.out().sender->Send(Lane::kFifo, std::string(100'000, 'x'));
      }
      sent = true;
    });
    world.Call(proxy->address());
    ASSERT_TRUE(world.RunUntil([&] { return sent.load(); }));
    start = absl::Now();
  }
  EXPECT_LE(absl::Now() - start, absl::Seconds(5));
  ::close(silent);
}

TEST(GrpcNetworkLife, HostsMayBeNamesAndOtherFamilies) {
  for (const std::string host : {"localhost", "127.0.0.1", "0.0.0.0", "[::1]"}) {
    World world(host + ":0");
    if (host == "[::1]" && !world.status().ok()) continue;  // A machine without IPv6.
    ASSERT_TRUE(world.status().ok()) << world.status();
    EXPECT_THAT(world.address(), StartsWith(host + ":"));
    EXPECT_NE(world.address(), host + ":0");
    world.Call(world.address());
    ASSERT_TRUE(world.RunUntil([&] { return world.log().size() == 1; }));
    EXPECT_EQ(world.log().events().front(), "x") << host;
  }
}

TEST(GrpcNetworkLife, WhereNobodyCanServeSaysWhy) {
  World world;
  EXPECT_EQ(World(world.address()).status().code(), absl::StatusCode::kAlreadyExists);
  for (const std::string address : {"", "nonsense", "127.0.0.1", "127.0.0.1:", ":7", "127.0.0.1:x",
                                    "127.0.0.1:70000", "192.0.2.1:0", "no such host:0"}) {
    const absl::Status refused = World(address).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << address << ": " << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(address));
  }
}

TEST(GrpcNetworkLife, AddressesThatAreNoneAreUnavailable) {
  World world;
  int calls = 0;
  for (const std::string to : {"", "nonsense", "127.0.0.1", "127.0.0.1:", ":7", "127.0.0.1:x",
                               "127.0.0.1:70000", "no.such.host.invalid:7"}) {
    world.Call(to, absl::Seconds(30));
    ++calls;
    ASSERT_TRUE(world.RunUntil([&] { return world.log().size() == calls; })) << to;
    EXPECT_THAT(world.log().events().back(), StartsWith("UNAVAILABLE: ")) << to;
  }
}

TEST(GrpcNetworkLife, ProxiesOfTheEnvironmentAreIgnored) {
  for (const char* name : {"http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY"}) {
    ::setenv(name, "http://127.0.0.1:1", 1);
  }
  World world("localhost:0");
  world.Call(world.address());
  ASSERT_TRUE(world.RunUntil([&] { return world.log().size() == 1; }));
  EXPECT_EQ(world.log().events().front(), "x");
}

}  // namespace
}  // namespace weir
