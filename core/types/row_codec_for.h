// RowCodecFor<T>(): the RowCodec of a row type, from its Codec<T>. Rows of fixed size take one resize per call and are written
// and read without further checks. Rows are read where they lie; only one that lies across the border of two pieces is copied
// together before. Immutable; any executor.
#ifndef WEIR_CORE_TYPES_ROW_CODEC_FOR_H_
#define WEIR_CORE_TYPES_ROW_CODEC_FOR_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/base/byte_codec.h"
#include "core/base/byte_pieces.h"
#include "core/base/check.h"
#include "core/types/batch.h"
#include "core/types/codec.h"
#include "core/types/event_time.h"
#include "core/types/row_codec.h"
#include "core/types/row_codec_errors.h"
#include "core/types/row_text.h"
#include "core/types/schema.h"
#include "core/types/text_escape.h"

namespace weir {

template <class T>
class TypedRowCodec final : public RowCodec {
 public:
  TypedRowCodec() : schema_(Codec<T>::SchemaOf()) {}

  const Schema& schema() const override { return schema_; }
  std::unique_ptr<BatchBase> NewBatch() const override { return std::make_unique<Batch<T>>(); }

  size_t AppendRows(const BatchBase& batch, std::span<const uint32_t> rows, size_t out_bytes_max,
                    std::string& out) const override {
    return Append(
        BatchAs<T>(batch), rows.size(), [rows](size_t i) { return size_t{rows[i]}; }, out_bytes_max,
        out);
  }

  size_t AppendRowRange(const BatchBase& batch, size_t begin, size_t end, size_t out_bytes_max,
                        std::string& out) const override {
    WEIR_DCHECK_LE(begin, end);
    WEIR_DCHECK_LE(end, batch.size());
    return Append(
        BatchAs<T>(batch), end - begin, [begin](size_t i) { return begin + i; }, out_bytes_max,
        out);
  }

  absl::Status DecodeRows(BytePieces payload, size_t count, uint8_t flags,
                          BatchBase& base) const override {
    Batch<T>& batch = BatchAs<T>(base);
    if ((flags & ~(kRowsHaveTimes | kRowsHaveHashes)) != 0) return UnknownRowFlags(flags);
    if (!batch.rows.empty() && RowFlags(batch) != flags) return RowFlagsDiffer(batch, flags);
    // Every row takes at least this much, so `count` is bounded by bytes that are here.
    const size_t row_bytes_min = PrefixBytes(flags) + Codec<T>::kMinSize;
    if (count > payload.size() / row_bytes_min) return RowsDoNotFill(payload.size(), count);
    if constexpr (kFixed) {
      return DecodeFixed(payload, count, flags, batch);
    } else {
      return DecodeVariable(payload, count, flags, batch);
    }
  }

  std::string DescribeRow(const BatchBase& batch, size_t row, size_t bytes_max) const override {
    return CutText(ToText(BatchAs<T>(batch).rows[row]), bytes_max);
  }

 private:
  static constexpr bool kFixed = Codec<T>::kFixedSize > 0;
  // Rows of varying size are measured and written this many at a time.
  static constexpr size_t kChunkRows = 64;
  // What is copied together at first for a row of varying size across a border, besides its bytes before that.
  static constexpr size_t kGatherBytesMin = 256;

  static size_t PrefixBytes(uint8_t flags) {
    return (flags & kRowsHaveTimes ? 8 : 0) + (flags & kRowsHaveHashes ? 8 : 0);
  }

  static char* WriteRow(const Batch<T>& batch, size_t row, uint8_t flags, char* to) {
    WEIR_DCHECK_LT(row, batch.rows.size());
    if (flags & kRowsHaveTimes) {
      StoreLittle(batch.event_times[row].micros(), to);
      to += 8;
    }
    if (flags & kRowsHaveHashes) {
      StoreLittle(batch.key_hashes[row], to);
      to += 8;
    }
    return Codec<T>::Write(batch.rows[row], to);
  }

