// Names of the files of a result folder. Pure.
//
//   part-3-0.csv                             what subtask 3 wrote first; whole, and visible
//   .part-3-0.csv.inprogress-e1a2-5d0c...    the same until it is committed: written by attempt 2
//                                            under epoch 1; readers skip names that start with a dot
//   .weir-run                                whose results these are (RunMarker)
#ifndef WEIR_CONNECTORS_FILE_PART_NAME_H_
#define WEIR_CONNECTORS_FILE_PART_NAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"

namespace weir {

struct PartName {
  int64_t subtask = 0;
  int64_t number = 0;
  std::string extension;  // "csv", "jsonl"

  std::string Visible() const;

  friend auto operator<=>(const PartName& a, const PartName& b) = default;
};

// The part that has this visible name, if it is one that a file sink of any format gives.
std::optional<PartName> ParseVisiblePartName(std::string_view name);

struct InProgressPartName {
  PartName part;
  // Of the job that wrote it.
  LeaderEpoch epoch;
  AttemptNumber attempt;
  // Tells apart what one attempt writes in several lives of a process, so that none writes into
  // another's file.
  uint64_t unique = 0;

  std::string ToString() const;
  friend bool operator==(const InProgressPartName& a, const InProgressPartName& b) = default;
};

std::optional<InProgressPartName> ParseInProgressPartName(std::string_view name);

inline constexpr std::string_view kRunMarkerName = ".weir-run";
// A marker that is being written; what follows differs between those who write.
inline constexpr std::string_view kNewRunMarkerPrefix = ".weir-run.new-";

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_PART_NAME_H_
