// Snapshots restored into a backend: never a crash, and what is restored is written and restored again with the same contents. Bytes
// as they are never get past the checksum and the digests, so they are also tried as the runs of a chunk that has these right.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/types/event_time.h"
#include "core/types/testing/rich_row.h"
#include "state/memory/memory_state_backend.h"
#include "state/snapshot_chunk.h"

namespace weir {
namespace {

constexpr int kGroups = 2;
constexpr KeyGroupRange kAll = {0, kGroups};

struct Tables {
  MemoryStateBackend backend{kAll, kGroups};
  StateTable<std::string, std::vector<std::string>>& texts =
      backend.Keyed<std::string, std::vector<std::string>>("texts");
  NamespacedTable<int64_t, EventTime, RichInner>& windows =
      backend.Namespaced<int64_t, EventTime, RichInner>("windows");
};

void CheckRestore(std::string_view bytes) {
  Tables tables;
  if (!tables.backend.Restore(bytes).ok()) return;
  std::string again;
  tables.backend.BeginSnapshot();
  while (tables.backend.snapshot_running()) {
    tables.backend.AdvanceSnapshot(1000);
    again += tables.backend.TakeEmitted(1 << 20);
  }
  Tables restored;
  WEIR_CHECK_OK(restored.backend.Restore(again));
  WEIR_CHECK_EQ(restored.backend.ContentHash(kAll), tables.backend.ContentHash(kAll));
}

std::string ChunkOf(std::string_view runs) {
  std::string chunk;
  ByteWriter writer(chunk);
  const std::vector<StateDeclaration> states = Tables().backend.declarations();
  writer.PutRaw("WSNP");
  writer.PutU16(1);
  writer.PutU16(static_cast<uint16_t>(states.size()));
  writer.Extend(4);
  writer.PutU32(kGroups);
  writer.Extend(8);
  for (const StateDeclaration& state : states) {
    writer.PutString(state.name);
    writer.PutU64(state.Digest());
  }
  writer.PutRaw(runs);
  StoreLittle(static_cast<uint32_t>(chunk.size() - kSnapshotChunkHeaderBytes), chunk.data() + 8);
  const std::string_view view = chunk;
  const uint64_t checksum = StableHash64WithSeed(view.substr(kSnapshotChunkHeaderBytes),
                                                 StableHash64(view.substr(0, 16)));
  StoreLittle(checksum, chunk.data() + 16);
  return chunk;
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  weir::CheckRestore(bytes);
  weir::CheckRestore(weir::ChunkOf(bytes));
  return 0;
}
