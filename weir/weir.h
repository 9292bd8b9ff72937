// Everything a job needs: the DataStream API, row and time types, the connectors that come with Weir, and WEIR_JOB.
//
//   #include "weir/weir.h"
//
//   void Build(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) { ... }
//   WEIR_JOB(my_job, Build, weir::JobInfo{.description = "..."});
#ifndef WEIR_WEIR_H_
#define WEIR_WEIR_H_

#include "connectors/collect/collect_sink.h"        // IWYU pragma: export
#include "connectors/file/file_sink.h"              // IWYU pragma: export
#include "connectors/file/file_source.h"            // IWYU pragma: export
#include "connectors/generator/generator_source.h"  // IWYU pragma: export
#include "connectors/print/print_sink.h"            // IWYU pragma: export
#include "core/api/data_stream.h"                   // IWYU pragma: export
#include "core/api/job_args.h"                      // IWYU pragma: export
#include "core/api/job_registry.h"                  // IWYU pragma: export
#include "core/api/keyed_stream.h"                  // IWYU pragma: export
#include "core/api/stream_execution_environment.h"  // IWYU pragma: export
#include "core/operators/aggregate_function.h"      // IWYU pragma: export
#include "core/operators/collector.h"               // IWYU pragma: export
#include "core/operators/sink.h"                    // IWYU pragma: export
#include "core/operators/source.h"                  // IWYU pragma: export
#include "core/operators/time_window.h"             // IWYU pragma: export
#include "core/operators/watermark_strategy.h"      // IWYU pragma: export
#include "core/types/codec.h"                       // IWYU pragma: export
#include "core/types/event_time.h"                  // IWYU pragma: export
#include "core/types/row_text.h"                    // IWYU pragma: export
#include "core/types/source_position.h"             // IWYU pragma: export

#endif  // WEIR_WEIR_H_
