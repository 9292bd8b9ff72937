// Cost per row of encoding into frames and decoding, per key of hashing, and per text of parsing a time.
//
//   ./bazelw run //core/types:codec_bench

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "core/base/byte_pieces.h"
#include "core/testing/cut_bytes.h"
#include "core/types/batch.h"
#include "core/types/event_time.h"
#include "core/types/frame.h"
#include "core/types/key_codec.h"
#include "core/types/row_codec.h"
#include "core/types/row_codec_for.h"

namespace weir {
namespace {

struct Plain {
  int64_t a, b, c, d;
  double e;
  int32_t f, g;
};
struct Mixed {
  EventTime time;
  int64_t a;
  int32_t b;
  bool c;
  double d;
  uint8_t e;
  int64_t f;
  int16_t g;
};
struct Strings {
  std::string a, b, c;
  int64_t d;
};

template <class T>
T MakeRow(int64_t i) {
  const auto i32 = static_cast<int32_t>(i);
  if constexpr (std::is_same_v<T, Plain>) return {i, i, i, i, 0.5, i32, i32};
  if constexpr (std::is_same_v<T, Mixed>)
    return {EventTime::FromMicros(i), i, i32, true, 1, 2, i, 3};
  if constexpr (std::is_same_v<T, Strings>) {
    return {"install", "package-" + std::to_string(i), "a text that is longer than 15 bytes", i};
  }
}

template <class T>
Batch<T> MakeBatch(size_t rows, bool columns) {
  Batch<T> batch;
  for (size_t i = 0; i < rows; ++i) {
    batch.rows.push_back(MakeRow<T>(static_cast<int64_t>(i)));
    if (columns) batch.event_times.push_back(EventTime::FromMicros(1));
    if (columns) batch.key_hashes.push_back(i);
  }
  return batch;
}

void CountRows(benchmark::State& state, size_t rows_per_iteration) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows_per_iteration));
}

// Columns: with event time and key hash.
template <class T, bool kColumns>
void BM_Encode(benchmark::State& state) {
  const Batch<T> batch = MakeBatch<T>(1024, kColumns);
  const auto codec = RowCodecFor<T>();
  FrameBuilder builder;
  for (auto _ : state) {
    for (size_t row = 0; row < batch.size();) {
      builder.Reset(std::move(builder.out()));
      row +=
          codec->AppendRowRange(batch, row, batch.size(),
                                FrameBuilder::out_bytes_max(kFrameBytesMaxDefault), builder.out());
    }
  }
  CountRows(state, batch.size());
}

// In one piece, or in pieces of 16 KiB.
template <class T, bool kColumns, bool kPieces = false>
void BM_Decode(benchmark::State& state) {
  const Batch<T> batch = MakeBatch<T>(600, kColumns);
  const auto codec = RowCodecFor<T>();
  std::string payload;
  codec->AppendRowRange(batch, 0, batch.size(), ~size_t{0}, payload);
  const CutBytes cut = CutBytes::Evenly(payload, 16 << 10);
  const BytePieces bytes = kPieces ? cut.pieces() : BytePieces(payload);
  Batch<T> back;
  for (auto _ : state) {
    back.Clear();
    if (!codec->DecodeRows(bytes, 600, RowFlags(batch), back).ok()) state.SkipWithError("decode");
  }
  CountRows(state, batch.size());
}

template <class K>
void HashAll(benchmark::State& state, const std::vector<K>& keys) {
  uint64_t all = 0;
  for (auto _ : state) {
    for (const K& key : keys) all ^= KeyHash(key);
  }
  benchmark::DoNotOptimize(all);
  CountRows(state, keys.size());
}

void BM_KeyHashI64(benchmark::State& state) {
  std::vector<int64_t> keys(1024);
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<int64_t>(i);
  HashAll(state, keys);
}
void BM_KeyHashString(benchmark::State& state) {
  std::vector<std::string> keys(1024);
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = "package-" + std::to_string(i);
  HashAll(state, keys);
}
void BM_KeyHashStringAndI64(benchmark::State& state) {
  std::vector<std::pair<std::string, int64_t>> keys(1024);
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = {"package-" + std::to_string(i), 1};
  HashAll(state, keys);
}

void BM_ParseEventTime(benchmark::State& state) {
  std::string text = "2026-09-22 04:52:01";
  int64_t sum = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.data());
    sum += ParseEventTimeUtc(text)->micros();
  }
  benchmark::DoNotOptimize(sum);
  CountRows(state, 1);
}

void BM_SealAndParseFullFrame(benchmark::State& state) {
  FrameHeader header;
  header.row_count = 600;
  FrameBuilder builder;
  builder.out().append(kFrameBytesMaxDefault, 'x');
  for (auto _ : state) {
    std::string frame = builder.Seal(header).value();
    benchmark::DoNotOptimize(ParseFrame(frame)->payload);
    builder.out() = std::move(frame);
  }
}

// Argument: bytes of a piece.
void BM_ParseFullFrame(benchmark::State& state) {
  FrameHeader header;
  header.row_count = 600;
  const std::string frame = EncodeFrame(header, std::string(kFrameBytesMaxDefault, 'x')).value();
  const CutBytes cut = CutBytes::Evenly(frame, static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(ParseFrame(cut.pieces())->payload);
}

BENCHMARK(BM_Encode<Plain, false>);
BENCHMARK(BM_Encode<Plain, true>);
BENCHMARK(BM_Encode<Mixed, false>);
BENCHMARK(BM_Encode<Mixed, true>);
BENCHMARK(BM_Encode<Strings, false>);
BENCHMARK(BM_Encode<Strings, true>);
BENCHMARK(BM_Decode<Plain, false>);
BENCHMARK(BM_Decode<Plain, true>);
BENCHMARK(BM_Decode<Mixed, false>);
BENCHMARK(BM_Decode<Mixed, true>);
BENCHMARK(BM_Decode<Strings, false>);
BENCHMARK(BM_Decode<Strings, true>);
BENCHMARK(BM_Decode<Plain, true, true>);
BENCHMARK(BM_Decode<Strings, true, true>);
BENCHMARK(BM_KeyHashI64);
BENCHMARK(BM_KeyHashString);
BENCHMARK(BM_KeyHashStringAndI64);
BENCHMARK(BM_ParseEventTime);
BENCHMARK(BM_SealAndParseFullFrame);
BENCHMARK(BM_ParseFullFrame)->Arg(1 << 20)->Arg(16 << 10)->Arg(4 << 10);

}  // namespace
}  // namespace weir
