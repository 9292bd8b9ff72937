// FolderStorage: StateStorage over a checkpoint folder. Immutable; the files themselves belong to executors of kind kIo.
#ifndef WEIR_CORE_CLUSTER_FOLDER_STORAGE_H_
#define WEIR_CORE_CLUSTER_FOLDER_STORAGE_H_

#include <memory>
#include <string>

#include "core/checkpoint/job_attempt.h"
#include "core/env/file_system.h"
#include "core/runtime/state_storage.h"

namespace weir {

// Writes to `folder` under names of `attempt`, reads from `restore_folder`.
std::shared_ptr<StateStorage> NewFolderStorage(FileSystem& file_system, std::string folder,
                                               std::string restore_folder, JobAttempt attempt);

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_FOLDER_STORAGE_H_
