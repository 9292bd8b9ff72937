// SignalPipe: SIGINT and SIGTERM as events that the main thread waits for. The first one is handed
// to Wait(), so that the program can end in order; the second one ends the process at once,
// whatever it is doing. One object at a time.
//
// Only programs have signal handlers; nothing below cli knows of them.
#ifndef WEIR_CLI_SIGNALS_H_
#define WEIR_CLI_SIGNALS_H_

namespace weir::cli {

// What a shell reports for a process that ended by Ctrl-C.
inline constexpr int kInterruptedExitCode = 130;

class SignalPipe {
 public:
  // Installs the handlers, and ignores SIGPIPE: a reader of our output that goes away must not end
  // the job.
  SignalPipe();
  // Restores what was there.
  ~SignalPipe();
  SignalPipe(const SignalPipe&) = delete;
  SignalPipe& operator=(const SignalPipe&) = delete;

  enum class Event { kSignal, kWoken, kTimeout };
  // Blocks until a signal arrives or Wake() is called; each call is answered by one event. kTimeout after `limit_ms` if that
  // is not negative.
  Event Wait(int limit_ms = -1);
  // Makes Wait() return kWoken. From any thread.
  void Wake();
};

}  // namespace weir::cli

#endif  // WEIR_CLI_SIGNALS_H_
