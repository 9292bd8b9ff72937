// Source: where rows come from, in two halves (Flink's FLIP-27): a SplitEnumerator at the JobManager finds the splits, and
// SourceReaders in the subtasks read the splits they are given. A SourceOperator wraps a SplitReader (the connector) with the
// user's decoder and watermarks; the runtime sees only SourceOperatorBase.
#ifndef WEIR_CORE_OPERATORS_SOURCE_H_
#define WEIR_CORE_OPERATORS_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/env/env.h"
#include "core/operators/operator.h"
#include "core/types/source_position.h"

namespace weir {

// A part of the source that one reader reads in order. `payload` is the connector's own encoding.
struct SourceSplit {
  SplitId id;
  std::string payload;
  friend bool operator==(const SourceSplit&, const SourceSplit&) = default;
};

// Finds splits. Lives at the JobManager; blocking file calls go through `io`, an executor of kind kIo.
class SplitEnumerator {
 public:
  virtual ~SplitEnumerator() = default;

  // Lists every split, in the order in which they should be read; ids are their positions. Runs ON an executor of kind kIo.
  // Must not depend on anything but the source's settings and what is stored. `parallelism` is a hint for how many to make;
  // the rows and their positions must not depend on it. InvalidArgument/NotFound with path and remedy where it cannot.
  virtual absl::StatusOr<std::vector<SourceSplit>> DiscoverSplits(Env& env, int parallelism) = 0;

  // Instead of DiscoverSplits where a job goes on from a checkpoint: learns the splits that were found then, so that positions
  // keep their meaning although there may be other files now. Runs ON an executor of kind kIo. FailedPrecondition, naming what
  // and the remedy, if something that is still to be read is not what it was. `finished`: those that are known.
  virtual absl::Status Restore(Env& /*env*/, std::span<const SourceSplit> /*unfinished*/,
                               std::span<const SourceSplit> /*finished*/) {
    return absl::OkStatus();
  }

  // For people: where `position` is, e.g. "/var/log/dpkg.log, byte 1234". Any executor, after DiscoverSplits or Restore.
  virtual std::string DescribePosition(SourcePosition position) const = 0;

  // Total size in bytes if known (for progress), else 0. After DiscoverSplits or Restore.
  virtual uint64_t total_bytes() const { return 0; }
};

// What a SourceReader is to the runtime: an operator without inputs. ProcessBatch and ProcessWatermark are never called.
//
//   Open -> RestoreOperatorState? -> (AddSplit | NoMoreSplits | Poll | PrepareSnapshot SnapshotOperatorState)* -> Finish -> Close
//
// Its snapshot holds every split that was added and is not finished, in reading order, every finished one, and the watermark.
// Restored splits need no AddSplit. After a restore the first thing that comes out is the watermark again that was emitted last,
// because those who read it have forgotten it; from then on rows and watermarks are those that would have come, if there are as many
// readers as before (with another number, watermarks wait for NoMoreSplits() again).
class SourceOperatorBase : public Operator {
 public:
  // Read this one too. Splits are read in the order in which they come.
  virtual absl::Status AddSplit(SourceSplit split) = 0;

  // No split of this source is left unassigned anywhere: this reader gets no more, and event time may pass what is unread only
  // in its own splits. Until then the reader's watermark stays at EventTime::Min(). Splits that come back later, from readers that
  // restart by themselves, are read by readers that have not been told, which no channel connects with this one.
  virtual void NoMoreSplits() = 0;

  // True when another split is wanted (nothing left to read here).
  virtual bool WantsSplit() const = 0;

  // Where a failing call of Poll was, and the record there, at most 256 bytes of it; unknown and "" outside of records.
  virtual SourcePosition current_position() const { return SourcePosition(); }
  virtual std::string current_excerpt() const { return ""; }

  // Where row `row` of the batch that the last Poll put out came from; unknown if there is none.
  virtual SourcePosition emitted_position(size_t /*row*/) const { return SourcePosition(); }

  // Puts rows and watermarks into `out`. kMore: call again (also with `out` not full). kBlocked: nothing now; Wake() follows.
  // kDone: NoMoreSplits was said, every split is read, and the final watermark is emitted.
  virtual absl::StatusOr<Progress> Poll(Output& out) = 0;

  absl::StatusOr<Progress> ProcessBatch(int, BatchBase&, Output&) final;
  absl::StatusOr<Progress> ProcessWatermark(Watermark, Output&) final;
};

// A connector's reader of raw records, one chunk at a time. Raw is what the connector yields, e.g. std::string_view for lines.
// Belongs to the subtask's executor; does its blocking work on context.io_executor().
template <class Raw>
class SplitReader {
 public:
  struct Chunk {
    SplitId split;
    // Valid until the next call of Poll.
    std::vector<Raw> records;
    std::vector<SourcePosition> positions;  // One per record.
    SourcePosition next;                    // Behind the last record: where to go on.
    bool end_of_split = false;  // No record of `split` follows. May come with no records.
    int64_t bytes = 0;          // Read for this chunk, for metrics.
    // Set aside by the connector itself (a line over the cap): position, excerpt, reason. Never fatal.
    struct Malformed {
      SourcePosition position;
      std::string excerpt;
      std::string reason;
    };
    std::vector<Malformed> malformed;
  };
  enum class Result {
    kChunk,  // `chunk` holds something.
    kNothingNow,  // Unbounded source, and it has nothing at the moment: counts towards idleness. Wake() follows.
    kBlocked,  // Waits for I/O or its rate. Wake() follows.
    kNoSplit,  // Every split that was added is read.
  };

  virtual ~SplitReader() = default;
  virtual absl::Status Open(OperatorContext& context) = 0;
  // Starts at the split's first record, or at `from`: the position of a record that a chunk held, or a chunk's `next`.
  virtual absl::Status AddSplit(const SourceSplit& split, std::optional<SourcePosition> from) = 0;
  // Overwrites `chunk`; reads splits in the order in which they were added, one after another. An unbounded source, where that
  // would starve the later ones, reads them in turn.
  virtual absl::StatusOr<Result> Poll(Chunk& chunk) = 0;
  virtual void Close() = 0;
};

// What a connector gives the API: both halves, and what goes into the job's digest.
template <class Raw>
class Source {
 public:
  using RawType = Raw;
  virtual ~Source() = default;
  virtual std::unique_ptr<SplitEnumerator> NewEnumerator() const = 0;
  virtual std::unique_ptr<SplitReader<Raw>> NewReader() const = 0;
  virtual bool bounded() const = 0;
  // Kind and settings for people and the digest, e.g. "file(/var/log/dpkg.log)".
  virtual std::string Describe() const = 0;
  // Asked when the job is built. InvalidArgument that names the option which cannot be.
  virtual absl::Status Validate() const { return absl::OkStatus(); }
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_SOURCE_H_
