// CutBytes: some bytes in pieces, each in memory of its own, so that a sanitizer sees who reads over the end of one. For tests only.
#ifndef WEIR_CORE_TESTING_CUT_BYTES_H_
#define WEIR_CORE_TESTING_CUT_BYTES_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/byte_pieces.h"

namespace weir {

class CutBytes {
 public:
  // Cut at `borders`, in any order; two at one place make an empty piece, and one over the end is at the end.
  CutBytes(std::string_view bytes, std::vector<size_t> borders) {
    std::sort(borders.begin(), borders.end());
    borders.push_back(bytes.size());
    size_t begin = 0;
    for (const size_t border : borders) {
      const size_t size = std::min(border, bytes.size()) - begin;
      memory_.push_back(std::make_unique<char[]>(size));
      std::copy_n(bytes.data() + begin, size, memory_.back().get());
      views_.emplace_back(memory_.back().get(), size);
      begin += size;
    }
  }
  // In pieces of `piece_bytes`.
  static CutBytes Evenly(std::string_view bytes, size_t piece_bytes) {
    std::vector<size_t> borders;
    for (size_t at = piece_bytes; at < bytes.size(); at += piece_bytes) borders.push_back(at);
    return CutBytes(bytes, std::move(borders));
  }

  BytePieces pieces() const { return BytePieces(views_); }

 private:
  std::vector<std::unique_ptr<char[]>> memory_;
  std::vector<std::string_view> views_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_CUT_BYTES_H_
