#!/usr/bin/env python3
"""Partitions between three hosts, which are network namespaces behind one bridge: a JobManager and two TaskManagers, and a windowed
job over both. One TaskManager is cut off, in both directions and in one, knowing it and not, and comes back: the job goes on
without it, it is taken back, nothing that it wrote for the attempt that was given up shows or stays, and the output is exact.

Needs root. Skipped only where the kernel lets nobody make a network namespace.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import chaos  # noqa: E402
import weir_binary  # noqa: E402
import weir_process  # noqa: E402

ROWS = 25000
ROWS_PER_SECOND = 1000
SECONDS_MAX = 120


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, capture_output=True, text=True)


def in_namespace(name, *command):
    return ("ip", "netns", "exec", name, *command)


class Hosts:
    """Three namespaces with the addresses 10.99.0.1 to 10.99.0.3, and the one of the bridge between them."""

    def __init__(self):
        self.prefix = f"weir-{os.getpid()}"
        self.made = []

    def name(self, host):
        return f"{self.prefix}-{host}"

    def make(self):
        for host in ("bridge", 1, 2, 3):
            ip("netns", "add", self.name(host))
            self.made.append(self.name(host))
            ip("-n", self.name(host), "link", "set", "lo", "up")
        bridge = self.name("bridge")
        ip("-n", bridge, "link", "add", "name", "bridge0", "type", "bridge")
        ip("-n", bridge, "link", "set", "bridge0", "up")
        for host in (1, 2, 3):
            ip("link", "add", "name", "eth", "netns", self.name(host), "type", "veth", "peer", "name", f"host{host}", "netns", bridge)
            ip("-n", bridge, "link", "set", f"host{host}", "master", "bridge0", "up")
            ip("-n", self.name(host), "address", "add", f"10.99.0.{host}/24", "dev", "eth")
            ip("-n", self.name(host), "link", "set", "eth", "up")

    def cut(self, host):
        ip("-n", self.name("bridge"), "link", "set", f"host{host}", "down")

    def heal(self, host):
        ip("-n", self.name("bridge"), "link", "set", f"host{host}", "up")

    def silence(self, host, to):
        """What `host` sends to `to` is lost; the other direction works."""
        ip("-n", self.name(host), "route", "add", "blackhole", f"10.99.0.{to}/32")

    def hear_again(self, host, to):
        ip("-n", self.name(host), "route", "del", "blackhole", f"10.99.0.{to}/32")

    def remove(self):
        for name in self.made:
            subprocess.run(["ip", "netns", "delete", name], check=False)


class PartitionTest(weir_process.ProcessTest):
    def setUp(self):
        super().setUp()
        self.hosts = Hosts()
        self.addCleanup(self.hosts.remove)
        try:
            self.hosts.make()
        except (OSError, subprocess.CalledProcessError) as error:
            if os.geteuid() == 0 and subprocess.run(["unshare", "--net", "true"], check=False).returncode == 0:
                raise AssertionError(f"root may make network namespaces here: {getattr(error, 'stderr', error)}") from error
            self.skipTest("nobody can make network namespaces here")

    def start_on(self, host, *arguments):
        return self.start(*arguments, "--insecure", *chaos.OPTIONS, prefix=in_namespace(self.hosts.name(host)))

    def json(self, *arguments):
        done = subprocess.run(
            in_namespace(self.hosts.name(1), weir_binary.WEIR, *map(str, arguments), "--json",
                         f"--jobmanager={self.address}", *chaos.OPTIONS),
            cwd=self.folder, env=weir_binary.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False)
        self.assertEqual(done.returncode, 0, f"{arguments}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def task_managers(self):
        return [task_manager["address"] for task_manager in self.json("list", "--taskmanagers")["taskManagers"]]

    def slots(self):
        return {held["taskManager"].partition(":")[0] for held in self.json("info", self.job)["slots"]}

    def wait_for(self, what, condition):
        weir_process.wait_until(condition, what, SECONDS_MAX)

    def start_cluster(self):
        self.address = "10.99.0.1:6123"
        self.start_on(1, "jobmanager", f"--jobmanager={self.address}", "--state-dir=state").hear("JobManager at")
        for host in (2, 3):
            self.last = self.start_on(host, "taskmanager", f"--jobmanager={self.address}", f"--host=10.99.0.{host}",
                                      "--slots=2")
            self.last.hear("TaskManager at")
        self.wait_for("two TaskManagers", lambda: len(self.task_managers()) == 2)

    def submit(self):
        self.expected = chaos.write_input(self.folder / "input", random.Random(1), ROWS)
        self.job = self.json(
            "submit", "package_activity", "--detached", "--parallelism=2", "--checkpoint-interval=200ms",
            "--restart-attempts=1000000", "--restart-delay=100ms", "--input=input", "--output=out", "--window=1m",
            f"--rate={ROWS_PER_SECOND}")["id"]
        self.wait_for("a checkpoint", lambda: self.json("info", self.job)["checkpoints"]["completed"] > 0)

    def restarts(self):
        return self.json("info", self.job)["restarts"]

    def lose_and_take_back(self, lose, heal):
        """Of host 3: `lose` until the job goes on elsewhere, `heal` until it is back."""
        before = self.restarts()
        lose()
        self.wait_for("the job goes on without host 3", lambda: self.restarts() > before and
                      self.json("info", self.job)["state"] == "RUNNING" and self.slots() == {"10.99.0.2"})
        self.assertEqual(self.task_managers(), [self.task_managers()[0]])
        time.sleep(0.5)
        heal()
        self.wait_for("host 3 is taken back", lambda: len(self.task_managers()) == 2)

    def test_a_taskmanager_that_is_cut_off(self):
        self.start_cluster()
        self.submit()
        self.wait_for("the job is on both hosts", lambda: self.slots() == {"10.99.0.2", "10.99.0.3"})
        self.lose_and_take_back(lambda: self.hosts.cut(3), lambda: self.hosts.heal(3))
        self.move_to_both()
        self.lose_and_take_back(self.freeze_and_cut, self.heal_and_resume)
        # The job went on elsewhere; bring it back to both, so that the next partition meets it.
        self.move_to_both()
        self.lose_and_take_back(lambda: self.hosts.silence(3, to=1), lambda: self.hosts.hear_again(3, to=1))
        self.wait_for("the end of the job", lambda: self.json("info", self.job)["ended"])
        self.assertEqual(self.json("info", self.job)["state"], "FINISHED")
        chaos.check_output(self.folder / "out", self.expected)
        self.assertEqual([path.name for path in (self.folder / "out").iterdir() if "inprogress" in path.name], [])

    def freeze_and_cut(self):
        """Host 3 does not notice that it is cut off: it takes itself for a part of the job when it comes back."""
        self.frozen = [self.last.pid, *self.last.children()]
        for pid in self.frozen:
            os.kill(pid, signal.SIGSTOP)
        self.hosts.cut(3)

    def heal_and_resume(self):
        self.hosts.heal(3)
        weir_process.resume_as_zombies(self.frozen, 0.5)

    def move_to_both(self):
        """Cuts host 2 off, too, for a moment: the job begins again, and slots are spread over those that are there."""
        before = self.restarts()
        self.hosts.cut(2)
        self.wait_for("host 2 is lost", lambda: self.restarts() > before)
        self.hosts.heal(2)
        self.wait_for("two TaskManagers", lambda: len(self.task_managers()) == 2)
        self.wait_for("the job runs", lambda: self.json("info", self.job)["state"] == "RUNNING")


if __name__ == "__main__":
    weir_binary.WEIR = pathlib.Path(sys.argv.pop(1)).absolute()
    unittest.main(verbosity=2)
