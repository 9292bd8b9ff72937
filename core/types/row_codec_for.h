// RowCodecFor<T>(): the RowCodec of a row type, from its Codec<T>. Rows of fixed size take one resize per call and are written
// and read without further checks. Immutable; any executor.
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

#include "absl/status/status.h"
#include "core/base/byte_codec.h"
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

  absl::Status DecodeRows(std::string_view payload, size_t count, uint8_t flags,
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

  static absl::Status DecodeFixed(std::string_view payload, size_t count, uint8_t flags,
                                  Batch<T>& batch) {
    const size_t row_bytes = PrefixBytes(flags) + Codec<T>::kFixedSize;
    if (count * row_bytes != payload.size()) return RowsDoNotFill(payload.size(), count);
    const size_t base = batch.rows.size();
    const char* from = payload.data();
    batch.rows.resize(base + count);
    if (flags & kRowsHaveTimes) batch.event_times.resize(base + count);
    if (flags & kRowsHaveHashes) batch.key_hashes.resize(base + count);
    for (size_t row = 0; row < count; ++row) {
      if (flags & kRowsHaveTimes) {
        batch.event_times[base + row] = EventTime::FromMicros(LoadLittle<int64_t>(from));
        from += 8;
      }
      if (flags & kRowsHaveHashes) {
        batch.key_hashes[base + row] = LoadLittle<uint64_t>(from);
        from += 8;
      }
      if (!LoadRow(from, batch.rows, base + row)) [[unlikely]] {
        return MalformedRow(row, count, static_cast<size_t>(from - payload.data()), payload.size());
      }
      from += Codec<T>::kFixedSize;
    }
    return absl::OkStatus();
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

  static absl::Status DecodeVariable(std::string_view payload, size_t count, uint8_t flags,
                                     Batch<T>& batch) {
    ByteReader reader(payload);
    batch.rows.reserve(batch.rows.size() + std::min(count, kBatchRowsMax));
    for (size_t row = 0; row < count; ++row) {
      if (!DecodeRow(reader, flags, batch)) [[unlikely]] {
        return MalformedRow(row, count, reader.position(), payload.size());
      }
    }
    return reader.at_end() ? absl::OkStatus() : TrailingBytes(reader.position(), payload.size());
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
