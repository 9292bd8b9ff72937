#!/usr/bin/env python3
"""The same seed runs the same in separately started processes: other addresses, another heap, another order of seeds."""

import os
import subprocess
import sys
import unittest

PRINT_DIGESTS = ""
SEEDS = 200


def digests(first, last, **env):
    done = subprocess.run([PRINT_DIGESTS, str(first), str(last)], check=True, capture_output=True, text=True,
                          env={**os.environ, **env})
    return done.stdout.splitlines()


class DeterminismTest(unittest.TestCase):
    def test_a_seed_is_the_same_in_every_process(self):
        upwards = digests(1, SEEDS)
        downwards = digests(SEEDS, 1, MALLOC_PERTURB_="165", MALLOC_ARENA_MAX="1", TZ="Asia/Kolkata", LC_ALL="C")
        self.assertEqual(len(upwards), 2 * SEEDS)
        self.assertEqual(sorted(upwards), sorted(downwards))
        self.assertEqual(len({line.split()[2] for line in upwards}), 2 * SEEDS, "seeds must not all be the same run")

    def test_one_seed_alone(self):
        self.assertEqual(digests(7, 7), [line for line in digests(5, 8) if line.split()[1] == "7"])


if __name__ == "__main__":
    PRINT_DIGESTS = sys.argv.pop(1)
    unittest.main(verbosity=2)
