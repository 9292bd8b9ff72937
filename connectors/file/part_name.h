// Names of the files of a result folder. Pure.
//
//   part-3-0.csv                        what subtask 3 wrote first; whole, and visible
//   .part-3-0.csv.inprogress-5d0c...    the same while it is being written; readers skip names
//                                       that start with a dot
#ifndef WEIR_CONNECTORS_FILE_PART_NAME_H_
#define WEIR_CONNECTORS_FILE_PART_NAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace weir {

struct PartName {
  int64_t subtask = 0;
  int64_t number = 0;
  std::string extension;  // "csv", "jsonl"

  std::string Visible() const;
  // `unique` tells attempts of one subtask apart, so that none writes into another's file.
  std::string InProgress(uint64_t unique) const;

  friend auto operator<=>(const PartName& a, const PartName& b) = default;
};

// The part that has this visible name, if it is one that a file sink of any format gives.
std::optional<PartName> ParseVisiblePartName(std::string_view name);

bool IsInProgressPartName(std::string_view name);

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_PART_NAME_H_