  template <class RowAt>
  static size_t Append(const Batch<T>& batch, size_t count, RowAt row_at, size_t out_bytes_max,
                       std::string& out) {
    if (count == 0) return 0;
    if constexpr (kFixed) {
      return AppendFixed(batch, count, row_at, out_bytes_max, out);
    } else {
      size_t done = 0;
      do {
        const size_t chunk = std::min(count - done, kChunkRows);
        done += AppendChunk(batch, done, chunk, row_at, out_bytes_max, out);
      } while (done < count && out.size() < out_bytes_max);
      return done;
    }
  }

  template <class RowAt>
  static size_t AppendFixed(const Batch<T>& batch, size_t count, RowAt row_at, size_t out_bytes_max,
                            std::string& out) {
    const uint8_t flags = RowFlags(batch);
    const size_t row_bytes = PrefixBytes(flags) + Codec<T>::kFixedSize;
    const size_t room = std::max(out_bytes_max, out.size()) - out.size();
    const size_t rows_to_fill = room / row_bytes + (room % row_bytes != 0 ? 1 : 0);
    const size_t rows = std::clamp<size_t>(rows_to_fill, 1, count);
    char* to = ByteWriter(out).Extend(rows * row_bytes);
    for (size_t i = 0; i < rows; ++i) to = WriteRow(batch, row_at(i), flags, to);
    return rows;
  }

  template <class RowAt>
  static size_t AppendChunk(const Batch<T>& batch, size_t first, size_t count, RowAt row_at,
                            size_t out_bytes_max, std::string& out) {
    const uint8_t flags = RowFlags(batch);
    const size_t room = std::max(out_bytes_max, out.size()) - out.size();
    size_t rows = 0;
    size_t bytes = 0;
    do {
      bytes += PrefixBytes(flags) + Codec<T>::Size(batch.rows[row_at(first + rows)]);
      ++rows;
    } while (rows < count && bytes < room);
    char* to = ByteWriter(out).Extend(bytes);
    for (size_t i = 0; i < rows; ++i) to = WriteRow(batch, row_at(first + i), flags, to);
    WEIR_DCHECK_EQ(static_cast<const void*>(to), static_cast<const void*>(out.data() + out.size()));
    return rows;
  }

  static absl::Status DecodeFixed(BytePieces payload, size_t count, uint8_t flags,
                                  Batch<T>& batch) {
    const size_t row_bytes = PrefixBytes(flags) + Codec<T>::kFixedSize;
    const size_t payload_bytes = payload.size();
    if (count * row_bytes != payload_bytes) return RowsDoNotFill(payload_bytes, count);
    const size_t base = batch.rows.size();
    batch.rows.resize(base + count);
    if (flags & kRowsHaveTimes) batch.event_times.resize(base + count);
    if (flags & kRowsHaveHashes) batch.key_hashes.resize(base + count);
    std::string gathered;
    for (size_t row = 0; row < count;) {
      std::string_view rows = payload.first();
      if (rows.size() < row_bytes) {
        gathered.clear();
        payload.Prefix(row_bytes).AppendTo(gathered);
        rows = gathered;
      }
      const size_t some = rows.size() / row_bytes;
      const char* const end = LoadRows(rows.data(), base + row, some, flags, batch);
      const auto loaded_bytes = static_cast<size_t>(end - rows.data());
      if (loaded_bytes != some * row_bytes) [[unlikely]] {
        const size_t at_byte = payload_bytes - payload.size() + loaded_bytes;
        return MalformedRow(row + loaded_bytes / row_bytes, count, at_byte, payload_bytes);
      }
      row += some;
      payload.RemovePrefix(loaded_bytes);
    }
    return absl::OkStatus();
  }

  // Into the rows of `batch` from `row` on. Returns the end of what it read: before the fields of a row that is malformed.
  [[gnu::noinline]] static const char* LoadRows(const char* from, size_t row, size_t count,
                                                uint8_t flags, Batch<T>& batch) {
    for (const size_t end = row + count; row < end; ++row) {
      if (flags & kRowsHaveTimes) {
        batch.event_times[row] = EventTime::FromMicros(LoadLittle<int64_t>(from));
        from += 8;
      }
      if (flags & kRowsHaveHashes) {
        batch.key_hashes[row] = LoadLittle<uint64_t>(from);
        from += 8;
      }
      if (!LoadRow(from, batch.rows, row)) [[unlikely]]
        return from;
      from += Codec<T>::kFixedSize;
    }
    return from;
  }

