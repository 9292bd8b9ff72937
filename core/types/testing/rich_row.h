// RichRow: a row with a field of every kind, for tests of codecs. For tests only.
#ifndef WEIR_CORE_TYPES_TESTING_RICH_ROW_H_
#define WEIR_CORE_TYPES_TESTING_RICH_ROW_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/types/event_time.h"
#include "core/types/source_position.h"

namespace weir {

enum class RichColor : uint16_t { kRed = 1, kBlue = 258 };

struct RichInner {
  std::optional<std::string> name;
  double weight = 0;
  friend auto operator<=>(const RichInner&, const RichInner&) = default;
};

struct RichRow {
  bool flag = false;
  int8_t i8 = 0;
  int16_t i16 = 0;
  int32_t i32 = 0;
  int64_t i64 = 0;
  uint8_t u8 = 0;
  uint16_t u16 = 0;
  uint32_t u32 = 0;
  uint64_t u64 = 0;
  float f32 = 0;
  double f64 = 0;
  RichColor color = RichColor::kRed;
  std::string text;
  EventTime time = EventTime::FromMicros(0);
  absl::Duration duration;
  std::optional<int64_t> maybe;
  std::vector<int32_t> numbers;
  std::vector<RichInner> inners;
  std::vector<bool> bits;
  std::array<int16_t, 3> three = {};
  std::tuple<std::string, int32_t> tuple;
  std::pair<bool, std::optional<RichInner>> pair;
  std::vector<std::vector<std::string>> nested;
  SourcePosition position;
  friend bool operator==(const RichRow&, const RichRow&) = default;
};

// One with a value other than the default in every field.
inline RichRow FullRichRow() {
  RichRow row;
  row.flag = true;
  row.i8 = -1;
  row.i16 = -2;
  row.i32 = -3;
  row.i64 = -4;
  row.u8 = 1;
  row.u16 = 2;
  row.u32 = 3;
  row.u64 = 4;
  row.f32 = 1.5f;
  row.f64 = -2.25;
  row.color = RichColor::kBlue;
  row.text = "t\xc3\xa9xt, \"quoted\"\n";
  row.time = EventTime::FromMicros(1'500'000);
  row.duration = absl::Milliseconds(1500);
  row.maybe = 5;
  row.numbers = {1, -1};
  row.inners = {{"a", 0.5}, {std::nullopt, 1}};
  row.bits = {true, false};
  row.three = {1, 2, 3};
  row.tuple = {"x", 6};
  row.pair = {true, RichInner{"b", 2}};
  row.nested = {{"p", "q"}, {}};
  row.position = {1, 128};
  return row;
}

}  // namespace weir

#endif  // WEIR_CORE_TYPES_TESTING_RICH_ROW_H_
