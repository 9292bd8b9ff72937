// Hello: the first bytes on every connection, so that processes of different versions, clusters or leaders refuse each other by
// name instead of misreading each other. ChannelHello follows it when a data channel is opened. docs/formats/frame.md has both
// layouts. They never change except at the end, where older readers ignore what newer writers add. Pure.
#ifndef WEIR_CORE_TYPES_HELLO_H_
#define WEIR_CORE_TYPES_HELLO_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"

namespace weir {

// What this build speaks.
inline constexpr uint16_t kProtocolMin = 1;
inline constexpr uint16_t kProtocolMax = 1;

// Longest encoded Hello or ChannelHello.
inline constexpr size_t kHelloBytesMax = 4096;
// Longest cluster id or job id.
inline constexpr size_t kHelloIdBytesMax = 256;

struct Hello {
  uint16_t protocol_min = kProtocolMin;
  uint16_t protocol_max = kProtocolMax;
  std::string cluster_id;
  uint64_t process_incarnation = 0;  // Differs in every start of a process.
  LeaderEpoch leader_epoch;

  std::string ToString() const;
  friend bool operator==(const Hello&, const Hello&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Hello& hello) {
    return out << hello.ToString();
  }
};

struct ChannelHello {
  JobId job;
  ChannelId channel;
  AttemptNumber attempt;
  uint64_t schema_digest = 0;  // Schema::Digest() of the rows.

  std::string ToString() const;
  friend bool operator==(const ChannelHello&, const ChannelHello&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ChannelHello& hello) {
    return out << hello.ToString();
  }
};

// Ids longer than kHelloIdBytesMax are a bug of the caller.
void EncodeHello(const Hello& hello, std::string& out);
void EncodeChannelHello(const ChannelHello& hello, std::string& out);

// Both take their part off the front of `bytes`. DataLoss with what and where; `bytes` is then unchanged.
absl::StatusOr<Hello> ParseHello(std::string_view& bytes);
absl::StatusOr<ChannelHello> ParseChannelHello(std::string_view& bytes);

// The protocol both speak, the highest. FailedPrecondition if there is none; InvalidArgument if `theirs` belongs to another
// cluster; Aborted if it follows a deposed leader. A newer leader than ours is fine here: it is ours that is out of date.
absl::StatusOr<uint16_t> NegotiateProtocol(const Hello& ours, const Hello& theirs);

// OK if `got` opens the channel we expect. NotFound for another job or channel, Aborted for an older attempt than ours,
// Unavailable for a newer one (ours is not deployed yet), FailedPrecondition for rows of another schema.
absl::Status CheckChannelHello(const ChannelHello& expected, const ChannelHello& got);

}  // namespace weir

#endif  // WEIR_CORE_TYPES_HELLO_H_
