// LiveList: the calls, or the streams, of a world that still exist, in the order in which they were
// made. Whoever is in it derives from LiveNode and leaves the list when destroyed. O(1), no
// allocation. Not ordered by addresses.
#ifndef WEIR_SIM_LIVE_LIST_H_
#define WEIR_SIM_LIVE_LIST_H_

#include <memory>
#include <vector>

namespace weir::sim {

class LiveNode {
 public:
  LiveNode() : previous_(this), next_(this) {}
  LiveNode(const LiveNode&) = delete;
  LiveNode& operator=(const LiveNode&) = delete;

 protected:
  ~LiveNode() {
    previous_->next_ = next_;
    next_->previous_ = previous_;
  }

 private:
  template <typename T>
  friend class LiveList;

  LiveNode* previous_;
  LiveNode* next_;
};

// T derives from LiveNode and std::enable_shared_from_this<T>. Outlives what is in it.
template <typename T>
class LiveList {
 public:
  void Add(T& item) {
    LiveNode& node = item;
    node.previous_ = head_.previous_;
    node.next_ = &head_;
    head_.previous_->next_ = &node;
    head_.previous_ = &node;
  }

  // Those that are in it now.
  std::vector<std::shared_ptr<T>> All() {
    std::vector<std::shared_ptr<T>> all;
    for (LiveNode* node = head_.next_; node != &head_; node = node->next_) {
      // Absent if its last owner is just letting go.
      std::shared_ptr<T> item = static_cast<T*>(node)->weak_from_this().lock();
      if (item != nullptr) all.push_back(std::move(item));
    }
    return all;
  }

 private:
  struct Head : LiveNode {};
  Head head_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_LIVE_LIST_H_
