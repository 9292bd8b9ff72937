absl::Time ProductionClock::Now() { return absl::FromChrono(std::chrono::system_clock::now()); }
