// Whether the tables of an operator hold what the checkpoint recorded, once they are restored. Pure.
#ifndef WEIR_CORE_RUNTIME_RESTORED_CONTENT_H_
#define WEIR_CORE_RUNTIME_RESTORED_CONTENT_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "core/proto/manifest.pb.h"

namespace weir {

// `content_hash` is that of the tables (StateBackend::ContentHash) after reading what `restore` says. DataLoss, naming operator,
// files and remedy, if it is not the sum of what `restore` records. OK where a part records none: it was written without, or its
// key groups were shared out anew.
absl::Status CheckRestoredContent(std::string_view uid, const proto::SubtaskStateSnapshot& restore,
                                  uint64_t content_hash);

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_RESTORED_CONTENT_H_
