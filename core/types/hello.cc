#include "core/types/hello.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"

namespace weir {
namespace {

constexpr std::string_view kHelloMagic = "WEIR";
constexpr std::string_view kChannelHelloMagic = "WCHN";
constexpr uint16_t kChannelHelloVersion = 1;
constexpr size_t kMagicBytes = 4;
constexpr size_t kEnvelopeBytes = 12;  // Magic, two u16, body length.
constexpr size_t kChecksumBytes = 8;

// [magic: 4][a: u16][b: u16][body bytes: u32][body][XXH3-64 of all before: u64]
void WriteEnvelope(std::string_view magic, uint16_t a, uint16_t b, std::string_view body,
                   std::string& out) {
  const size_t begin = out.size();
  ByteWriter writer(out);
  writer.PutRaw(magic);
  writer.PutU16(a);
  writer.PutU16(b);
  writer.PutString(body);
  writer.PutU64(StableHash64(std::string_view(out).substr(begin)));
}

struct Envelope {
  uint16_t a;
  uint16_t b;
  std::string_view body;
  size_t bytes;  // Of all of it.
};

absl::Status Damaged(std::string_view name, std::string_view what) {
  return absl::DataLossError(absl::StrFormat("%s: %s", name, what));
}

absl::StatusOr<Envelope> ReadEnvelope(std::string_view name, std::string_view magic,
                                      std::string_view bytes) {
  if (bytes.substr(0, kMagicBytes) != magic) {
    return Damaged(name, "it does not start with its magic: the other side is no Weir process");
  }
  ByteReader reader(bytes.substr(kMagicBytes));
  Envelope envelope;
  uint32_t body_bytes;
  if (!reader.GetU16(envelope.a) || !reader.GetU16(envelope.b) || !reader.GetU32(body_bytes)) {
    return Damaged(name, absl::StrFormat("%d bytes are less than its header", bytes.size()));
  }
  if (body_bytes > kHelloBytesMax - kEnvelopeBytes - kChecksumBytes) {
    return Damaged(name, absl::StrFormat("body of %d bytes is too long", body_bytes));
  }
  uint64_t checksum;
  if (!reader.GetRaw(body_bytes, envelope.body) || !reader.GetU64(checksum)) {
    return Damaged(name, absl::StrFormat("it ends inside its body of %d bytes", body_bytes));
  }
  const std::string_view covered = bytes.substr(0, kEnvelopeBytes + body_bytes);
  if (StableHash64(covered) != checksum) return Damaged(name, "its checksum does not match");
  envelope.bytes = covered.size() + kChecksumBytes;
  return envelope;
}

bool ReadId(ByteReader& reader, std::string& id) {
  std::string_view view;
  if (!reader.GetString(view) || view.size() > kHelloIdBytesMax) return false;
  id = view;
  return true;
}

}  // namespace

std::string Hello::ToString() const {
  return absl::StrFormat("cluster '%s', process %016x, %s, protocol %d to %d", cluster_id,
                         process_incarnation, leader_epoch.ToString(), protocol_min, protocol_max);
}

std::string ChannelHello::ToString() const {
  return absl::StrFormat("%s %s of job '%s', schema %016x", channel.ToString(), attempt.ToString(),
                         job.value(), schema_digest);
}

void EncodeHello(const Hello& hello, std::string& out) {
  WEIR_CHECK_LE(hello.cluster_id.size(), kHelloIdBytesMax);
  WEIR_CHECK_LE(hello.protocol_min, hello.protocol_max);
  std::string body;
  ByteWriter writer(body);
  writer.PutString(hello.cluster_id);
  writer.PutU64(hello.process_incarnation);
  writer.PutU64(hello.leader_epoch.value());
  WriteEnvelope(kHelloMagic, hello.protocol_min, hello.protocol_max, body, out);
}

void EncodeChannelHello(const ChannelHello& hello, std::string& out) {
  WEIR_CHECK_LE(hello.job.value().size(), kHelloIdBytesMax);
  std::string body;
  ByteWriter writer(body);
  writer.PutString(hello.job.value());
  writer.PutU32(hello.channel.value());
  writer.PutU32(hello.attempt.value());
  writer.PutU64(hello.schema_digest);
  WriteEnvelope(kChannelHelloMagic, kChannelHelloVersion, 0, body, out);
}

absl::StatusOr<Hello> ParseHello(std::string_view& bytes) {
  WEIR_ASSIGN_OR_RETURN(const Envelope envelope, ReadEnvelope("hello", kHelloMagic, bytes));
  Hello hello;
  hello.protocol_min = envelope.a;
  hello.protocol_max = envelope.b;
  if (hello.protocol_min > hello.protocol_max)
    return Damaged("hello", "its protocol range is empty");
  ByteReader reader(envelope.body);
  uint64_t epoch;
  if (!ReadId(reader, hello.cluster_id) || !reader.GetU64(hello.process_incarnation) ||
      !reader.GetU64(epoch)) {
    return Damaged("hello", absl::StrFormat("its body is malformed at byte %d", reader.position()));
  }
  hello.leader_epoch = LeaderEpoch(epoch);
  bytes.remove_prefix(envelope.bytes);
  return hello;
}

absl::StatusOr<ChannelHello> ParseChannelHello(std::string_view& bytes) {
  constexpr std::string_view kName = "channel hello";
  WEIR_ASSIGN_OR_RETURN(const Envelope envelope, ReadEnvelope(kName, kChannelHelloMagic, bytes));
  ByteReader reader(envelope.body);
  std::string job;
  uint32_t channel, attempt;
  uint64_t schema_digest;
  if (!ReadId(reader, job) || !reader.GetU32(channel) || !reader.GetU32(attempt) ||
      !reader.GetU64(schema_digest)) {
    return Damaged(kName, absl::StrFormat("its body is malformed at byte %d", reader.position()));
  }
  bytes.remove_prefix(envelope.bytes);
  return ChannelHello{JobId(std::move(job)), ChannelId(channel), AttemptNumber(attempt),
                      schema_digest};
}

absl::StatusOr<uint16_t> NegotiateProtocol(const Hello& ours, const Hello& theirs) {
  if (ours.cluster_id != theirs.cluster_id) {
    return absl::InvalidArgumentError(
        absl::StrFormat("this process belongs to cluster '%s', the other one to cluster '%s'",
                        ours.cluster_id, theirs.cluster_id));
  }
  const uint16_t low = std::max(ours.protocol_min, theirs.protocol_min);
  const uint16_t high = std::min(ours.protocol_max, theirs.protocol_max);
  if (low > high) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "this process speaks protocol %d to %d, the other one %d to %d", ours.protocol_min,
        ours.protocol_max, theirs.protocol_min, theirs.protocol_max));
  }
  if (theirs.leader_epoch < ours.leader_epoch) {
    return absl::AbortedError(
        absl::StrFormat("fenced: the other process follows the leader of %s, this one that of %s",
                        theirs.leader_epoch.ToString(), ours.leader_epoch.ToString()));
  }
  return high;
}

absl::Status CheckChannelHello(const ChannelHello& expected, const ChannelHello& got) {
  const std::string both = absl::StrCat("expected ", expected.ToString(), ", got ", got.ToString());
  if (got.job != expected.job || got.channel != expected.channel) {
    return absl::NotFoundError(absl::StrCat("another channel: ", both));
  }
  if (got.attempt < expected.attempt) {
    return absl::AbortedError(absl::StrCat("fenced, an older attempt: ", both));
  }
  if (got.attempt > expected.attempt) {
    return absl::UnavailableError(absl::StrCat("a newer attempt than ours: ", both));
  }
  if (got.schema_digest != expected.schema_digest) {
    return absl::FailedPreconditionError(absl::StrCat("rows of another schema: ", both));
  }
  return absl::OkStatus();
}

}  // namespace weir
