#include "core/checkpoint/manifest.h"  // want: sees:state
#include "rocksdb/db.h"               // want: library:rocksdb
