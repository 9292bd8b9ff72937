// Cost per update of keyed state, against a flat table without snapshots, and what a snapshot adds: nanoseconds per update while it
// runs, and the longest 1024 updates.
//
//   ./bazelw run //tests/bench:state_table_bench

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "core/base/hash.h"
#include "core/base/key_group.h"
#include "core/types/key_codec.h"
#include "state/memory/memory_state_backend.h"
#include "tests/bench/flat_table.h"

namespace weir {
namespace {

constexpr int kGroups = 128;
constexpr size_t kQuantum = 1024;

// What an exchange or a key pass hands to an operator: keys in random order, and their hashes.
struct Rows {
  explicit Rows(int64_t key_count, size_t count = size_t{1} << 20) {
    for (size_t i = 0; i < count; ++i) {
      const uint64_t random = StableHashOfU64(i);
      keys.push_back(static_cast<int64_t>(random % static_cast<uint64_t>(key_count)));
      hashes.push_back(KeyHash(keys.back()));
    }
  }
  std::vector<int64_t> keys;
  std::vector<uint64_t> hashes;
};

struct Flat {
  FlatTable<int64_t, int64_t> table{{0, kGroups}, kGroups};
  void Add(uint64_t hash, int64_t key) {
    const auto [entry, is_new] = table.FindOrInsert(hash, key, [] { return int64_t{1}; });
    if (!is_new) ++entry->value;
  }
};

struct Segmented {
  MemoryStateBackend backend{{0, kGroups}, kGroups};
  StateTable<int64_t, int64_t>& table = backend.Keyed<int64_t, int64_t>("bench");
  void Add(uint64_t hash, int64_t key) {
    table.Upsert(
        hash, key, [] { return int64_t{1}; }, [](int64_t& value) { ++value; });
  }
};

template <class Table>
void Fill(Table& table, int64_t key_count) {
  for (int64_t key = 0; key < key_count; ++key) table.Add(KeyHash(key), key);
}

template <class Table>
void AddQuantum(Table& table, const Rows& rows, size_t& next) {
  for (size_t i = next; i < next + kQuantum; ++i) table.Add(rows.hashes[i], rows.keys[i]);
  next = (next + kQuantum) % rows.keys.size();
}

template <class Table>
void BM_Update(benchmark::State& state) {
  const int64_t key_count = state.range(0);
  const Rows rows(key_count);
  Table table;
  Fill(table, key_count);
  size_t next = 0;
  for (auto _ : state) AddQuantum(table, rows, next);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kQuantum));
}

template <class Table>
void BM_Insert(benchmark::State& state) {
  const int64_t key_count = state.range(0);
  for (auto _ : state) {
    Table table;
    Fill(table, key_count);
  }
  state.SetItemsProcessed(state.iterations() * key_count);
}

// Of this thread's processor: what else runs on the machine must not count as a pause.
double CpuMicros() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Inserts keys one after another and looks for the longest 16 of them.
template <class Table>
void BM_LongestInsert(benchmark::State& state) {
  const int64_t key_count = state.range(0);
  double longest_us = 0;
  for (auto _ : state) {
    Table table;
    for (int64_t key = 0; key < key_count;) {
      const double start = CpuMicros();
      for (int i = 0; i < 16; ++i, ++key) table.Add(KeyHash(key), key);
      longest_us = std::max(longest_us, CpuMicros() - start);
    }
  }
  state.counters["longest_16_us"] = longest_us;
}

// An iteration is one whole snapshot under updates, for each of which the cursor passes range(1) slots. The items are updates.
void BM_UpdateDuringSnapshot(benchmark::State& state) {
  const int64_t key_count = state.range(0);
  const auto slots_per_row = static_cast<size_t>(state.range(1));
  const Rows rows(key_count);
  Segmented table;
  Fill(table, key_count);
  size_t next = 0;
  int64_t updates = 0;
  size_t bytes = 0;
  std::vector<double> quanta_us;
  for (auto _ : state) {
    table.backend.BeginSnapshot();
    while (table.backend.snapshot_running()) {
      const double start = CpuMicros();
      AddQuantum(table, rows, next);
      table.backend.AdvanceSnapshot(kQuantum * slots_per_row);
      quanta_us.push_back(CpuMicros() - start);
      bytes += table.backend.TakeEmitted(~size_t{0}).size();
      updates += static_cast<int64_t>(kQuantum);
    }
  }
  std::sort(quanta_us.begin(), quanta_us.end());
  state.counters["longest_quantum_us"] = quanta_us.back();
  state.counters["p99_quantum_us"] = quanta_us[quanta_us.size() * 99 / 100];
  state.counters["bytes_per_entry"] =
      static_cast<double>(bytes) / static_cast<double>(state.iterations() * key_count);
  state.SetItemsProcessed(updates);
}

// The same without updates: what a snapshot costs per entry.
void BM_Snapshot(benchmark::State& state) {
  const int64_t key_count = state.range(0);
  Segmented table;
  Fill(table, key_count);
  for (auto _ : state) {
    table.backend.BeginSnapshot();
    while (table.backend.snapshot_running()) {
      table.backend.AdvanceSnapshot(16 * kQuantum);
      benchmark::DoNotOptimize(table.backend.TakeEmitted(~size_t{0}));
    }
  }
  state.SetItemsProcessed(state.iterations() * key_count);
}

void BM_Restore(benchmark::State& state) {
  const int64_t key_count = state.range(0);
  Segmented table;
  Fill(table, key_count);
  std::vector<std::string> pieces;
  table.backend.BeginSnapshot();
  while (table.backend.snapshot_running()) {
    table.backend.AdvanceSnapshot(16 * kQuantum);
    pieces.push_back(table.backend.TakeEmitted(~size_t{0}));
  }
  for (auto _ : state) {
    Segmented restored;
    for (const std::string& piece : pieces) {
      if (!restored.backend.Restore(piece).ok()) state.SkipWithError("restore");
    }
  }
  state.SetItemsProcessed(state.iterations() * key_count);
}

// What a subtask adds to a restore to know that it has what was recorded.
void BM_ContentHash(benchmark::State& state) {
  const int64_t key_count = state.range(0);
  Segmented table;
  Fill(table, key_count);
  for (auto _ : state) benchmark::DoNotOptimize(table.backend.ContentHash({0, kGroups}));
  state.SetItemsProcessed(state.iterations() * key_count);
}

BENCHMARK(BM_Update<Flat>)->Arg(1'000)->Arg(100'000)->Arg(10'000'000);
BENCHMARK(BM_Update<Segmented>)->Arg(1'000)->Arg(100'000)->Arg(10'000'000);
BENCHMARK(BM_UpdateDuringSnapshot)
    ->Args({100'000, 4})
    ->Args({10'000'000, 1})
    ->Args({10'000'000, 4})
    ->Args({10'000'000, 16});
BENCHMARK(BM_Snapshot)->Arg(100'000)->Arg(10'000'000);
BENCHMARK(BM_Restore)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(BM_ContentHash)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(BM_Insert<Flat>)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(BM_Insert<Segmented>)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(BM_LongestInsert<Flat>)->Arg(10'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_LongestInsert<Segmented>)
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir
