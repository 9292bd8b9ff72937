#!/usr/bin/env python3
"""The processes of a cluster: how they start, what they say, and how they end."""

import os
import pathlib
import signal
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402
import weir_process  # noqa: E402
from weir_process import ANY_PORT  # noqa: E402

FAILED = 1
USAGE = 2


class ProcessesTest(weir_process.ProcessTest):
    def cluster(self, *arguments):
        cluster = self.start("cluster", *arguments, *ANY_PORT)
        cluster.hear("The cluster runs")
        return cluster

    def test_a_cluster_starts_serves_and_stops(self):
        begin = time.monotonic()
        cluster = self.cluster("--taskmanagers=2", "--slots=3")
        print(f"the cluster was there after {time.monotonic() - begin:.2f} s", file=sys.stderr)
        self.assertRegex(cluster.said, r"JobManager at 127\.0\.0\.1:\d+, state in .*/cluster\n")
        self.assertRegex(cluster.said, r"(?s)(TaskManager at 127\.0\.0\.1:\d+, 3 slots.*){2}")
        children = cluster.children()
        self.assertEqual(len(children), 3)
        cluster.send_signal(signal.SIGTERM)
        self.assertEqual(cluster.end(), 0)
        self.assertEqual(cluster.said.count("TaskManager leaves"), 2)
        self.assertIn("JobManager leaves", cluster.said)
        for pid in children:
            self.assertFalse(weir_process.is_alive(pid), "a child is left")

    def test_a_second_signal_ends_it_at_once(self):
        cluster = self.cluster()
        children = cluster.children()
        for pid in children:
            os.kill(pid, signal.SIGSTOP)  # They do not answer.
        cluster.send_signal(signal.SIGINT)
        cluster.hear("Ctrl-C once more")
        begin = time.monotonic()
        cluster.send_signal(signal.SIGINT)
        self.assertEqual(cluster.end(), 130)
        self.assertLess(time.monotonic() - begin, 5)
        weir_process.wait_until(
            lambda: not any(map(weir_process.is_alive, children)), "children die with the cluster")

    def test_children_die_with_a_cluster_that_is_killed(self):
        cluster = self.cluster()
        children = cluster.children()
        self.assertEqual(len(children), 2)
        cluster.kill()
        weir_process.wait_until(
            lambda: not any(map(weir_process.is_alive, children)), "children die with the cluster")

    def test_a_cluster_says_which_of_its_processes_died(self):
        cluster = self.cluster("--taskmanagers=2")
        os.kill(cluster.children()[2], signal.SIGKILL)
        cluster.hear(r"the TaskManager 2 at .* was killed by signal 9 \(Killed\)")
        for pid in cluster.children():
            os.kill(pid, signal.SIGKILL)
        cluster.hear("no process of the cluster is left")
        self.assertEqual(cluster.end(), FAILED)

    def test_processes_one_by_one(self):
        first = self.start("jobmanager", *ANY_PORT)
        address = first.hear(r"JobManager at (\S+:\d+),")[1]
        second = self.start("taskmanager", f"--jobmanager={address}", "--slots=2")
        found = second.hear(r"TaskManager at \S+, 2 slots, for the JobManager at (\S+)")
        self.assertEqual(found[1], address)
        first.send_signal(signal.SIGINT)
        self.assertEqual(first.end(), 0)
        # Nobody to take leave of.
        second.send_signal(signal.SIGTERM)
        self.assertEqual(second.end(), 0)

    def test_taskmanagers_that_nobody_could_reach(self):
        for host in ("127.0.0.1", "0.0.0.0"):
            refused = self.weir("taskmanager", f"--host={host}", "--jobmanager=10.1.2.3:6123", "--insecure", want=USAGE)
            self.assertSays(refused.stderr, f"taskmanager.host is {host}", "--host=HOST")

    def test_bare_ipv6(self):
        with socket.socket(socket.AF_INET6) as probe:
            try:
                probe.bind(("::1", 0))
            except OSError:
                self.skipTest("no IPv6 here")
        address = self.start("jobmanager", *ANY_PORT, "-D", "jobmanager.rpc.address=::1").hear(r"JobManager at (\S+),")[1]
        self.assertSays(self.weir("health", address).stdout, f"{address} serves")

    def test_health(self):
        first = self.start("jobmanager", *ANY_PORT)
        address = first.hear(r"JobManager at (\S+:\d+),")[1]
        second = self.start("taskmanager", f"--jobmanager={address}")
        other = second.hear(r"TaskManager at (\S+:\d+),")[1]
        self.assertSays(self.weir("health", f"--jobmanager={address}").stdout, f"{address} serves")
        self.assertSays(self.weir("health", other).stdout, f"{other} serves")
        self.assertSays(self.weir("health", "somewhere", want=FAILED).stderr, "somewhere")
        first.send_signal(signal.SIGSTOP)
        hung = self.weir("health", address, "-D", "rpc.ask.timeout=500 ms", want=FAILED)
        self.assertSays(hung.stderr, f"health of {address}")
        first.kill()
        first.wait()
        self.assertSays(self.weir("health", address, want=FAILED).stderr, f"health of {address}", "Connection refused")

    def test_one_jobmanager_per_state_folder(self):
        first = self.start("jobmanager", *ANY_PORT)
        first.hear("JobManager at")
        refused = self.weir("jobmanager", *ANY_PORT, want=FAILED)
        self.assertSays(refused.stderr, f"already (process {first.pid})", "--state-dir=FOLDER")

    def test_a_port_that_is_taken(self):
        address = self.start("jobmanager", *ANY_PORT).hear(r"JobManager at (\S+:\d+),")[1]
        refused = self.weir("jobmanager", "--state-dir=other", f"--jobmanager={address}", want=FAILED)
        self.assertSays(refused.stderr, "jobmanager.rpc.port", address)

    def test_other_machines_are_not_served_in_the_clear(self):
        for arguments, code in ((("jobmanager", "--jobmanager=0.0.0.0:0"), USAGE),
                                (("taskmanager", "--host=0.0.0.0"), USAGE),
                                (("cluster", "--jobmanager=0.0.0.0:0"), FAILED)):
            refused = self.weir(*arguments, want=code)
            self.assertSays(refused.stderr, "--insecure", "security.ssl.enabled")

    def test_tls_without_its_files(self):
        refused = self.weir("jobmanager", *ANY_PORT, "-D", "security.ssl.enabled=true", want=USAGE)
        self.assertSays(refused.stderr, "security.ssl.ca")

    def test_a_state_folder_that_cannot_be_made(self):
        (self.folder / "file").write_text("")
        refused = self.weir("jobmanager", *ANY_PORT, "--state-dir=file", want=FAILED)
        self.assertSays(refused.stderr, "choose another one with --state-dir")


if __name__ == "__main__":
    weir_binary.main()
