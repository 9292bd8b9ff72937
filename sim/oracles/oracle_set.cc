#include "sim/oracles/oracle_set.h"

#include "sim/oracles/channel_oracle.h"
#include "sim/oracles/fencing_oracle.h"
#include "sim/oracles/leak_oracle.h"
#include "sim/oracles/restore_oracle.h"
#include "sim/oracles/split_oracle.h"

namespace weir::sim {

OracleSet::OracleSet(const OracleOptions& options) {
  oracles_.push_back(std::make_unique<FencingOracle>(&log_, options.channels, options.regions));
  oracles_.push_back(std::make_unique<ChannelOracle>(&log_, options.channels));
  oracles_.push_back(
      std::make_unique<RestoreOracle>(&log_, options.checkpoint_folder, options.regions));
  oracles_.push_back(std::make_unique<SplitOracle>(&log_, options.checkpoint_folder));
  oracles_.push_back(std::make_unique<CheckpointOracle>(&log_, options.checkpoint_folder,
                                                        options.output_folders, options.check_cut));
  oracles_.push_back(
      std::make_unique<LeakOracle>(&log_, options.checkpoint_folder, options.output_folders));
}

void OracleSet::AtEnd(bool finished) {
  for (const auto& oracle : oracles_) oracle->AtEnd(finished);
}

void OracleSet::OnRequest(uint64_t life, uint64_t call, std::string_view method,
                          std::string_view request) {
  for (const auto& oracle : oracles_) oracle->OnRequest(life, call, method, request);
}

void OracleSet::OnAnswer(uint64_t life, uint64_t call, const Address& callee,
                         std::string_view method, std::string_view request,
                         const absl::StatusOr<std::string>& response) {
  for (const auto& oracle : oracles_) {
    oracle->OnAnswer(life, call, callee, method, request, response);
  }
}

void OracleSet::OnStreamAnswer(uint64_t life, const Address& acceptor, uint64_t stream,
                               std::string_view hello, const absl::Status& answer) {
  for (const auto& oracle : oracles_) {
    oracle->OnStreamAnswer(life, acceptor, stream, hello, answer);
  }
}

void OracleSet::OnCreditUsedUp(uint64_t stream) {
  for (const auto& oracle : oracles_) oracle->OnCreditUsedUp(stream);
}

void OracleSet::OnFrameTaken(const Address& acceptor, uint64_t stream, Lane lane,
                             std::string_view frame) {
  for (const auto& oracle : oracles_) oracle->OnFrameTaken(acceptor, stream, lane, frame);
}

void OracleSet::OnFileCall(std::string_view process, std::string_view operation,
                           std::string_view path, const absl::Status& status) {
  for (const auto& oracle : oracles_) oracle->OnFileCall(process, operation, path, status);
}

}  // namespace weir::sim
