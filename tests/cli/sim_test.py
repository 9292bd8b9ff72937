#!/usr/bin/env python3
"""`weir sim`: seeds that must stay clean, how results are told, and every way to call it wrongly."""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

USAGE = 2
WORK = re.compile(r"checkpoints=(\d+) recoveries=(\d+) faults=([a-z-]+:\d+(?:,[a-z-]+:\d+)*)? fileop_crashes=(\d+) rows_compared=(\d+)")
SUM = re.compile(r"seeds=(\d+) failures=(\d+) digest=([0-9a-f]{16}) seeds_per_second=[\d.]+ sim_seconds_per_second=\d+")


class SimTest(weir_binary.WeirTest):
    def sim(self, *arguments, want=0):
        said = self.weir("sim", *arguments, want=want).stdout
        work, total = said.splitlines()[-2:]
        self.assertRegex(work, "^" + WORK.pattern + "$")
        self.assertRegex(total, "^" + SUM.pattern + "$")
        return said, WORK.match(work), SUM.match(total)

    def test_seeds_are_clean(self):
        said, work, total = self.sim("--seeds=120")
        self.assertEqual(total.group(1, 2), ("120", "0"), said)
        checkpoints, recoveries, file_crashes, rows = (int(work.group(i)) for i in (1, 2, 4, 5))
        self.assertGreater(checkpoints, 1200)
        self.assertGreater(recoveries, 120)
        self.assertGreater(file_crashes, 5)
        self.assertGreater(rows, 100000)
        self.assertEqual(len(work.group(3).split(",")), 18, "kinds of faults")

    def test_a_seed_is_one_run(self):
        one = self.sim("--seed=7")
        two = self.sim("--seed=7", f"--trace={self.folder}/trace")
        self.assertEqual(one[2].group(3), two[2].group(3))
        lines = (self.folder / "trace").read_text(errors="replace").splitlines()
        self.assertGreater(len(lines), 1000)
        self.assertRegex(lines[0], r"^1 \d+ [0-9a-f]{16} \w+ \d+ [0-9a-f]{16} ")
        self.assertNotEqual(one[2].group(3), self.sim("--seed=8")[2].group(3))

    def test_determinism_is_checked_in_another_process(self):
        said, _, total = self.sim("--seeds=12", "--first-seed=40", "--check-determinism")
        self.assertIn("ran 12 seeds twice, the second time in another process: 0 digests differ", said)
        self.assertEqual(total.group(1), "12")

    def test_a_plan_of_faults(self):
        (self.folder / "plan").write_text("# Once is enough.\nkill at=1s for=500ms machine=tm-1\n")
        _, work, _ = self.sim("--seed=7", "--faults=plan")
        self.assertEqual(work.group(3), "kill:1")

    def test_wrong_usage(self):
        self.assertSays(self.weir("sim", "--job=keyed_onion", want=USAGE).stderr, "keyed_onion", "keyed_union")
        self.assertSays(self.weir("sim", "--seeds=0", want=USAGE).stderr, "--seeds")
        self.assertSays(self.weir("sim", "--seed=1", "--seeds=2", want=USAGE).stderr, "--seeds")
        self.assertSays(self.weir("sim", "--trace=x", want=USAGE).stderr, "--seed")
        self.assertSays(self.weir("sim", "--seed=1", "--faults=nowhere", want=USAGE).stderr, "cannot read", "nowhere")
        (self.folder / "plan").write_text("hurricane at=1s machine=tm-1\n")
        self.assertSays(self.weir("sim", "--seed=1", "--faults=plan", want=USAGE).stderr, "plan", "hurricane")
        self.assertSays(self.weir("sim", "--seed=1", "--trace=/nowhere/x", want=USAGE).stderr, "cannot write /nowhere/x")


if __name__ == "__main__":
    weir_binary.main()
