// A job with the name of one that is in the weir binary.
#include "weir/weir.h"

namespace {

void Build(weir::StreamExecutionEnvironment&, const weir::JobArgs&) {}
WEIR_JOB(word_count, Build);

}  // namespace
