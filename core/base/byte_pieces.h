// BytePieces: a view of bytes that lie in several pieces of memory, one behind the other, as they come from a socket. All in one
// piece is the common case, and as cheap as a string_view. Pure; neither the bytes nor the array of the pieces is owned.
#ifndef WEIR_CORE_BASE_BYTE_PIECES_H_
#define WEIR_CORE_BASE_BYTE_PIECES_H_

#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "core/base/check.h"

namespace weir {

class BytePieces {
 public:
  BytePieces() = default;
  // All in one piece. Implicit, as those who have that need not know of others.
  template <std::convertible_to<std::string_view> Whole>
  BytePieces(const Whole& whole)  // NOLINT(google-explicit-constructor)
      : first_(whole), size_(first_.size()) {}
  // In the pieces of an array that outlives this view; some may be empty.
  explicit BytePieces(std::span<const std::string_view> pieces) : rest_(pieces) {
    for (const std::string_view piece : pieces) size_ += piece.size();
    RemovePrefix(0);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The bytes before the first border; empty only if there are no bytes at all.
  std::string_view first() const { return first_; }
  // first() is all of them.
  bool in_one_piece() const { return first_.size() == size_; }

  // `count` <= size().
  void RemovePrefix(size_t count) {
    WEIR_DCHECK_LE(count, size_);
    size_ -= count;
    if (size_ == 0) {
      first_ = {};
      return;
    }
    for (; count >= first_.size(); rest_ = rest_.subspan(1)) {
      count -= first_.size();
      first_ = rest_.front().substr(0, count + size_);
    }
    first_.remove_prefix(count);
  }
  void RemoveSuffix(size_t count) {
    WEIR_DCHECK_LE(count, size_);
    *this = Prefix(size_ - count);
  }
  // The first `count` <= size() bytes.
  BytePieces Prefix(size_t count) const {
    WEIR_DCHECK_LE(count, size_);
    BytePieces prefix = *this;
    prefix.first_ = first_.substr(0, count);
    prefix.size_ = count;
    return prefix;
  }

  // Calls `take(std::string_view)` for one piece after the other.
  template <class Take>
  void ForEach(Take take) const {
    take(first_);
    size_t left = size_ - first_.size();
    for (auto piece = rest_.begin(); left > 0; ++piece) {
      const std::string_view some = piece->substr(0, left);
      take(some);
      left -= some.size();
    }
  }
  // Copies all of them; `to` has room for size() bytes.
  void CopyTo(char* to) const {
    ForEach([&to](std::string_view piece) {
      if (!piece.empty()) std::memcpy(to, piece.data(), piece.size());
      to += piece.size();
    });
  }
  void AppendTo(std::string& out) const {
    out.reserve(out.size() + size_);
    ForEach([&out](std::string_view piece) { out.append(piece); });
  }
  std::string ToString() const {
    std::string whole;
    AppendTo(whole);
    return whole;
  }

 private:
  // The first of the bytes, then those of rest_, size_ in all: the last piece may have more than counts.
  std::string_view first_;
  std::span<const std::string_view> rest_;
  size_t size_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_BASE_BYTE_PIECES_H_
