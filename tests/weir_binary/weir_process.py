"""Processes of the weir binary that go on running: a test starts them, waits for what they say, and none outlives it."""

import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time

import weir_binary

ANY_PORT = ("-D", "jobmanager.rpc.port=0")


def free_port():
    """For a process that comes back at its port: nobody serves there, and no connection out can get it in between."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_768)  # From there on Linux gives them to clients.
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Process(subprocess.Popen):
    """One process; `said` is its stdout and stderr so far. `prefix` is a command that becomes the one after it."""

    def __init__(self, arguments, folder, prefix=(), **kwargs):
        self.said = ""
        super().__init__([*prefix, weir_binary.WEIR, *map(str, arguments)], cwd=folder, env=weir_binary.environment(),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kwargs)
        os.set_blocking(self.stdout.fileno(), False)

    def listen(self):
        self.said += (self.stdout.read() or b"").decode("utf-8", "backslashreplace")
        return self.said

    def hear(self, pattern, seconds=60):
        """Waits until what it said matches; AssertionError if that does not come."""
        end = time.monotonic() + seconds
        over = False
        while True:
            found = re.search(pattern, self.listen())
            if found:
                return found
            if over or time.monotonic() > end:
                raise AssertionError(f"{pattern!r} was not said, but:\n{self.said}")
            over = self.poll() is not None
            time.sleep(0.01)

    def end(self, seconds=60):
        """Waits for its end and returns the exit code."""
        self.wait(timeout=seconds)
        self.listen()
        return self.returncode

    def children(self):
        """The processes that it started and that have not ended."""
        return children_of(self.pid)


def children_of(pid):
    pids = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        pids += [int(child) for child in (task / "children").read_text().split()]
    return sorted(pids)


def resume_as_zombies(pids, seconds):
    """Lets a TaskManager and its workers go on that were stopped for so long that the JobManager has given them up. The first of
    `pids`, which learns that and ends the others, does so later: before that they speak, as they would on a slow machine."""
    supervisor, *workers = pids
    for pid in workers:
        os.kill(pid, signal.SIGCONT)
    time.sleep(seconds)
    os.kill(supervisor, signal.SIGCONT)


def is_alive(pid):
    """Zombies that wait for their parent do not count."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


class ProcessTest(weir_binary.WeirTest):
    def start(self, *arguments, prefix=()):
        process = Process(arguments, self.folder, prefix)

        def stop():
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()

        self.addCleanup(stop)
        return process
