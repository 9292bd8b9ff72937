#include "paths.h"                 // want: path
#include "../types/batch.h"        // want: path
#include "core/../core/types/b.h"  // want: path
#include <core/types/batch.h>      // want: path
#include <hidden.h>                // want: unknown-header
#include "elsewhere/thing.h"       // want: unknown-header
