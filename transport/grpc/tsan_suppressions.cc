// What the thread sanitizer must not report in a binary that holds gRPC: libgrpc and its libraries are
// not built for it, so it does not see their synchronization. Linked into every such binary. Our own
// code on gRPC's side of a call is thin and ends in an executor, whose mutex the sanitizer sees.
#if defined(__has_feature)
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
         "mutex:libabsl_\n";
}
#endif
#endif
