void F() {
  std::thread t;                          // want: thread
  std::jthread j;                         // want: thread
  std::this_thread::yield();              // want: thread
  pthread_create(&p, nullptr, G, nullptr);  // want: thread
  std::this_thread::sleep_for(x);         // want: thread, sleep
  absl::SleepFor(absl::Seconds(1));       // want: sleep
  usleep(3);                              // want: sleep
  std::mutex m;                           // want: mutex
  std::shared_mutex s;                    // want: mutex
  std::lock_guard lock(m);                // want: mutex
  std::condition_variable_any c;          // want: mutex
  std::atomic<int> a;                     // want: mutex
  std::atomic_thread_fence(o);            // want: mutex
  std::future<int> f = std::async(G);     // want: mutex
  std::latch l(1);                        // want: mutex
  volatile int v = 0;                     // want: mutex
  absl::Mutex am;                         // want: absl-mutex
  absl::MutexLock al(&am);                // want: absl-mutex
  absl::Notification n;                   // want: absl-mutex
  co_await G();                           // want: coroutine
  co_return;                              // want: coroutine
}
