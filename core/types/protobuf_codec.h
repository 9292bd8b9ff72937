// Codec and text of protobuf messages, so that they can be rows, fields of rows and state values: a u32 length and the message
// as it is on the wire, with map entries in key order. Far slower than a struct (docs/formats/schema.md). Not usable as keys: the
// wire format has no order. Unknown fields are kept. Pure.
#ifndef WEIR_CORE_TYPES_PROTOBUF_CODEC_H_
#define WEIR_CORE_TYPES_PROTOBUF_CODEC_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/types/codec.h"
#include "core/types/row_text.h"
#include "core/types/schema.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"
#include "google/protobuf/message_lite.h"
#include "google/protobuf/util/json_util.h"

namespace weir {

template <std::derived_from<google::protobuf::MessageLite> T>
struct Codec<T> : codec_internal::VariableSizeCodec<T, 4> {
  static size_t Size(const T& message) { return 4 + message.ByteSizeLong(); }

  // Uses the sizes that Size() has just cached in the message.
  static char* Write(const T& message, char* to) {
    const auto size = static_cast<size_t>(message.GetCachedSize());
    to = codec_internal::WriteCount(size, to);
    google::protobuf::io::ArrayOutputStream array(to, static_cast<int>(size));
    google::protobuf::io::CodedOutputStream stream(&array);
    stream.SetSerializationDeterministic(true);
    message.SerializeWithCachedSizes(&stream);
    WEIR_CHECK(!stream.HadError()) << message.GetTypeName();
    return to + size;
  }

  static bool Decode(ByteReader& reader, T& message) {
    std::string_view bytes;
    if (!reader.GetString(bytes) || bytes.size() > kBytesMax) return reader.Fail();
    const bool parsed = message.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()));
    return parsed || reader.Fail();
  }

  static Schema SchemaOf() { return Schema::Proto(T::default_instance().GetTypeName()); }

 private:
  static constexpr size_t kBytesMax = 1u << 30;  // Protobuf counts in int.
};

template <std::derived_from<google::protobuf::Message> T>
struct RowText<T> {
  static void AppendText(const T& message, std::string& out) {
    out.append("{").append(message.ShortDebugString()).append("}");
  }
  static void AppendJson(const T& message, std::string& out) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string json;
    const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
    out.append(status.ok() ? json : "null");
  }
};

}  // namespace weir

#endif  // WEIR_CORE_TYPES_PROTOBUF_CODEC_H_
