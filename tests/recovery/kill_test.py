#!/usr/bin/env python3
"""kill -9 of `weir run package_activity` at seeded moments, each time continued by the same command.

    kill_test.py WEIR [--moments=N] [--seed=S]

Some of the moments are a time since the start, most are one after a manifest appears, which is where pre-committed
parts wait to be committed. A killed run must continue from the checkpoint that its pointer names, say so, and in the end have
the output of a run that was left alone. Prints where the kills fell.
"""

import collections
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

HEADER = "window_start,window_end,action,count"
MOMENTS, SEED, DAYS = 3, 1, 120
ACTIONS = ["install", "upgrade", "remove", "purge", "status", "startup", "configure", "trigproc"]

FIRST = "before the first checkpoint"
BETWEEN = "between two checkpoints"
PRECOMMITTED = "between pre-commit and commit"
OVER = "after the end"


def manifests_in(folder):
    """The names of the manifests; none if there is no folder."""
    return {name for name in os.listdir(folder) if name.startswith("manifest-")} if folder else set()


def write_log(path, days, seed):
    """A log in order of time: the same 9,000 lines every day."""
    rng = random.Random(seed)
    seconds = sorted(rng.randrange(86400) for _ in range(9000))
    rest = [" %02d:%02d:%02d %s package-%d:amd64 <none> 1.%d-1\n" % (
        s // 3600, s // 60 % 60, s % 60, rng.choice(ACTIONS), rng.randrange(999), rng.randrange(9)) for s in seconds]
    with open(path, "w") as log:
        for day in range(days):
            date = "20%02d-%02d-%02d" % (20 + day // 336, 1 + day // 28 % 12, 1 + day % 28)
            log.write("".join(date + line for line in rest))


def is_there(pattern, folder):
    return any(folder.glob(pattern))


class KillTest(weir_binary.WeirTest):
    maxDiff = 2000

    def setUp(self):
        super().setUp()
        self.rng = random.Random(SEED)
        write_log(self.folder / "dpkg.log", DAYS, SEED)
        start = time.monotonic()
        self.weir("run", "package_activity", "--input=dpkg.log", "--output=alone", "--checkpoint-interval=30ms")
        self.seconds = time.monotonic() - start
        self.want = weir_binary.read_csv(self.folder / "alone", HEADER)
        self.assertGreater(len(self.want), 1000)

    def start(self, output, parallelism):
        log = open(self.folder / "said", "w+b")
        self.addCleanup(log.close)
        child = subprocess.Popen(
            [weir_binary.WEIR, "run", "package_activity", "--input=dpkg.log", f"--output={output}",
             "--checkpoint-interval=30ms", f"--parallelism={parallelism}"],
            cwd=self.folder, env=weir_binary.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child, log

    def run_folder(self, output):
        for record in pathlib.Path(weir_binary.STATE).glob("*/run"):
            if f"output={self.folder / output}\n" in record.read_text():
                return record.parent
        return None

    def checkpoints(self, output):
        """The folder that counts, None before there is one."""
        folder = self.run_folder(output)
        found = folder and re.search(r"(?m)^checkpoints: (.*)$", (folder / "run").read_text())
        return pathlib.Path(found[1]) if found and os.path.isdir(found[1]) else None

    def wait_for_moment(self, child, output):
        """Until the next seeded moment; False if the run ends before it."""
        if self.rng.random() < 0.2:
            delay = self.rng.uniform(0.05, self.seconds * 0.8)
            try:
                child.wait(delay)
                return False
            except subprocess.TimeoutExpired:
                return True
        # Parts are committed within a millisecond after the manifest that names them.
        to_come, delay = self.rng.randrange(1, 6), self.rng.choice([0, 0, 0, 0, self.rng.uniform(0, 0.004)])
        folder = self.checkpoints(output)
        seen = manifests_in(folder)
        while to_come > 0:
            if child.poll() is not None:
                return False
            folder = folder or self.checkpoints(output)
            new = manifests_in(folder) - seen
            to_come -= len(new)
            seen |= new
        if delay:
            time.sleep(delay)
        return True

    def newest_checkpoint(self, output):
        """(id, bytes of its manifest) of what the newest pointer names; (0, b"") if there is none."""
        folder = self.checkpoints(output)
        pointers = [path for path in folder.glob("pointer-*") if "." not in path.name] if folder else []
        if not pointers:
            return 0, b""
        newest = max(pointers, key=lambda path: int(path.name.split("-")[1]))
        name = re.search(rb"manifest-(\d+)-e\d+a\d+", newest.read_bytes())
        return (int(name[1]), (folder / name[0].decode()).read_bytes()) if name else (0, b"")

    def where(self, output):
        """Where a kill has fallen."""
        folder = self.run_folder(output)
        if folder and "\nstate: finished\n" in (folder / "run").read_text():
            return OVER
        newest, _ = self.newest_checkpoint(output)
        manifests = [path.read_bytes() for path in self.checkpoints(output).glob("manifest-*")] if newest else []
        for path in (self.folder / output).glob(".part-*"):
            visible = path.name[1:].split(".inprogress-")[0]
            named = any(path.name.encode() in manifest for manifest in manifests)
            if named and not (self.folder / output / visible).exists():
                return PRECOMMITTED
        return BETWEEN if newest else FIRST

    def test_killed_runs_continue(self):
        fallen, restored, starts = collections.Counter(), 0, 0
        output_number = 0
        while sum(fallen.values()) < MOMENTS:
            output_number += 1
            output = f"out-{output_number}"
            killed = 0
            while True:
                newest, _ = self.newest_checkpoint(output)
                child, log = self.start(output, self.rng.choice([1, 2, 3]))
                starts += 1
                # A run that is always killed early never ends.
                last = sum(fallen.values()) >= MOMENTS or killed >= 4
                if not last and self.wait_for_moment(child, output):
                    child.send_signal(signal.SIGKILL)
                    child.wait()
                    if child.returncode == -signal.SIGKILL:
                        killed += 1
                        fallen[self.where(output)] += 1
                else:
                    child.wait()
                log.seek(0)
                said = log.read().decode()
                if newest and "continuing" in said or child.returncode == 0 and newest:
                    if "finished already" not in said:
                        self.assertIn(f"continuing from checkpoint {newest} ", said)
                        restored += 1
                if child.returncode == 0:
                    break
                self.assertEqual(child.returncode, -signal.SIGKILL, said)
            self.assertEqual(weir_binary.read_csv(self.folder / output, HEADER), self.want)
        print(f"\n{sum(fallen.values())} kills over {output_number} runs, {starts} starts, {restored} from a checkpoint; "
              f"a run that is left alone takes {self.seconds:.1f} s")
        for place in (FIRST, BETWEEN, PRECOMMITTED, OVER):
            print(f"  {place:<30} {fallen[place]:3}  {'#' * fallen[place]}")
        self.assertGreater(restored, 0)
        self.assertGreaterEqual(fallen[BETWEEN] + fallen[PRECOMMITTED], MOMENTS * 3 // 4 if MOMENTS >= 20 else 1)
        if MOMENTS >= 20:
            self.assertGreaterEqual(fallen[PRECOMMITTED], MOMENTS // 4)


if __name__ == "__main__":
    for argument in [a for a in sys.argv if a.startswith(("--moments=", "--seed="))]:
        sys.argv.remove(argument)
        name, value = argument[2:].split("=")
        MOMENTS, SEED = (int(value), SEED) if name == "moments" else (MOMENTS, int(value))
    DAYS = 120 if MOMENTS < 20 else 300
    weir_binary.main()
