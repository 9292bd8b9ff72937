// ByteWriter and ByteReader: the fixed little-endian encoding that frames, rows, snapshots and handshakes are made of.
//
// Integers and floats have their own width, bool is one byte 0 or 1, a string is a u32 length and its bytes. Nothing is
// varint-coded, nothing is aligned or padded.
//
// ByteWriter appends to a string of the caller, which is complete after every call. ByteReader never reads past its end: a
// read that does not fit returns false, leaves its output alone, and every later read fails too, so that a decoder may check
// once at the end. Pure; the bytes read stay the caller's.
#ifndef WEIR_CORE_BASE_BYTE_CODEC_H_
#define WEIR_CORE_BASE_BYTE_CODEC_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/check.h"

namespace weir {

static_assert(std::endian::native == std::endian::little, "big-endian machines are not supported");

// What StoreLittle and LoadLittle take: numbers with one memory image on every machine we run on.
template <class T>
concept FixedNumber =
    (std::integral<T> || std::floating_point<T>)&&!std::same_as<T, bool> && sizeof(T) <= 8;

// The builtin, because with _FORTIFY_SOURCE memcpy is a wrapper that keeps loops over these from being optimized (rows encode
// at half the speed).
template <FixedNumber T>
inline void StoreLittle(T value, char* to) {
  __builtin_memcpy(to, &value, sizeof(T));
}
template <FixedNumber T>
inline T LoadLittle(const char* from) {
  T value;
  __builtin_memcpy(&value, from, sizeof(T));
  return value;
}

class ByteWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit ByteWriter(std::string& out) : out_(out) {}

  void PutU8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void PutU16(uint16_t value) { Put(value); }
  void PutU32(uint32_t value) { Put(value); }
  void PutU64(uint64_t value) { Put(value); }
  void PutI8(int8_t value) { out_.push_back(static_cast<char>(value)); }
  void PutI16(int16_t value) { Put(value); }
  void PutI32(int32_t value) { Put(value); }
  void PutI64(int64_t value) { Put(value); }
  void PutF32(float value) { Put(value); }
  void PutF64(double value) { Put(value); }
  void PutBool(bool value) { out_.push_back(value ? '\1' : '\0'); }

  template <FixedNumber T>
  void Put(T value) {
    char bytes[sizeof(T)];
    StoreLittle(value, bytes);
    out_.append(bytes, sizeof(T));
  }

  // u32 length, then the bytes. Longer than 4 GiB is a bug of the caller.
  void PutString(std::string_view bytes) {
    WEIR_CHECK_LE(bytes.size(), std::numeric_limits<uint32_t>::max());
    PutU32(static_cast<uint32_t>(bytes.size()));
    PutRaw(bytes);
  }
  // The bytes alone.
  void PutRaw(std::string_view bytes) { out_.append(bytes.data(), bytes.size()); }

  // Appends `count` zero bytes for the caller to overwrite; valid until the next call.
  char* Extend(size_t count) {
    const size_t old_size = out_.size();
    out_.resize(old_size + count);
    return out_.data() + old_size;
  }

  // Of the whole string, not only of what this writer added.
  size_t size() const { return out_.size(); }

 private:
  std::string& out_;
};

class ByteReader {
 public:
  // Reads `bytes`, which must outlive the reader and the views it hands out.
  explicit ByteReader(std::string_view bytes)
      : begin_(bytes.data()), cursor_(begin_), end_(begin_ + bytes.size()) {}

  [[nodiscard]] bool GetU8(uint8_t& value) { return Get(value); }
  [[nodiscard]] bool GetU16(uint16_t& value) { return Get(value); }
  [[nodiscard]] bool GetU32(uint32_t& value) { return Get(value); }
  [[nodiscard]] bool GetU64(uint64_t& value) { return Get(value); }
  [[nodiscard]] bool GetI8(int8_t& value) { return Get(value); }
  [[nodiscard]] bool GetI16(int16_t& value) { return Get(value); }
  [[nodiscard]] bool GetI32(int32_t& value) { return Get(value); }
  [[nodiscard]] bool GetI64(int64_t& value) { return Get(value); }
  [[nodiscard]] bool GetF32(float& value) { return Get(value); }
  [[nodiscard]] bool GetF64(double& value) { return Get(value); }

  // Any byte but 0 and 1 is malformed.
  [[nodiscard]] bool GetBool(bool& value) {
    uint8_t byte;
    if (!Get(byte)) return false;
    if (byte > 1) return Fail();
    value = byte != 0;
    return true;
  }

  template <FixedNumber T>
  [[nodiscard]] bool Get(T& value) {
    if (remaining() < sizeof(T)) [[unlikely]]
      return Fail();
    value = LoadLittle<T>(cursor_);
    cursor_ += sizeof(T);
    return true;
  }

  // `value` is a view into the bytes read.
  [[nodiscard]] bool GetString(std::string_view& value) {
    uint32_t size;
    return GetU32(size) && GetRaw(size, value);
  }
  [[nodiscard]] bool GetString(std::string& value) {
    std::string_view view;
    if (!GetString(view)) return false;
    value.assign(view.data(), view.size());
    return true;
  }
  // The next `count` bytes.
  [[nodiscard]] bool GetRaw(size_t count, std::string_view& value) {
    if (remaining() < count) [[unlikely]]
      return Fail();
    value = std::string_view(cursor_, count);
    cursor_ += count;
    return true;
  }
  [[nodiscard]] bool Skip(size_t count) {
    std::string_view skipped;
    return GetRaw(count, skipped);
  }

  // Marks the input as malformed: this and every later read fails. Returns false.
  bool Fail() {
    if (!failed_) failed_at_ = position();
    failed_ = true;
    cursor_ = end_;
    return false;
  }

  bool failed() const { return failed_; }
  bool at_end() const { return cursor_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - cursor_); }
  // For messages: bytes read so far; after a failure, where it was.
  size_t position() const { return failed_ ? failed_at_ : static_cast<size_t>(cursor_ - begin_); }
  // The next byte; valid for remaining() bytes.
  const char* cursor() const { return cursor_; }

 private:
  const char* begin_;
  const char* cursor_;
  const char* end_;
  size_t failed_at_ = 0;
  bool failed_ = false;
};

}  // namespace weir

#endif  // WEIR_CORE_BASE_BYTE_CODEC_H_
