#include "cli/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "core/base/check.h"

namespace weir::cli {
namespace {

constexpr char kSignalByte = 's';
constexpr char kWakeByte = 'w';

// What a signal handler may touch: lock-free atomics, and descriptors that stay open while it is
// installed.
int g_pipe[2] = {-1, -1};
std::atomic<int> g_signals{0};
struct sigaction g_previous_interrupt;
struct sigaction g_previous_terminate;
struct sigaction g_previous_pipe;

void WriteByte(char byte) {
  // A full pipe has more than enough in it to wake the reader.
  while (write(g_pipe[1], &byte, 1) < 0 && errno == EINTR) {
  }
}

void HandleSignal(int) {
  const int saved_errno = errno;
  if (g_signals.fetch_add(1) > 0) _exit(kInterruptedExitCode);
  WriteByte(kSignalByte);
  errno = saved_errno;
}

void Install(int signal, void (*handler)(int), struct sigaction* previous) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  WEIR_CHECK(sigaction(signal, &action, previous) == 0);
}

}  // namespace

SignalPipe::SignalPipe() {
  WEIR_CHECK(g_pipe[0] == -1);
  WEIR_CHECK(pipe2(g_pipe, O_CLOEXEC) == 0);
  WEIR_CHECK(fcntl(g_pipe[1], F_SETFL, O_NONBLOCK) == 0);
  g_signals = 0;
  Install(SIGINT, HandleSignal, &g_previous_interrupt);
  Install(SIGTERM, HandleSignal, &g_previous_terminate);
  Install(SIGPIPE, SIG_IGN, &g_previous_pipe);
}

SignalPipe::~SignalPipe() {
  sigaction(SIGINT, &g_previous_interrupt, nullptr);
  sigaction(SIGTERM, &g_previous_terminate, nullptr);
  sigaction(SIGPIPE, &g_previous_pipe, nullptr);
  close(g_pipe[0]);
  close(g_pipe[1]);
  g_pipe[0] = g_pipe[1] = -1;
}

SignalPipe::Event SignalPipe::Wait(int limit_ms) {
  // Blocks in poll, not in read: under tsan a handler does not run while its thread is inside a read.
  pollfd readable = {.fd = g_pipe[0], .events = POLLIN, .revents = 0};
  while (true) {
    const int ready = poll(&readable, 1, limit_ms);
    if (ready > 0) break;
    if (ready == 0) return Event::kTimeout;
    WEIR_CHECK(errno == EINTR);
  }
  char byte = 0;
  ssize_t got = 0;
  do {
    got = read(g_pipe[0], &byte, 1);
  } while (got < 0 && errno == EINTR);
  WEIR_CHECK(got == 1);
  return byte == kSignalByte ? Event::kSignal : Event::kWoken;
}

void SignalPipe::Wake() { WriteByte(kWakeByte); }

}  // namespace weir::cli
