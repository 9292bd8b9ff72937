// What a crash of clients does to the files that they changed and did not sync.
//
// Each change of a name is lost or kept, in any combination; the halves of a rename together. Of
// each file's unsynced changes all are lost, all are kept, or each page of 4 KiB is lost, kept or
// torn. Of a torn page each sector of 512 bytes is lost, kept or garbage. A lost page reads as what
// was there before, zeros where there was nothing; the file may have grown all the same. Cuts are
// lost or kept. Bytes that were durable never change, except where a kept cut took them.
//
// Model: Pillai et al., "All File Systems Are Not Created Equal: On the Complexity of Crafting
// Crash-Consistent Applications", OSDI 2014; pages and sectors as in FoundationDB's
// AsyncFileNonDurable. After a crash nothing of these clients can be lost any more.
#ifndef WEIR_SIM_CRASH_H_
#define WEIR_SIM_CRASH_H_

#include <cstdint>
#include <optional>

#include "sim/file_tree.h"
#include "sim/sim_random.h"

namespace weir::sim {

inline constexpr uint64_t kPageBytes = 4096;
inline constexpr uint64_t kSectorBytes = 512;

struct CrashOptions {
  // Absent: every client.
  std::optional<ClientId> client = {};
  // What is lost is drawn here; null: everything is.
  SiteDraws* draws = nullptr;
};

void Crash(FileTree& files, const CrashOptions& options);

}  // namespace weir::sim

#endif  // WEIR_SIM_CRASH_H_
