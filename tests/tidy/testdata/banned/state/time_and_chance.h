inline void F() {
  absl::Time t = absl::Now();                     // want: now
  int64_t n = absl::GetCurrentTimeNanos();        // want: now
  auto a = std::chrono::system_clock::now();      // want: clock
  using Clock = std::chrono::steady_clock;        // want: clock
  std::chrono::high_resolution_clock::now();      // want: clock
  clock_gettime(CLOCK_REALTIME, &ts);             // want: clock
  time_t now = time(nullptr);                     // want: clock
  std::time(&now);                                // want: clock
  absl::BitGen gen;                               // want: bit-gen
  absl::InsecureBitGen fast;                      // want: bit-gen
  std::uniform_int_distribution<int> d(0, 1);     // want: distribution
  std::shuffle(v.begin(), v.end(), gen);          // want: distribution
  std::random_device rd;                          // want: random-device
  int r = rand();                                 // want: random-device
  getrandom(buffer, 8, 0);                        // want: random-device
  std::mt19937_64 engine(1);                      // want: random-engine
  std::default_random_engine other;               // want: random-engine
  localtime_r(&now, &tm);                         // want: local-time
  absl::TimeZone tz = absl::LocalTimeZone();      // want: local-time
  const char* home = std::getenv("HOME");         // want: environment
  if (typeid(a) == typeid(b)) return;             // want: typeid
  std::type_index index(x);                       // want: typeid
  printf("x");                                    // want: output
  std::fprintf(stderr, "x");                      // want: output
  std::cout << "x";                               // want: output
  std::cerr << "x";                               // want: output
}
