#include "cli/env/allocator.h"

#include <malloc.h>

namespace weir {

void SetUpAllocator() {
  // A sanitizer has an allocator of its own and ignores these. See mallopt(3).
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  ::mallopt(M_TOP_PAD, 4 << 20);
  // Setting one of them ends that glibc finds this out by itself.
  ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

}  // namespace weir
