#include "tests/grpc/grpc_env_under_test.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir {
namespace {

std::unique_ptr<ProductionEnv> MakeEnv(std::shared_ptr<Network> network) {
  ProductionEnvOptions options;
  options.network = std::move(network);
  return std::make_unique<ProductionEnv>(options);
}

}  // namespace

GrpcEnvUnderTest::GrpcEnvUnderTest(const GrpcNetworkOptions& options,
                                   const GrpcNetworkOptions& peer_options)
    : network_(std::make_shared<GrpcNetwork>(options)),
      peer_network_(std::make_shared<GrpcNetwork>(peer_options)),
      env_(MakeEnv(network_)),
      peer_(MakeEnv(peer_network_)) {}

Address GrpcEnvUnderTest::unserved_address() { return FreeAddress(); }

bool GrpcEnvUnderTest::RunUntil(const std::function<bool()>& done, absl::Duration limit) {
  constexpr std::chrono::microseconds kPauseMax(1'000);
  const absl::Duration start = env_->clock().Monotonic();
  for (std::chrono::microseconds pause(5);; pause = std::min(pause * 2, kPauseMax)) {
    if (done()) return true;
    if (env_->clock().Monotonic() - start > limit) return false;
    std::this_thread::sleep_for(pause);
  }
}

bool GrpcEnvUnderTest::BreakStreams(LossSeenBy) {
  network_->LoseStreams();
  return true;
}

Address FreeAddress() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in bound = {};
  bound.sin_family = AF_INET;
  bound.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(bound);
  WEIR_CHECK_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&bound), size), 0);
  WEIR_CHECK_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size), 0);
  ::close(socket);
  return absl::StrCat("127.0.0.1:", ntohs(bound.sin_port));
}

}  // namespace weir
