#!/usr/bin/env python3
"""A job while it runs: progress on a terminal and elsewhere, Ctrl-C, and failures with their place."""

import os
import pathlib
import pty
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

FAILED, USAGE, CANCELLED = 1, 2, 130


class JobRunTest(weir_binary.WeirTest):
    def start(self, *arguments, stderr=subprocess.PIPE):
        child = subprocess.Popen(
            [weir_binary.WEIR, *arguments], cwd=self.folder, env=weir_binary.environment(TERM="xterm"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)
        self.addCleanup(child.wait)
        for pipe in (child.stdout, child.stderr):
            if pipe:
                self.addCleanup(pipe.close)
        self.addCleanup(child.kill)
        return child

    def wait_for_output_folder(self, job="endless", holding=".part*"):
        """The job has started when its folder is there, and holds a part that is being written."""
        deadline = time.monotonic() + 60
        while not any((self.folder / "weir-out").glob(f"{job}/{holding}")):
            self.assertLess(time.monotonic(), deadline, "the job does not start")
            time.sleep(0.02)

    def test_jobs_of_another_binary(self):
        said = self.weir("jobs").stdout
        self.assertSays(said, "endless", "Never ends.", "throws")
        self.assertNotIn("word_count", said)

    def test_ctrl_c_cancels(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            child = self.start("run", "endless")
            self.wait_for_output_folder()
            child.send_signal(number)
            out, err = child.communicate(timeout=60)
            self.assertEqual(child.returncode, CANCELLED)
            self.assertSays(err.decode(), "Cancelling the job", "Ctrl-C once more")
            self.assertSays(out.decode(), "endless CANCELED")
            self.assertEqual([p for p in (self.folder / "weir-out/endless").iterdir() if p.name[0] != "."], [])
            for path in (self.folder / "weir-out/endless").iterdir():
                path.unlink()

    def test_second_ctrl_c_ends_the_program_at_once(self):
        child = self.start("run", "stuck")
        self.wait_for_output_folder("stuck", holding="")
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        self.assertIn(b"Cancelling the job", child.stderr.readline())
        with self.assertRaises(subprocess.TimeoutExpired):
            child.wait(0.3)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=10)
        self.assertEqual(child.returncode, CANCELLED)

    def test_progress_on_a_terminal(self):
        terminal, inner = pty.openpty()
        child = self.start("run", "endless", stderr=inner)
        os.close(inner)
        seen = b""
        deadline = time.monotonic() + 60
        while b"event time 2026-01-01T00:" not in seen and time.monotonic() < deadline:
            seen += os.read(terminal, 4096)
        child.send_signal(signal.SIGINT)
        try:
            while chunk := os.read(terminal, 4096):
                seen += chunk
        except OSError:  # The other end is closed.
            pass
        os.close(terminal)
        self.assertEqual(child.wait(60), CANCELLED)
        seen = seen.decode()
        self.assertSays(seen, "endless  ", " rows/s", "event time 2026-01-01T00:")
        lines = seen.split("\r\x1b[K")
        self.assertGreater(len(lines), 2)
        self.assertTrue(all(len(line) < 80 for line in lines[1:] if "\n" not in line), lines)
        self.assertRegex(lines[-1], "^(Cancelling.*\r\n)?$", "the progress line is cleared at the end")

    def test_failure_names_its_place(self):
        done = self.weir("run", "throws", want=FAILED)
        self.assertSays(done.stderr, "forty-two", "divide", "index=42")
        self.assertSays(done.stdout, "throws FAILED")

    def test_wrong_job_is_refused(self):
        said = self.weir("run", "unfinished", want=USAGE).stderr
        self.assertSays(said, "has no sink", ".SinkTo(...)")

    def test_fresh_for_a_job_that_does_not_know_it(self):
        self.assertSays(self.weir("run", "endless", "--fresh", want=USAGE).stderr, '"fresh"')


if __name__ == "__main__":
    weir_binary.main()
