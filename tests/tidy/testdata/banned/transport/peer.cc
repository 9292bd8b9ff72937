void F() {
  std::thread t;     // want: thread
  sleep(1);          // want: sleep
  absl::CondVar c;   // want: absl-mutex
  std::mutex allowed_here;
}
