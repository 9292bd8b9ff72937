// WatermarkStrategy: how rows get event times, and how far event time has come after a row (Flink's class of the same name).
//
//   WatermarkStrategy<Click>::ForBoundedOutOfOrderness(absl::Seconds(5))
//       .WithTimestampAssigner([](const Click& click) { return click.time; })
//       .WithIdleness(absl::Minutes(1))
//
// Pure apart from user functions; generators are called a run of rows at a time. Copying shares.
#ifndef WEIR_CORE_OPERATORS_WATERMARK_STRATEGY_H_
#define WEIR_CORE_OPERATORS_WATERMARK_STRATEGY_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/types/event_time.h"

namespace weir {

// Event times in [begin, end) are taken at their word; others are counted and do not move the watermark, because one clock
// that says 2106 would declare everything after it late. Fixed, so that a replay decides the same.
struct PlausibleEventTimes {
  EventTime begin = EventTime::FromSeconds(31'536'000);   // 1971-01-01
  EventTime end = EventTime::FromSeconds(7'258'118'400);  // 2200-01-01
  bool Contains(EventTime time) const { return begin <= time && time < end; }
};

// How far event time has come on one split. A user's own must depend on nothing but the rows it is shown.
//
// Generators are not part of a checkpoint, as in Flink: where a job goes on, each split has a new one, which is shown the rows behind
// the checkpoint only. What is kept is the watermark that the old one had reached: the new one's counts from
// there on, so the stream's watermark never falls. If a generator's watermark is a maximum over its rows, as those of
// ForBoundedOutOfOrderness and ForMonotonousTimestamps are, the job goes on as if nothing had happened. One that learns (how far
// rows are out of order, say) learns anew: until it has, its watermark must be one that it can stand for with the few rows it
// knows, or rows are late that would not have been. Start with the widest bound, or with EventTime::Min().
template <class T>
class WatermarkGenerator {
 public:
  virtual ~WatermarkGenerator() = default;
  virtual void OnRow(const T& row, EventTime time) = 0;
  // No row with this time or an earlier one is expected any more. Never moves the stream's watermark back.
  virtual EventTime watermark() const = 0;

  // The rows at which `plausible` is set, in order. Override it together with OnRow where a call per row is too slow.
  virtual void OnRows(std::span<const T> rows, std::span<const EventTime> times,
                      const PlausibleEventTimes& plausible) {
    for (size_t i = 0; i < rows.size(); ++i) {
      if (plausible.Contains(times[i])) OnRow(rows[i], times[i]);
    }
  }
};

// The largest time seen, less a bound on how far rows are out of order, less 1 us.
template <class T>
class BoundedOutOfOrdernessWatermarks final : public WatermarkGenerator<T> {
 public:
  explicit BoundedOutOfOrdernessWatermarks(absl::Duration bound) : bound_(bound) {}

  void OnRow(const T&, EventTime time) override { largest_ = std::max(largest_, time); }
  void OnRows(std::span<const T>, std::span<const EventTime> times,
              const PlausibleEventTimes& plausible) override {
    for (const EventTime time : times) {
      if (plausible.Contains(time)) largest_ = std::max(largest_, time);
    }
  }
  EventTime watermark() const override {
    if (largest_ == EventTime::Min()) return largest_;
    return largest_.Minus(bound_).Minus(absl::Microseconds(1));
  }

 private:
  const absl::Duration bound_;
  EventTime largest_ = EventTime::Min();
};

namespace watermark_internal {

// One virtual call per run of rows rather than per row.
template <class T>
class TimestampAssigner {
 public:
  virtual ~TimestampAssigner() = default;
  virtual void Assign(std::span<const T> rows, EventTime* times) const = 0;
};

template <class T, class F>
class TimestampAssignerOf final : public TimestampAssigner<T> {
 public:
  explicit TimestampAssignerOf(F f) : f_(std::move(f)) {}
  void Assign(std::span<const T> rows, EventTime* times) const override {
    for (const T& row : rows) *times++ = std::invoke(f_, row);
  }

