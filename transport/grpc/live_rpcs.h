// LiveRpcs: the RPCs of one completion queue that gRPC still holds, so that all of them can be ended
// before the queue is. Thread-safe. A named file for the rule about locks.
#ifndef WEIR_TRANSPORT_GRPC_LIVE_RPCS_H_
#define WEIR_TRANSPORT_GRPC_LIVE_RPCS_H_

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace weir::remote {

class LiveRpc {
 public:
  // Ends it soon, as if the connection were lost. Any thread.
  virtual void Cancel() = 0;

 protected:
  ~LiveRpc() = default;
};

class LiveRpcs {
 public:
  // False after Close(): the RPC is to be cancelled.
  bool Add(const std::shared_ptr<LiveRpc>& rpc) {
    std::lock_guard<std::mutex> lock(mutex_);
    rpcs_.emplace(rpc.get(), rpc);
    return !closed_;
  }

  // The last thing that is done for an RPC. Nothing of this is touched after Close() has returned.
  void Remove(LiveRpc* rpc) {
    std::lock_guard<std::mutex> lock(mutex_);
    rpcs_.erase(rpc);
    if (rpcs_.empty()) empty_.notify_all();
  }

  void CancelAll() {
    for (const auto& rpc : All()) rpc->Cancel();
  }

  // Cancels all, also those that come later, and waits for their end.
  void Close() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
    }
    CancelAll();
    std::unique_lock<std::mutex> lock(mutex_);
    empty_.wait(lock, [this] { return rpcs_.empty(); });
  }

 private:
  std::vector<std::shared_ptr<LiveRpc>> All() {
    std::vector<std::shared_ptr<LiveRpc>> all;
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [key, rpc] : rpcs_) {
      if (auto live = rpc.lock()) all.push_back(std::move(live));
    }
    return all;
  }

  std::mutex mutex_;
  std::condition_variable empty_;
  std::map<LiveRpc*, std::weak_ptr<LiveRpc>> rpcs_;  // Guarded by mutex_, as all below.
  bool closed_ = false;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_LIVE_RPCS_H_
