// Manifests and pointers from storage. Bytes as they are never get past the checksum, so their body is also tried inside a right
// envelope.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "core/checkpoint/manifest.h"
#include "core/checkpoint/recovery.h"
#include "core/checkpoint/sealed_file.h"

namespace weir {
namespace {

void CheckBytes(std::string_view bytes) {
  const absl::StatusOr<proto::CheckpointManifest> manifest = DecodeManifest(bytes, "/f");
  if (manifest.ok()) {
    WEIR_CHECK_OK(EncodeManifest(*manifest));
    ReachableFiles(*manifest);
    std::vector<RestoreOperator> operators;
    for (const proto::OperatorState& op : manifest->operators()) {
      operators.push_back({op.uid(),
                           op.name(),
                           1,
                           static_cast<int>(op.max_parallelism()),
                           {op.states().begin(), op.states().end()}});
    }
    const absl::StatusOr<RestorePlan> plan = PlanRestore(*manifest, operators, {});
    WEIR_CHECK(plan.ok() || absl::IsDataLoss(plan.status())) << plan.status();
  }
  const absl::StatusOr<PointerRecord> pointer = DecodePointer(bytes, "/f");
  if (pointer.ok()) {
    WEIR_CHECK_EQ(DecodePointer(EncodePointer(*pointer), "/f").value(), *pointer);
  }
  ParseCheckpointFileName(bytes);
  ParseSeriesName("pointer", bytes);
}

std::string Enveloped(const SealedKind& kind, std::string_view body) {
  std::string file;
  ByteWriter writer(file);
  writer.PutRaw(kind.magic);
  writer.PutU32(kind.version);
  writer.PutU64(body.size());
  writer.PutU64(StableHash64WithSeed(body, StableHash64(std::string_view(file).substr(0, 16))));
  writer.PutRaw(body);
  return file;
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  weir::CheckBytes(bytes);
  if (size < weir::kSealedHeaderBytes) return 0;
  const std::string_view body = bytes.substr(weir::kSealedHeaderBytes);
  weir::CheckBytes(weir::Enveloped(weir::kManifestFile, body));
  weir::CheckBytes(weir::Enveloped(weir::kPointerFile, body));
  return 0;
}
