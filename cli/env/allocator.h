// SetUpAllocator: how malloc keeps memory in a process that runs jobs.
//
// Frames are allocated by one thread and freed by another. As glibc comes it gives every 128 KiB that are free at the end of a heap
// back to the kernel and takes them again a moment later, page by page: a sixth of the processor time of an exchange over the network.
#ifndef WEIR_CLI_ENV_ALLOCATOR_H_
#define WEIR_CLI_ENV_ALLOCATOR_H_

namespace weir {

// Once, at the start of main(). The process keeps up to 64 MiB a heap that it does not use.
void SetUpAllocator();

}  // namespace weir

#endif  // WEIR_CLI_ENV_ALLOCATOR_H_