 private:
  const F f_;
};

}  // namespace watermark_internal

template <class T>
class WatermarkStrategy {
 public:
  using GeneratorFactory = std::function<std::unique_ptr<WatermarkGenerator<T>>()>;

  // Rows have no event times; windows over them are refused.
  static WatermarkStrategy NoWatermarks() { return WatermarkStrategy(); }

  // Rows of a split are at most `bound` (>= 0, else the job is refused) out of order.
  static WatermarkStrategy ForBoundedOutOfOrderness(absl::Duration bound) {
    WatermarkStrategy strategy = ForGenerator(
        [bound] { return std::make_unique<BoundedOutOfOrdernessWatermarks<T>>(bound); });
    strategy.description_ = "boundedOutOfOrderness(" + absl::FormatDuration(bound) + ")";
    strategy.out_of_orderness_ = bound;
    return strategy;
  }

  // Times of a split never fall.
  static WatermarkStrategy ForMonotonousTimestamps() {
    return ForBoundedOutOfOrderness(absl::ZeroDuration());
  }

  static WatermarkStrategy ForGenerator(GeneratorFactory factory) {
    WatermarkStrategy strategy;
    strategy.generator_ = std::move(factory);
    strategy.description_ = "generator";
    return strategy;
  }

  // `f` is EventTime(const T&), or a pointer to a member of type EventTime. Pure.
  template <class F>
  WatermarkStrategy WithTimestampAssigner(F f) const {
    static_assert(std::is_invocable_v<const F&, const T&>,
                  "WithTimestampAssigner takes a function EventTime(const T& row)");
    static_assert(std::is_convertible_v<std::invoke_result_t<const F&, const T&>, EventTime>,
                  "the timestamp assigner must return weir::EventTime; write "
                  "EventTime::FromMicros(...) or EventTime::FromSeconds(...)");
    WatermarkStrategy strategy = *this;
    strategy.assigner_ =
        std::make_shared<watermark_internal::TimestampAssignerOf<T, F>>(std::move(f));
    return strategy;
  }

  // A reader that an unbounded source has told "nothing now" for all of `period` stops holding event time back.
  // absl::InfiniteDuration(): never.
  WatermarkStrategy WithIdleness(absl::Duration period) const {
    WatermarkStrategy strategy = *this;
    strategy.idle_period_ = period;
    return strategy;
  }

  WatermarkStrategy WithPlausibleEventTimes(PlausibleEventTimes plausible) const {
    WatermarkStrategy strategy = *this;
    strategy.plausible_ = plausible;
    return strategy;
  }

  // False: rows keep the times they have, or have none.
  bool assigns_times() const { return assigner_ != nullptr; }
  // False: NoWatermarks().
  bool has_watermarks() const { return generator_ != nullptr; }
  void AssignTimes(std::span<const T> rows, EventTime* times) const {
    assigner_->Assign(rows, times);
  }
  std::unique_ptr<WatermarkGenerator<T>> NewGenerator() const { return generator_(); }
  absl::Duration idle_period() const { return idle_period_; }
  const PlausibleEventTimes& plausible() const { return plausible_; }
  // For people and the digest. User functions do not show.
  const std::string& description() const { return description_; }

  // Asked when the job is built. InvalidArgument for spans of time that cannot be.
  absl::Status Validate() const {
    if (out_of_orderness_ < absl::ZeroDuration()) {
      return absl::InvalidArgumentError(
          "the bound of ForBoundedOutOfOrderness (how far rows may be out of order) is " +
          absl::FormatDuration(out_of_orderness_) + "; it must be zero or more");
    }
    if (idle_period_ <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError("the period of WithIdleness is " +
                                        absl::FormatDuration(idle_period_) +
                                        "; it must be positive");
    }
    return absl::OkStatus();
  }

 private:
  WatermarkStrategy() = default;

  std::shared_ptr<const watermark_internal::TimestampAssigner<T>> assigner_;
  GeneratorFactory generator_;
  absl::Duration out_of_orderness_;
  // On by default, so that an empty partition cannot stall a job.
  absl::Duration idle_period_ = absl::Minutes(1);
  PlausibleEventTimes plausible_;
  std::string description_ = "none";
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_WATERMARK_STRATEGY_H_
