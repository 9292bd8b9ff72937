// Gzip and Zstd: a whole text as one member or frame, for tests. Pure.
#ifndef WEIR_CONNECTORS_FILE_COMPRESS_FOR_TEST_H_
#define WEIR_CONNECTORS_FILE_COMPRESS_FOR_TEST_H_

#include <string>
#include <string_view>

#include "core/base/check.h"
#include "zlib.h"
#include "zstd.h"

namespace weir {

inline std::string Gzip(std::string_view text) {
  z_stream stream{};
  WEIR_CHECK_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  WEIR_CHECK_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string Zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);  // As the zstd program does.
  const size_t size = ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size());
  ZSTD_freeCCtx(context);
  WEIR_CHECK(!ZSTD_isError(size));
  out.resize(size);
  return out;
}

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_COMPRESS_FOR_TEST_H_
