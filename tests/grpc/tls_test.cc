// TLS between processes: whom it lets in, and what it tells the others.
#include <memory>
#include <string>
#include <utility>

#include "core/env/testing/network_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/grpc/grpc_env_under_test.h"
#include "tests/grpc/test_certificates.h"

namespace weir {

// Only the fixture is wanted here.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkCallContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkStreamContract);

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

GrpcSecurity RequiringCertificates(GrpcSecurity security) {
  security.require_client_certificate = true;
  return security;
}

class Tls : public NetworkContract {
 protected:
  // What a call and a stream to a server see; both the same.
  std::string Outcome(const GrpcSecurity& client_security, const GrpcSecurity& server_security) {
    clients_.push_back(std::make_unique<GrpcNetwork>(Options(client_security)));
    servers_.push_back(std::make_unique<GrpcNetwork>(Options(server_security)));
    auto probe = std::make_unique<ServerProbe>(&host());
    ReceiverProbe& in = NewReceiver();
    std::unique_ptr<Server> server;
    RunOn(host(), [&] {
      probe->on_call = [](std::string_view, std::string request, CallReply reply) {
        reply(std::move(request));
      };
      probe->on_open = [&in](const std::string&) { return in.Accept(); };
      auto served = servers_.back()->Serve("127.0.0.1:0", &host(), probe.get());
      ASSERT_TRUE(served.ok()) << served.status();
      server = *std::move(served);
    });
    EventLog outcomes;
    std::unique_ptr<CallHandle> call;
    SenderProbe out(&client());
    RunOn(client(), [&] {
      call = clients_.back()->Call(
          server->address(), "Echo", "hello", absl::Seconds(30), &client(),
          [&](absl::StatusOr<std::string> response) {
            outcomes.Add(response.ok() ? *response : Describe(response.status()));
          });
      out.sender = clients_.back()->OpenStream(server->address(), "hello", &client(), &out);
    });
    EXPECT_TRUE(
        RunUntil([&] { return outcomes.size() == 1 && (out.broken() || in.log.Has("accepted")); }));
    EXPECT_EQ(out.broken(), outcomes.events().front() != "hello");
    if (out.broken()) {
      EXPECT_THAT(out.log.events().back(), StartsWith("broken:UNAVAILABLE: "));
    }
    RunOn(client(), [&] {
      call.reset();
      out.sender.reset();
    });
    RunOn(channel(), [&] { in.receiver.reset(); });
    RunOn(host(), [&] { server.reset(); });
    return outcomes.events().front();
  }

  static GrpcNetworkOptions Options(const GrpcSecurity& security) {
    GrpcNetworkOptions options;
    options.security = security;
    options.connect_timeout = absl::Seconds(5);
    return options;
  }

 private:
  std::vector<std::unique_ptr<GrpcNetwork>> clients_;
  std::vector<std::unique_ptr<GrpcNetwork>> servers_;
};

TEST_P(Tls, TheServersCertificateIsEnoughUnlessItWantsOthers) {
  EXPECT_EQ(Outcome(TestSecurity("ca", ""), TestSecurity("ca", "server")), "hello");
  EXPECT_EQ(Outcome(TestSecurity("ca", "client"), TestSecurity("ca", "server")), "hello");
  EXPECT_EQ(
      Outcome(TestSecurity("ca", "client"), RequiringCertificates(TestSecurity("ca", "server"))),
      "hello");
}

TEST_P(Tls, ACertificateOfAnotherCaIsRefused) {
  EXPECT_THAT(Outcome(TestSecurity("other_ca", ""), TestSecurity("ca", "server")),
              AllOf(StartsWith("UNAVAILABLE: "), HasSubstr("certificates of one CA")));
}

TEST_P(Tls, ACertificateOfAnotherHostIsRefused) {
  EXPECT_THAT(Outcome(TestSecurity("ca", ""), TestSecurity("ca", "elsewhere")),
              AllOf(StartsWith("UNAVAILABLE: "), HasSubstr("subject alternative name")));
}

TEST_P(Tls, AMissingClientCertificateIsRefused) {
  EXPECT_THAT(Outcome(TestSecurity("ca", ""), RequiringCertificates(TestSecurity("ca", "server"))),
              AllOf(StartsWith("UNAVAILABLE: "), HasSubstr("if it requires client certificates")));
}

TEST_P(Tls, AClientCertificateOfAnotherCaIsRefused) {
  EXPECT_THAT(Outcome(TestSecurity("ca", "other_client"),
                      RequiringCertificates(TestSecurity("ca", "server"))),
              AllOf(StartsWith("UNAVAILABLE: "), HasSubstr("trusts the certificate given here")));
}

TEST_P(Tls, PlaintextToATlsPortIsRefused) {
  EXPECT_THAT(Outcome({}, TestSecurity("ca", "server")),
              AllOf(StartsWith("UNAVAILABLE: "), HasSubstr("may require TLS")));
}

TEST_P(Tls, TlsToAPlaintextPortIsRefused) {
  EXPECT_THAT(Outcome(TestSecurity("ca", ""), {}),
              AllOf(StartsWith("UNAVAILABLE: "), HasSubstr("does not speak TLS")));
}

TEST_P(Tls, WhatCannotServeSaysWhatIsMissing) {
  const auto serve = [&](const GrpcSecurity& security) {
    GrpcNetwork network(Options(security));
    ServerProbe probe(&host());
    auto server = network.Serve("127.0.0.1:0", &host(), &probe);
    return Describe(server.status());
  };
  EXPECT_THAT(serve(TestSecurity("ca", "")),
              AllOf(StartsWith("INVALID_ARGUMENT: "), HasSubstr("needs a certificate")));
  EXPECT_THAT(serve(RequiringCertificates(TestSecurity("", "server"))),
              AllOf(StartsWith("INVALID_ARGUMENT: "), HasSubstr("the CA that signs them")));
  GrpcSecurity damaged = TestSecurity("ca", "server");
  damaged.private_key_pem = TestSecurity("ca", "client").private_key_pem;
  EXPECT_THAT(serve(damaged), StartsWith("INVALID_ARGUMENT: "));
  damaged.private_key_pem = "no key at all";
  EXPECT_THAT(serve(damaged), StartsWith("INVALID_ARGUMENT: "));
}

EnvFactory Plaintext() {
  return {"loopback", [] { return std::make_unique<GrpcEnvUnderTest>(); }};
}

INSTANTIATE_TEST_SUITE_P(Grpc, Tls, testing::Values(Plaintext()), EnvFactoryName);

}  // namespace
}  // namespace weir
