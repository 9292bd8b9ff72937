// Observer: is told what everybody outside of the processes could see of a run: calls and their answers, streams and their frames,
// file operations, lives of processes. For oracles: it reads bytes in the formats of production and knows nothing of the engine's
// objects. It must not draw, post, or touch what it is shown; a run with an observer is the run without it.
//
// Told in the order in which things happen, and nothing of what did not happen: neither the effects of turns that are discarded nor
// those of processes that are being destroyed.
#ifndef WEIR_SIM_OBSERVER_H_
#define WEIR_SIM_OBSERVER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/env/network.h"

namespace weir::sim {

class Observer {
 public:
  virtual ~Observer() = default;

  // The callee takes the request of call `call`. `life` tells lives of processes apart.
  virtual void OnRequest(uint64_t /*life*/, uint64_t /*call*/, std::string_view /*method*/,
                         std::string_view /*request*/) {}
  // It has answered, perhaps much later, and whether or not the answer arrives.
  virtual void OnAnswer(uint64_t /*life*/, uint64_t /*call*/, const Address& /*callee*/,
                        std::string_view /*method*/, std::string_view /*request*/,
                        const absl::StatusOr<std::string>& /*response*/) {}
  // A process has accepted the opening of stream `stream`, or refused it.
  virtual void OnStreamAnswer(uint64_t /*life*/, const Address& /*acceptor*/, uint64_t /*stream*/,
                              std::string_view /*hello*/, const absl::Status& /*answer*/) {}
  // The opening half of a stream has sent a frame with the last credit that it had: more have to wait.
  virtual void OnCreditUsedUp(uint64_t /*stream*/) {}
  // The accepting half takes a frame.
  virtual void OnFrameTaken(const Address& /*acceptor*/, uint64_t /*stream*/, Lane /*lane*/,
                            std::string_view /*frame*/) {}
  // A file operation has ended; `path` is "FROM to TO" for those with two.
  virtual void OnFileCall(std::string_view /*process*/, std::string_view /*operation*/,
                          std::string_view /*path*/, const absl::Status& /*status*/) {}
};

}  // namespace weir::sim

#endif  // WEIR_SIM_OBSERVER_H_
