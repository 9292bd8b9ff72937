// What sanitizers must not report in a binary that holds gRPC. Linked into every such binary.
//
// Threads: libgrpc and its libraries are not built for the sanitizer, so it does not see their
// synchronization. Our own code on gRPC's side of a call is thin and ends in an executor, whose mutex
// the sanitizer sees. "Unref" is the inline half of how absl::Status lets go of its text: the other half, in libabsl,
// is a tail call and leaves no frame. So it is not seen that two threads of ours share a Status without more ado. Leaks: c-ares keeps a few bytes of what it has resolved.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
extern "C" const char* __lsan_default_suppressions() { return "leak:libcares\n"; }
#endif
#if __has_feature(thread_sanitizer)
extern "C" const char* __tsan_default_suppressions() {
  return "race:libgrpc\n"
         "race:libgpr\n"
         "race:grpc::\n"
         "race:libupb\n"
         "race:libcares\n"
         "race:libaddress_sorting\n"
         "race:libssl\n"
         "race:libcrypto\n"
         "race:libabsl_\n"
         "race:^Unref$\n"
         "mutex:libabsl_\n";
}
#endif
#endif
