#include "core/types/batch.h"  // want: sees:core/artifact
