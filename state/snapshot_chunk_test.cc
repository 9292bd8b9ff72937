#include "state/snapshot_chunk.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "core/base/hash.h"
#include "core/types/codec.h"
#include "core/types/event_time.h"
#include "core/types/key_codec.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

std::vector<StateDeclaration> States() {
  return {{"sums", StateKind::kKeyed, Codec<std::string>::SchemaOf(), Schema(),
           Codec<int64_t>::SchemaOf()},
          {"windows", StateKind::kNamespaced, Codec<int64_t>::SchemaOf(),
           Codec<EventTime>::SchemaOf(), Codec<std::string>::SchemaOf()}};
}

template <class K, class V>
void Add(SnapshotWriter& writer, uint64_t source, uint16_t state, uint32_t group,
         std::string_view name_space, const K& key, const V& value) {
  ByteWriter& bytes = writer.BeginEntry(source, state, KeyGroupId(group), name_space);
  KeyCodec<K>::Write(key, bytes.Extend(KeyCodec<K>::Size(key)));
  Codec<V>::Encode(value, bytes);
  writer.EndEntry(writer.ContentSeed(state, name_space));
}

std::vector<std::string> RunsOf(std::string_view chunks) {
  std::vector<std::string> runs;
  const absl::Status status = ForEachSnapshotRun(chunks, 8, [&](const SnapshotRun& run) {
    runs.push_back(std::string(run.state) + " group " + std::to_string(run.group.value()) + " x" +
                   std::to_string(run.entry_count));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return runs;
}

std::string GoldenChunks() {
  SnapshotWriter writer(8);
  writer.SetStates(States());
  const uint64_t sums = writer.NewSource();
  const uint64_t window = writer.NewSource();
  std::string start;
  EncodeKey(EventTime::FromSeconds(10), start);
  Add(writer, sums, 0, 3, "", std::string("a"), int64_t{1});
  Add(writer, sums, 0, 3, "", std::string("b\0c", 3), int64_t{-2});
  Add(writer, sums, 0, 7, "", std::string(), int64_t{3});
  Add(writer, window, 1, 7, start, int64_t{4}, std::string("text"));
  std::string chunks = writer.Take(0);
  Add(writer, window, 1, 7, start, int64_t{-5}, std::string());
  return chunks + writer.Take(0);
}

// Computed by hand from what docs/formats/checkpoint.md says: a change of it would refuse old checkpoints.
TEST(SnapshotChunkTest, ContentHashV1) {
  SnapshotWriter writer(8);
  writer.SetStates(States());
  EXPECT_EQ(writer.content_hash(), 0u);
  Add(writer, writer.NewSource(), 0, 3, "", std::string("a"), int64_t{1});
  std::string entry;
  EncodeKey(std::string("a"), entry);
  entry += std::string("\x01\0\0\0\0\0\0\0", 8);
  const uint64_t one = StableHash64WithSeed(entry, StableHash64WithSeed("", StableHash64("sums")));
  EXPECT_FALSE(writer.Take(0).empty());
  EXPECT_EQ(writer.content_hash(), one);
  std::string start;
  EncodeKey(EventTime::FromSeconds(10), start);
  Add(writer, writer.NewSource(), 1, 7, start, int64_t{4}, std::string());
  entry.clear();
  EncodeKey(int64_t{4}, entry);
  entry += std::string(4, '\0');
  EXPECT_FALSE(writer.Take(0).empty());
  EXPECT_EQ(
      writer.content_hash(),
      one + StableHash64WithSeed(entry, StableHash64WithSeed(start, StableHash64("windows"))));
  writer.SetStates(States());
  EXPECT_EQ(writer.content_hash(), 0u);
}

TEST(SnapshotChunkTest, GoldenV1) {
  std::string golden;
  std::ifstream file("state/testdata/state_snapshot_v1.golden");
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') golden = line;
  }
  EXPECT_EQ(std::string(absl::BytesToHexString(GoldenChunks())), golden)
      << "a change of format: stored snapshots would no longer be read";
  EXPECT_EQ(RunsOf(std::string(absl::HexStringToBytes(golden))),
            (std::vector<std::string>{"sums group 3 x2", "sums group 7 x1", "windows group 7 x1",
                                      "windows group 7 x1"}));
}

TEST(SnapshotChunkTest, ChunksAreClosedAndTakenWhole) {
  SnapshotWriter writer(8);
  writer.SetStates(States());
  const uint64_t source = writer.NewSource();
  for (int64_t i = 0; i < 10'000; ++i) Add(writer, source, 0, 1, "", std::string(10, 'x'), i);
  const size_t bytes = writer.bytes();
  std::string all;
  int pieces = 0;
  while (writer.bytes() > 0) {
    const std::string piece = writer.Take(1);
    EXPECT_LE(piece.size(), kSnapshotChunkBytes + 100);
    all += piece;
    ++pieces;
  }
  EXPECT_EQ(all.size(), bytes);
  EXPECT_GE(pieces, 3);
  EXPECT_EQ(RunsOf(all).size(), static_cast<size_t>(pieces)) << "a run per chunk";
  EXPECT_EQ(writer.Take(1), "");
}

TEST(SnapshotChunkTest, ClearForgetsEverything) {
  SnapshotWriter writer(8);
  writer.SetStates(States());
  const uint64_t source = writer.NewSource();
  // Closed chunks and an open one.
  for (int64_t i = 0; i < 10'000; ++i) Add(writer, source, 0, 1, "", std::string(10, 'x'), i);
  writer.Clear();
  EXPECT_EQ(writer.bytes(), 0u);
  Add(writer, source, 0, 1, "", std::string("b"), int64_t{1});
  EXPECT_EQ(RunsOf(writer.Take(~size_t{0})), std::vector<std::string>{"sums group 1 x1"});
}

}  // namespace
}  // namespace weir
