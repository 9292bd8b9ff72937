#!/usr/bin/env python3
"""Every run in regression_seeds.txt is clean."""

import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
WEIR = sys.argv.pop(1)


class RegressionSeedsTest(unittest.TestCase):
    def test_all_are_clean(self):
        lines = (HERE / "regression_seeds.txt").read_text().splitlines()
        runs = [line.split(maxsplit=2) for line in lines if line and not line.startswith("#")]
        self.assertTrue(runs)
        for job, seed, _ in runs:
            with self.subTest(job=job, seed=seed):
                done = subprocess.run([WEIR, "sim", f"--job={job}", f"--seed={seed}"], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
