// Splits: in each checkpoint that a pointer names, every split of every source is in exactly one place: pending with the enumerator,
// with one reader, or finished. And from one checkpoint to the next what is finished stays so, and what a reader has never becomes
// pending again.
#ifndef WEIR_SIM_ORACLES_SPLIT_ORACLE_H_
#define WEIR_SIM_ORACLES_SPLIT_ORACLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/proto/manifest.pb.h"
#include "sim/oracles/oracle.h"

namespace weir::sim {

class SplitOracle final : public Oracle {
 public:
  // The folder is absolute and below /shared.
  SplitOracle(OracleLog* log, std::string checkpoint_folder);

  void OnFileCall(std::string_view process, std::string_view operation, std::string_view path,
                  const absl::Status& status) override;

 private:
  // In the order in which a split goes through them.
  enum class Place : uint8_t { kPending, kReader, kFinished };

  bool IsThere(std::string_view path) const;
  void OnSource(const std::string& process, uint64_t checkpoint,
                const proto::OperatorState& source);

  const std::string checkpoint_folder_;
  std::string published_;  // The name of the pointer to that one, if it is still there.
  uint64_t last_ = 0;      // The checkpoint that was looked at last.
  std::map<std::pair<std::string, uint32_t>, Place> places_;   // By uid and split, in that one.
  std::map<std::pair<std::string, uint32_t>, Place> durable_;  // In the last one whose name is.
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_SPLIT_ORACLE_H_
