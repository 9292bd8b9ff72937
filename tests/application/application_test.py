#!/usr/bin/env python3
"""A program of a user's own that is linked with //:weir_main: the command line, and the cluster, for its jobs."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402
import weir_process  # noqa: E402
from weir_process import ANY_PORT  # noqa: E402

HEADER = "hour,page,visits,visitors"
USAGE = 2


class ApplicationTest(weir_process.ProcessTest):
    def rows(self, folder):
        return weir_binary.read_csv(self.folder / folder, HEADER)

    def test_it_lists_its_jobs_and_no_others(self):
        listed = self.weir("jobs").stdout
        self.assertSays(listed, "visits", "--count", "--output")
        self.assertNotIn("word_count", listed)

    def test_it_runs_its_jobs(self):
        done = self.weir("run", "visits", "--output=hours")
        self.assertSays(done.stdout, "visits")
        rows = self.rows("hours")
        self.assertEqual(sum(int(row[2]) for row in rows), 20000)
        self.assertTrue(all(0 < int(row[3]) <= int(row[2]) for row in rows))

    def test_it_is_the_cluster_for_its_jobs(self):
        self.weir("run", "visits", "--count=5000", "--output=alone")
        cluster = self.start("cluster", "--taskmanagers=2", "--slots=1", *ANY_PORT)
        address = cluster.hear(r"JobManager at (\S+:\d+),")[1]
        cluster.hear("The cluster runs")
        self.weir("submit", f"--jobmanager={address}", "visits", "--count=5000", "--output=together")
        self.assertEqual(self.rows("together"), self.rows("alone"))

    def test_it_simulates(self):
        self.assertSays(self.weir("sim", "--job=keyed_union", "--seeds=2").stdout, "seeds=2 failures=0")

    def test_a_job_that_it_does_not_have(self):
        refused = self.weir("run", "word_count", want=USAGE)
        self.assertSays(refused.stderr, 'there is no job "word_count"', "visits")


if __name__ == "__main__":
    weir_binary.main()
