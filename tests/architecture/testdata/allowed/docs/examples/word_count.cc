#include "weir/weir.h"
