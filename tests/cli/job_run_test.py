#!/usr/bin/env python3
"""A job while it runs: progress on a terminal and elsewhere, Ctrl-C, and failures with their place."""

import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

FAILED, USAGE, STOPPED = 1, 2, 130


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

    def wait_for_output_folder(self, job):
        deadline = time.monotonic() + 60
        while not (self.folder / "weir-out" / job).is_dir():
            self.assertLess(time.monotonic(), deadline, "the job does not start")
            time.sleep(0.02)

    def wait_for_rows(self, child):
        """Until the job has taken a checkpoint since this was called."""
        before = self.newest_pointer()
        deadline = time.monotonic() + 60
        while self.newest_pointer() < before + 6:
            self.assertLess(time.monotonic(), deadline, "the job does not start")
            self.assertIsNone(child.poll(), "the job has ended")
            time.sleep(0.02)

    def newest_pointer(self):
        pointers = pathlib.Path(weir_binary.STATE).glob("endless-*/checkpoints-*/pointer-*")
        return max([int(path.name.split("-")[1]) for path in pointers if "." not in path.name], default=0)

    def indexes(self, folder="weir-out/endless"):
        return sorted(int(row[0]) for row in weir_binary.read_csv(self.folder / folder, "index,time"))

    def test_jobs_of_another_binary(self):
        said = self.weir("jobs").stdout
        self.assertSays(said, "endless", "Never ends.", "throws")
        self.assertNotIn("word_count", said)

    def test_ctrl_c_stops_with_a_checkpoint_and_the_same_command_continues(self):
        checkpoint = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            child = self.start("run", "endless", "--limit=4000", "--checkpoint-interval=50ms")
            self.wait_for_rows(child)
            child.send_signal(number)
            out, err = child.communicate(timeout=60)
            self.assertEqual(child.returncode, STOPPED)
            said = err.decode()
            self.assertSays(said, "Stopping the job with a checkpoint", "Ctrl-C once more", "--fresh starts over")
            self.assertSays(out.decode(), "endless SUSPENDED")
            if checkpoint:
                self.assertIn(f"continuing from checkpoint {checkpoint} ", said)
                self.assertIn(f"restored from checkpoint {checkpoint}", out.decode())
            newer = int(re.search(r"same command continues from checkpoint (\d+)", said)[1])
            self.assertGreater(newer, checkpoint)
            checkpoint = newer
        done = self.weir("run", "endless", "--limit=4000")
        self.assertSays(done.stdout, "endless FINISHED", f"restored from checkpoint {checkpoint}")
        self.assertEqual(self.indexes(), list(range(4000)))

    def test_second_run_at_once_is_refused(self):
        child = self.start("run", "endless", "--checkpoint-interval=50ms")
        self.wait_for_rows(child)
        said = self.weir("run", "endless", want=FAILED).stderr
        self.assertSays(said, f"process {child.pid}", f"kill {child.pid}", "--output")
        self.weir("run", "endless", "--output=elsewhere", "--limit=10", "--rate=0")
        child.kill()
        child.communicate()

    def test_kill_is_continued_with_another_parallelism(self):
        child = self.start("run", "endless", "--limit=2000", "--checkpoint-interval=50ms")
        self.wait_for_rows(child)
        child.kill()
        child.communicate()
        done = self.weir("run", "endless", "--limit=2000", "--parallelism=3")
        self.assertSays(done.stderr, "continuing from checkpoint ")
        self.assertSays(done.stdout, "endless FINISHED", "restored from checkpoint ")
        self.assertEqual(self.indexes(), list(range(2000)))

    def test_another_output_has_what_comes_after_the_checkpoint(self):
        child = self.start("run", "endless", "--limit=2000", "--checkpoint-interval=50ms")
        self.wait_for_rows(child)
        child.send_signal(signal.SIGINT)
        child.communicate()
        before = self.indexes()
        (taken,) = pathlib.Path(weir_binary.STATE).glob("endless-*/checkpoints-*")
        done = self.weir("run", "endless", "--limit=2000", "--output=rest", f"--restore={taken}")
        self.assertSays(done.stdout, "endless FINISHED", "restored from checkpoint ")
        self.assertEqual(sorted(before + self.indexes("rest")), list(range(2000)))
        # The run that was stopped goes on as if nothing had happened.
        self.weir("run", "endless", "--limit=2000")
        self.assertEqual(self.indexes(), list(range(2000)))
        said = self.weir("run", "endless", "--limit=1999", "--output=rest", f"--restore={taken}", want=FAILED).stderr
        self.assertSays(said, "results of another run", "Choose another --output")

    def test_finished_run_says_so(self):
        first = self.weir("run", "endless", "--limit=10", "--rate=0")
        again = self.weir("run", "endless", "--limit=10", "--rate=0")
        self.assertSays(again.stderr, "finished already", "--fresh starts over")
        self.assertSays(again.stdout, "endless FINISHED", "10 rows", str(self.folder / "weir-out/endless"))
        self.assertEqual(self.indexes(), list(range(10)))

    def test_second_ctrl_c_ends_the_program_at_once(self):
        child = self.start("run", "stuck")
        self.wait_for_output_folder("stuck")
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        self.assertIn(b"Stopping the job", child.stderr.readline())
        with self.assertRaises(subprocess.TimeoutExpired):
            child.wait(0.3)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=10)
        self.assertEqual(child.returncode, STOPPED)

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
        self.assertEqual(child.wait(60), STOPPED)
        seen = seen.decode()
        self.assertSays(seen, "endless  ", " rows/s", "event time 2026-01-01T00:")
        lines = seen.split("\r\x1b[K")
        self.assertGreater(len(lines), 2)
        self.assertTrue(all(len(line) < 80 for line in lines[1:] if "\n" not in line), lines)
        self.assertRegex(lines[-1], "^((Stopping|weir:).*\r\n)*$", "the progress line is cleared at the end")

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
