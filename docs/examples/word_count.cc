// word_count: the most frequent words of a text, or of each window of a log.
//
//   weir run word_count --input=README.md --top=10
//   weir run word_count --input=/var/log/syslog --timestamps --window=1h --top=3
//
// A word is a run of letters and digits; capital letters A to Z become small. Bytes beyond ASCII count as letters, so words in
// UTF-8 stay whole. Words that are equally frequent go by their bytes.
//
// A text has no time of its own, so all its lines count as the first day of 2000 and fall into one window. With --timestamps
// each line starts with its time (2026-05-20T10:11:12, or with a space), which is no part of its words; lines without one
// are malformed: counted, reported and left out.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "weir/weir.h"

namespace {

using weir::EventTime;

struct Line {
  EventTime time;
  std::string text;
  weir::SourcePosition position;
};

struct Word {
  std::string word;
  weir::SourcePosition position;
};

struct WordCount {
  EventTime window_start;
  EventTime window_end;
  std::string word;
  int64_t count = 0;
};

// A row of the result: the names of its fields are the header of the CSV.
struct RankedWord {
  EventTime window_start;
  EventTime window_end;
  int64_t rank = 0;
  std::string word;
  int64_t count = 0;
};

absl::StatusOr<Line> ParseText(std::string_view line, weir::SourcePosition position) {
  constexpr EventTime kFirstDayOf2000 = EventTime::FromSeconds(946'684'800);
  return Line{kFirstDayOf2000, std::string(line), position};
}

absl::StatusOr<Line> ParseLogLine(std::string_view line, weir::SourcePosition position) {
  constexpr size_t kTimeSize = std::string_view("2026-05-20T10:11:12").size();
  const absl::StatusOr<EventTime> time = weir::ParseEventTimeUtc(line.substr(0, kTimeSize));
  if (!time.ok()) return absl::InvalidArgumentError("does not start with a date and time");
  return Line{*time, std::string(line.substr(kTimeSize)), position};
}

void SplitIntoWords(const Line& line, weir::Collector<Word>& out) {
  std::string word;
  for (const char c : line.text + ' ') {
    const bool capital = c >= 'A' && c <= 'Z';
    const bool letter = capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
    if (letter) {
      word += capital ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!word.empty()) {
      out.Collect({std::move(word), line.position});
      word.clear();
    }
  }
}

// The `top` most frequent of the words it is given. All its state is in the accumulator: the best so far, in order.
struct TopWords {
  using Accumulator = std::vector<WordCount>;
  size_t top = 10;

  Accumulator CreateAccumulator() const { return {}; }
  void Add(const WordCount& next, Accumulator& best) const {
    const auto before = [](const WordCount& a, const WordCount& b) {
      return a.count != b.count ? a.count > b.count : a.word < b.word;
    };
    best.insert(std::upper_bound(best.begin(), best.end(), next, before), next);
    if (best.size() > top) best.pop_back();
  }
  Accumulator GetResult(const Accumulator& best) const { return best; }
  void Merge(const Accumulator& from, Accumulator& into) const {
    for (const WordCount& next : from) Add(next, into);
  }
};

void Rank(const std::vector<WordCount>& best, weir::Collector<RankedWord>& out) {
  int64_t rank = 0;
  for (const WordCount& word : best) {
    out.Collect({word.window_start, word.window_end, ++rank, word.word, word.count});
  }
}

void WordCountJob(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  const std::vector<std::string> files = absl::StrSplit(args.Get("input"), ',');
  const auto window = weir::TumblingEventTimeWindows::Of(args.GetDuration("window"));
  const int64_t top = args.GetInt("top");
  if (top < 1) throw weir::JobArgumentError("argument \"top\" must be at least 1");

  env.FromSource(
         weir::FileSource::Lines(files, {.rows_per_second = args.GetInt("rate")}),
         args.GetBool("timestamps") ? ParseLogLine : ParseText,
         weir::WatermarkStrategy<Line>::ForBoundedOutOfOrderness(args.GetDuration("disorder"))
             .WithTimestampAssigner(&Line::time))
      .Name("lines")
      .Uid("lines")
      .FlatMap(SplitIntoWords)
      .Name("words")
      // Equal words meet in one subtask, which counts them.
      .KeyBy(&Word::word)
      .Window(window)
      .Aggregate(weir::Count(),
                 [](const std::string& word, const weir::TimeWindow& in, int64_t count) {
                   return WordCount{in.start, in.end, word, count};
                 })
      .Name("count")
      .Uid("count")
      // All counts of a window meet in one subtask, which keeps the best.
      .KeyBy(&WordCount::window_start)
      .Window(window)
      .Aggregate(TopWords{static_cast<size_t>(top)})
      .Name("top")
      .Uid("top")
      .FlatMap(Rank)
      .Name("rank")
      .SinkTo(
          weir::FileSink<RankedWord>::Csv(args.Get("output"), {.overwrite = args.GetBool("fresh")}))
      .Name("csv")
      .Uid("csv");
}

WEIR_JOB(
    word_count, WordCountJob,
    weir::JobInfo{
        .description = "Finds the most frequent words of a text, or of each window of a log.",
        .arguments = {
            {.name = "input",
             .description = "Files, or folders of them, separated by commas.",
             .required = true},
            {.name = "output", .description = "Folder for the CSV files."},
            {.name = "fresh",
             .description = "Replace earlier results in it.",
             .default_value = "false"},
            {.name = "top", .description = "How many words of each window.", .default_value = "10"},
            {.name = "timestamps",
             .description = "Each line starts with its time.",
             .default_value = "false"},
            {.name = "window",
             .description = "Length of a window, such as 15m or 24h.",
             .default_value = "24h"},
            {.name = "disorder",
             .description = "How far behind the latest line another may come.",
             .default_value = "1m"},
            {.name = "rate",
             .description = "Lines read a second at most; 0: as fast as they can be.",
             .default_value = "0"},
        }});

}  // namespace
