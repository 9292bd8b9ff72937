// What docs/API.md shows, piece by piece: each region between two marks stands there word for word (tests/docs).
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "weir/weir.h"

namespace {

// [rows]
struct Trade {
  weir::EventTime time;
  std::string symbol;
  double price = 0;
  int64_t shares = 0;
  weir::SourcePosition position;  // Lets the engine name a late or failing row.
};
// [rows]

// [decode]
// 2026-05-20T10:11:12Z WEIR 12.50 100
absl::StatusOr<Trade> ParseTrade(std::string_view line, weir::SourcePosition position) {
  Trade trade{.time = {}, .symbol = {}, .position = position};
  const size_t end = line.find(' ');
  const absl::StatusOr<weir::EventTime> time = weir::ParseEventTimeUtc(line.substr(0, end));
  if (!time.ok()) return time.status();  // Malformed: counted, reported, left out.
  trade.time = *time;
  const size_t symbol_end = line.find(' ', end + 1);
  if (symbol_end == std::string_view::npos) return absl::InvalidArgumentError("no price");
  trade.symbol = line.substr(end + 1, symbol_end - end - 1);
  const size_t price_end = line.find(' ', symbol_end + 1);
  const std::string price(line.substr(symbol_end + 1, price_end - symbol_end - 1));
  if (!absl::SimpleAtod(price, &trade.price)) return absl::InvalidArgumentError("no price");
  return trade;
}
// [decode]

// [aggregate]
struct AveragePrice {
  struct Accumulator {
    double sum = 0;
    int64_t count = 0;
  };
  Accumulator CreateAccumulator() const { return {}; }
  void Add(const Trade& trade, Accumulator& into) const {
    into.sum += trade.price;
    ++into.count;
  }
  double GetResult(const Accumulator& from) const { return from.sum / from.count; }
  void Merge(const Accumulator& from, Accumulator& into) const {
    into.sum += from.sum;
    into.count += from.count;
  }
};
// [aggregate]

struct Average {
  weir::EventTime window_start;
  std::string symbol;
  double price = 0;
};

void ApiTour(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  // [source]
  auto trades =
      env.FromSource(
             weir::FileSource::Lines(args.Get("input")), ParseTrade,
             weir::WatermarkStrategy<Trade>::ForBoundedOutOfOrderness(args.GetDuration("disorder"))
                 .WithTimestampAssigner(&Trade::time))
          .Name("trades")
          .Uid("trades");
  // [source]

  // [stateless]
  auto large =
      trades.Filter([](const Trade& trade) { return trade.shares >= 100; }).Map([](Trade trade) {
        trade.symbol = "large " + trade.symbol;
        return trade;
      });
  auto twice = trades.FlatMap([](const Trade& trade, weir::Collector<Trade>& out) {
    out.Collect(trade);
    Trade total = trade;
    total.symbol = "all";
    out.Collect(total);
  });
  auto everything = large.Union(twice);
  // [stateless]

  // [window]
  everything.KeyBy(&Trade::symbol)
      .Window(weir::TumblingEventTimeWindows::Of(absl::Minutes(1)))
      .Aggregate(AveragePrice(),
                 [](const std::string& symbol, const weir::TimeWindow& window, double price) {
                   return Average{window.start, symbol, price};
                 })
      .Name("average price")
      .Uid("average")
      .SinkTo(weir::FileSink<Average>::JsonLines(args.Get("output")))
      .Uid("output");
  // [window]

  // [reduce]
  trades.KeyBy(&Trade::symbol)
      .Reduce([](Trade& dearest, const Trade& next) {
        if (next.price > dearest.price) dearest = next;
      })
      .Uid("dearest so far")
      .SinkTo(weir::PrintSink<Trade>())
      .Uid("print");
  // [reduce]
}

// [register]
WEIR_JOB(api_tour, ApiTour,
         weir::JobInfo{.description = "Shows the DataStream API.",
                       .arguments = {
                           {.name = "input", .description = "A file of trades.", .required = true},
                           {.name = "output", .description = "Folder for the averages."},
                           {.name = "disorder",
                            .description = "How late a trade may come.",
                            .default_value = "5s"},
                       }});
// [register]

}  // namespace