  static bool LoadRow(const char* from, std::vector<T>& rows, size_t row) {
    if constexpr (std::same_as<T, bool>) {
      bool value;
      const bool ok = Codec<bool>::Load(from, value);
      rows[row] = value;
      return ok;
    } else {
      return Codec<T>::Load(from, rows[row]);
    }
  }

  static absl::Status DecodeVariable(BytePieces payload, size_t count, uint8_t flags,
                                     Batch<T>& batch) {
    const size_t payload_bytes = payload.size();
    batch.rows.reserve(batch.rows.size() + std::min(count, kBatchRowsMax));
    std::string gathered;
    for (size_t row = 0; row < count;) {
      Decoded some = DecodePart(payload.first(), count - row, flags, batch);
      if (some.rows == 0) {
        some = DecodeAcross(payload, gathered, flags, batch);
        if (some.rows == 0) {
          const size_t at_byte = payload_bytes - payload.size() + some.failed_at;
          return MalformedRow(row, count, at_byte, payload_bytes);
        }
      }
      row += some.rows;
      payload.RemovePrefix(some.bytes);
    }
    if (payload.empty()) return absl::OkStatus();
    return TrailingBytes(payload_bytes - payload.size(), payload_bytes);
  }

  struct Decoded {
    size_t rows;
    size_t bytes;
    size_t failed_at;  // Byte of the row that is malformed or not there in whole, if one is.
  };

  // Appends the rows that `part` has in whole from its beginning on, at most `count`. The only caller of DecodeRow, so that it is
  // inlined here.
  [[gnu::noinline]] static Decoded DecodePart(std::string_view part, size_t count, uint8_t flags,
                                              Batch<T>& batch) {
    const size_t base = batch.rows.size();
    ByteReader reader(part);
    const char* end = part.data();
    for (size_t row = 0; row < count; ++row) {
      if (!DecodeRow(reader, flags, batch)) [[unlikely]] {
        Truncate(batch, base + row, flags);
        return {row, static_cast<size_t>(end - part.data()), reader.position()};
      }
      end = reader.cursor();
    }
    return {count, reader.position(), 0};
  }

  // Appends the first row of `payload`, which goes on behind its first piece, from a copy. That it is all there shows when it can be
  // decoded; so twice as much is copied each time, and all attempts together cost in proportion to the row.
  static Decoded DecodeAcross(BytePieces payload, std::string& gathered, uint8_t flags,
                              Batch<T>& batch) {
    gathered.clear();
    for (size_t more = payload.first().size() + kGatherBytesMin;; more = gathered.size()) {
      more = std::min(more, payload.size());
      payload.Prefix(more).AppendTo(gathered);
      payload.RemovePrefix(more);
      const Decoded row = DecodePart(gathered, 1, flags, batch);
      if (row.rows == 1 || payload.empty()) return row;
    }
  }

  // Drops what was decoded of a row behind the first `rows`.
  static void Truncate(Batch<T>& batch, size_t rows, uint8_t flags) {
    batch.rows.resize(rows);
    if (flags & kRowsHaveTimes) batch.event_times.resize(rows);
    if (flags & kRowsHaveHashes) batch.key_hashes.resize(rows);
  }

  static bool DecodeRow(ByteReader& reader, uint8_t flags, Batch<T>& batch) {
    int64_t micros;
    uint64_t hash;
    if (flags & kRowsHaveTimes) {
      if (!reader.GetI64(micros)) return false;
      batch.event_times.push_back(EventTime::FromMicros(micros));
    }
    if (flags & kRowsHaveHashes) {
      if (!reader.GetU64(hash)) return false;
      batch.key_hashes.push_back(hash);
    }
    return Codec<T>::Decode(reader, batch.rows.emplace_back());
  }

  Schema schema_;
};

template <class T>
std::shared_ptr<const RowCodec> RowCodecFor() {
  return std::make_shared<const TypedRowCodec<T>>();
}

}  // namespace weir

#endif  // WEIR_CORE_TYPES_ROW_CODEC_FOR_H_
