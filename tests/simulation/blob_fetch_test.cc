// Fetching a blob from a JobManager that says wrong things, or nothing for a while.
#include "core/cluster/blob_fetch.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/sim_world.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

class BlobFetchTest : public testing::Test, public ServerHandler {
 protected:
  using Answer = std::function<absl::StatusOr<proto::GetBlobResponse>(uint64_t offset)>;

  absl::StatusOr<std::string> Fetch(const BlobKey& key, Answer answer) {
    answer_ = std::move(answer);
    Env& server_env = world_.HostEnv("jm");
    server_executor_ = server_env.NewExecutor("jm", ExecutorKind::kControl);
    server_executor_->Post(
        [&] { server_ = server_env.network().Serve("jm", server_executor_.get(), this).value(); });
    Env& env = world_.HostEnv("tm");
    executor_ = env.NewExecutor("tm", ExecutorKind::kControl);
    BlobFetch fetch(env, *executor_, "jm",
                    {.ask_timeout = absl::Seconds(1), .retry_delay = absl::Milliseconds(100)}, key);
    std::optional<absl::StatusOr<std::string>> result;
    executor_->Post([&] {
      fetch.Start([&](absl::StatusOr<std::string> bytes) { result = std::move(bytes); });
    });
    WEIR_CHECK_OK(world_.RunUntil([&] { return result.has_value(); }, absl::Minutes(1)));
    executor_->Shutdown();
    server_executor_->Shutdown();
    server_.reset();
    return *result;
  }
  static proto::GetBlobResponse Piece(uint64_t size, std::string chunk) {
    proto::GetBlobResponse response;
    response.set_size(size);
    response.set_chunk(std::move(chunk));
    return response;
  }
  // Three bytes at a time.
  static Answer Serving(std::string bytes) {
    return [bytes](uint64_t offset) { return Piece(bytes.size(), bytes.substr(offset, 3)); };
  }

  void OnCall(std::string_view method, std::string bytes, CallReply reply) override {
    EXPECT_EQ(method, "GetBlob");
    proto::GetBlobRequest request;
    ASSERT_TRUE(request.ParseFromString(bytes));
    absl::StatusOr<proto::GetBlobResponse> response = answer_(request.offset());
    if (!response.ok()) return reply(response.status());
    reply(response->SerializeAsString());
  }
  absl::StatusOr<Accepted> OnOpenStream(std::string) override {
    return absl::UnimplementedError("no streams");
  }

  sim::SimWorld world_{sim::Seed(1)};
  Answer answer_;
  std::unique_ptr<Executor> server_executor_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Executor> executor_;
};

const char kBytes[] = "0123456789";

TEST_F(BlobFetchTest, PutsThePiecesTogether) {
  EXPECT_EQ(Fetch(BlobKey::Of(kBytes), Serving(kBytes)).value(), kBytes);
}

TEST_F(BlobFetchTest, AsksAgain) {
  int calls = 0;
  EXPECT_EQ(Fetch(BlobKey::Of(kBytes),
                  [&](uint64_t offset) -> absl::StatusOr<proto::GetBlobResponse> {
                    if (++calls % 2 == 1) return absl::UnavailableError("later");
                    return Serving(kBytes)(offset);
                  })
                .value(),
            kBytes);
  EXPECT_EQ(calls, 8);
}

TEST_F(BlobFetchTest, RefusesOtherBytes) {
  const absl::Status status = Fetch(BlobKey::Of(kBytes), Serving("0123456780")).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(BlobKey::Of(kBytes).hex()));
}

TEST_F(BlobFetchTest, RefusesMoreThanWasSaid) {
  const auto answer = [](uint64_t) { return Piece(5, "012"); };
  EXPECT_TRUE(absl::IsDataLoss(Fetch(BlobKey::Of(kBytes), answer).status()));
}

TEST_F(BlobFetchTest, RefusesAnEndThatIsNone) {
  const auto answer = [](uint64_t) { return Piece(5, ""); };
  EXPECT_TRUE(absl::IsDataLoss(Fetch(BlobKey::Of(kBytes), answer).status()));
}

TEST_F(BlobFetchTest, RefusesWhatNoBlobCanBe) {
  const auto answer = [](uint64_t) { return Piece(uint64_t{1} << 60, "0"); };
  EXPECT_TRUE(absl::IsDataLoss(Fetch(BlobKey::Of(kBytes), answer).status()));
}

TEST_F(BlobFetchTest, PassesARefusalOn) {
  const auto answer = [](uint64_t) -> absl::StatusOr<proto::GetBlobResponse> {
    return absl::NotFoundError("no job needs it");
  };
  EXPECT_TRUE(absl::IsNotFound(Fetch(BlobKey::Of(kBytes), answer).status()));
}

}  // namespace
}  // namespace weir
