#include "cli/signals.h"

#include <signal.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace weir::cli {
namespace {

TEST(SignalPipe, HandsOverSignalsAndWakes) {
  SignalPipe pipe;
  pipe.Wake();
  EXPECT_EQ(pipe.Wait(), SignalPipe::Event::kWoken);
  raise(SIGINT);
  EXPECT_EQ(pipe.Wait(), SignalPipe::Event::kSignal);
}

TEST(SignalPipe, CanBeMadeAgain) {
  for (int i = 0; i < 3; ++i) {
    SignalPipe pipe;
    raise(SIGTERM);
    EXPECT_EQ(pipe.Wait(), SignalPipe::Event::kSignal);
  }
}

TEST(SignalPipe, SurvivesABrokenPipe) {
  SignalPipe pipe;
  raise(SIGPIPE);
  pipe.Wake();
  EXPECT_EQ(pipe.Wait(), SignalPipe::Event::kWoken);
}

TEST(SignalPipeDeathTest, SecondSignalExitsAtOnce) {
  EXPECT_EXIT(
      {
        SignalPipe pipe;
        raise(SIGINT);
        raise(SIGINT);
        _exit(0);
      },
      testing::ExitedWithCode(kInterruptedExitCode), "");
}

}  // namespace
}  // namespace weir::cli
