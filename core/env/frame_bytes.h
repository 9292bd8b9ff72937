// FrameBytes: the bytes of a frame as they travel, and the memory they lie in. In one string of its own, which is how a sender makes
// them and how they stay within a process; or in the buffers that a network read them into, in pieces, kept alive as long as this.
// Moved, never copied. Not thread-safe.
#ifndef WEIR_CORE_ENV_FRAME_BYTES_H_
#define WEIR_CORE_ENV_FRAME_BYTES_H_

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "core/base/byte_pieces.h"

namespace weir {

class FrameBytes {
 public:
  FrameBytes() = default;
  // In one string. Implicit: for most, a frame is its bytes.
  template <std::convertible_to<std::string> Whole>
  FrameBytes(Whole&& whole)  // NOLINT(google-explicit-constructor)
      : memory_(std::string(std::forward<Whole>(whole))) {}
  // In pieces which, as their array, live as long as `owner` does.
  FrameBytes(BytePieces pieces, std::shared_ptr<const void> owner)
      : memory_(Borrowed{pieces, std::move(owner)}) {}
  FrameBytes(FrameBytes&&) noexcept = default;
  FrameBytes& operator=(FrameBytes&&) noexcept = default;
  FrameBytes(const FrameBytes&) = delete;
  FrameBytes& operator=(const FrameBytes&) = delete;

  // Valid until this object is moved or destroyed.
  BytePieces pieces() const {
    if (const auto* const whole = std::get_if<std::string>(&memory_)) return *whole;
    return std::get_if<Borrowed>(&memory_)->pieces;
  }
  size_t size() const { return pieces().size(); }

  // All in one string: moved if they are in one, copied if they are in pieces.
  std::string Flatten() && {
    if (auto* const whole = std::get_if<std::string>(&memory_)) return std::move(*whole);
    return pieces().ToString();
  }

 private:
  struct Borrowed {
    BytePieces pieces;
    std::shared_ptr<const void> owner;
  };

  std::variant<std::string, Borrowed> memory_;
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_FRAME_BYTES_H_
