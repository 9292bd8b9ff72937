// Prints what each seed came to, "<job> <seed> <digest> <events>" a line: for every seed from FIRST to LAST, upwards or, if LAST
// is smaller, downwards. Two processes must print the same lines.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/base/check.h"
#include "tests/simulation/example_run.h"

int main(int argc, char** argv) {
  WEIR_CHECK_EQ(argc, 3) << "usage: print_digests FIRST LAST";
  const int64_t first = std::atoll(argv[1]);
  const int64_t last = std::atoll(argv[2]);
  // A heap that differs with the direction: objects of equal runs lie at other addresses.
  std::vector<std::unique_ptr<char[]>> ballast;
  for (int64_t i = 0; i < (first < last ? 10 : 1000); ++i) {
    ballast.push_back(std::make_unique<char[]>(static_cast<size_t>(17 + i % 3000)));
    if (i % 3 == 0) ballast[static_cast<size_t>(i / 2)].reset();
  }
  const int64_t step = first <= last ? 1 : -1;
  for (int64_t seed = first; seed != last + step; seed += step) {
    for (const weir::ExampleInput& input : {weir::PackageActivityInput(), weir::WordCountInput()}) {
      const weir::ExampleRun run = weir::RunExample(input, static_cast<uint64_t>(seed));
      std::printf("%s %" PRId64 " %016" PRIx64 " %" PRIu64 "\n", input.job.c_str(), seed,
                  run.digest, run.events);
    }
  }
  return 0;
}
