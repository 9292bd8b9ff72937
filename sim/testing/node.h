// Node: a program that shows what goes wrong around it, for tests of faults.
//
// Every 100 ms a node calls its peer, sends it a frame over a stream (opening a new one when the old
// one is broken), and appends a line to a file on its disk and to one on the shared volume, which it
// then syncs. What it sees goes into the test's journal under its name, e.g. "a call ok",
// "b frame", "b cut frame", "a sender UNAVAILABLE", "a write RESOURCE_EXHAUSTED".
#ifndef WEIR_SIM_TESTING_NODE_H_
#define WEIR_SIM_TESTING_NODE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/env/env.h"

namespace weir::sim {

// How often each thing was seen. Outlives the nodes.
class Journal {
 public:
  void Add(const std::string& what) { ++counts_[what]; }
  int Count(const std::string& what) const {
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }
  void Clear() { counts_.clear(); }
  const std::map<std::string, int>& counts() const { return counts_; }

 private:
  std::map<std::string, int> counts_;
};

class Node final : ServerHandler, StreamSenderHandler {
 public:
  Node(Env* env, std::string name, std::string peer, Journal* journal);
  ~Node() override;

 private:
  class Receiver;

  void See(std::string_view what);
  void Start();
  void Tick();
  void CallPeer();
  void SendFrame();
  void WriteFiles();
  void WriteFile(const std::string& path);

  void OnCall(std::string_view method, std::string request, CallReply reply) override;
  absl::StatusOr<Accepted> OnOpenStream(std::string hello) override;
  void OnCredit() override {}
  void OnBroken(absl::Status why) override;

  Env* const env_;
  const std::string name_;
  const std::string peer_;
  Journal* const journal_;
  absl::Duration last_monotonic_;
  absl::Time last_wall_;
  bool sender_broken_ = false;
  // Destroyed last to first.
  std::unique_ptr<Executor> control_;
  std::unique_ptr<Executor> io_;
  std::unique_ptr<Server> server_;
  std::map<uint64_t, std::shared_ptr<Receiver>> receivers_;
  uint64_t last_receiver_ = 0;
  std::unique_ptr<StreamSender> sender_;
  std::map<uint64_t, std::unique_ptr<CallHandle>> calls_;
  uint64_t last_call_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_TESTING_NODE_H_
