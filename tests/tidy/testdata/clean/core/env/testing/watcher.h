class Watcher {
  std::mutex mutex_;
};
