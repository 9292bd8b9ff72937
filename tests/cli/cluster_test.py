#!/usr/bin/env python3
"""Jobs on a cluster of processes: submit, list, info, stop, continue and cancel, as people and as programs use them."""

import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

FAILED, USAGE, INTERRUPTED = 1, 2, 130
START_SECONDS = 60


class ClusterTest(weir_binary.WeirTest):
    """Each test has a cluster with one TaskManager of two slots, at a port of its own."""

    def setUp(self):
        super().setUp()
        log = open(self.folder / "cluster.log", "wb")
        self.cluster = subprocess.Popen(
            [weir_binary.WEIR, "cluster", "--taskmanagers=1", "--slots=2", "-Djobmanager.rpc.port=0",
             "-Dheartbeat.interval=500ms", "-Dheartbeat.timeout=10s"],
            cwd=self.folder, env=weir_binary.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self.addCleanup(self.stop_cluster)
        deadline = time.monotonic() + START_SECONDS
        while "The cluster runs" not in self.log():
            self.assertLess(time.monotonic(), deadline, self.log())
            self.assertIsNone(self.cluster.poll(), self.log())
            time.sleep(0.05)
        self.address = re.search(r"JobManager at (\S+?),", self.log()).group(1)

    def log(self):
        return (self.folder / "cluster.log").read_text(errors="replace")

    def stop_cluster(self):
        self.cluster.send_signal(signal.SIGINT)
        try:
            self.cluster.wait(30)
        except subprocess.TimeoutExpired:
            self.cluster.kill()
            self.cluster.wait()

    def on(self, command, *arguments, want=0):
        """The command, at this cluster."""
        return self.weir(command, f"--jobmanager={self.address}", *arguments, want=want)

    def json(self, command, *arguments):
        return json.loads(self.on(command, "--json", *arguments).stdout)

    def submit_endless(self, *arguments):
        return self.json("submit", "endless", "--detached", "--checkpoint-interval=200ms", *arguments)["id"]

    def wait_for(self, id, what, condition):
        deadline = time.monotonic() + START_SECONDS
        while True:
            details = self.json("info", id)
            if condition(details):
                return details
            self.assertLess(time.monotonic(), deadline, f"never {what}: {details}")
            self.assertIn(details["state"], ("CREATED", "RUNNING", "RESTARTING"), details)
            time.sleep(0.1)

    def wait_for_checkpoint(self, id):
        return self.wait_for(id, "takes a checkpoint", lambda job: job["checkpoints"]["newest"] > 0)

    def indexes(self):
        return sorted(int(row[0]) for row in weir_binary.read_csv(self.folder / "weir-out/endless", "index,time"))

    def test_a_run_goes_on_once(self):
        id = self.submit_endless()
        self.wait_for_checkpoint(id)
        self.on("stop", id)
        self.json("submit", f"--continue={id}", "--detached", "--checkpoint-interval=200ms")
        again = self.on("submit", f"--continue={id}", "--detached", want=FAILED)
        self.assertSays(again.stderr, "goes on with that run already", "weir cancel")
        self.on("cancel", "endless")

    def test_a_job_from_its_submission_to_its_end(self):
        done = self.on("submit", "endless", "--limit=200", "--rate=100000")
        self.assertSays(done.stdout, "endless FINISHED", "200 rows", str(pathlib.Path("weir-out/endless")))
        id = re.search(r"JobID (\w{32})", done.stderr).group(1)
        self.assertEqual(self.indexes(), list(range(200)))
        self.assertEqual(self.json("list")["jobs"], [])
        self.assertSays(self.on("list").stdout, "No job is going on", "--all")
        (job,) = self.json("list", "--all")["jobs"]
        self.assertEqual((job["id"], job["name"], job["state"], job["ended"]), (id, "endless", "FINISHED", True))
        self.assertRegex(job["startTime"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ$")
        info = self.json("info", "endless")
        self.assertEqual(sum(o["numRecordsOut"] for o in info["operators"] if o["kind"] == "source"), 200)
        self.assertEqual(info["output"], [os.path.realpath(self.folder / "weir-out/endless")])

    def test_stop_and_continue(self):
        id = self.submit_endless()
        details = self.wait_for_checkpoint(id)
        self.assertEqual(details["state"], "RUNNING")
        self.assertTrue(details["slots"])
        self.assertSays(self.on("list").stdout, id, "endless", "RUNNING")
        self.assertSays(self.on("submit", f"--continue={id}", want=FAILED).stderr, "RUNNING", f"weir stop {id}")
        said = self.on("stop", id[:8]).stdout
        self.assertSays(said, id, "SUSPENDED", "checkpoint", f"weir submit --continue={id}")
        rows = len(self.indexes())
        self.assertGreater(rows, 0)
        going_on = self.json("submit", f"--continue={id}", "--detached", "--checkpoint-interval=200ms")["id"]
        self.wait_for(going_on, "restores", lambda job: job["checkpoints"]["restoredFrom"] > 0
                      and job["checkpoints"]["newest"] > job["checkpoints"]["restoredFrom"])
        self.on("stop", going_on)
        indexes = self.indexes()
        self.assertGreater(len(indexes), rows)
        # Two shards, which need not stand at the same row.
        for shard in (0, 1):
            mine = [index for index in indexes if index % 2 == shard]
            self.assertEqual(mine, list(range(shard, shard + 2 * len(mine), 2)))

    def test_cancel(self):
        first = self.submit_endless()
        self.wait_for_checkpoint(first)
        said = self.weir("cancel", f"--jobmanager={self.address}", "endless").stdout
        self.assertSays(said, first, "CANCELED")
        self.assertSays(self.on("cancel", first, want=FAILED).stderr, "has ended already: CANCELED")

    def test_ctrl_c_leaves_the_job_running(self):
        child = subprocess.Popen(
            [weir_binary.WEIR, "submit", "endless", f"--jobmanager={self.address}", "--checkpoint-interval=200ms"],
            cwd=self.folder, env=weir_binary.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.kill)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stderr.close)
        ready, _, _ = select.select([child.stderr], [], [], START_SECONDS)
        self.assertTrue(ready, "it does not say that the job was submitted")
        id = re.search(r"JobID (\w{32})", child.stderr.readline()).group(1)
        time.sleep(1)  # It says so before it waits.
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=START_SECONDS)
        self.assertEqual(child.returncode, INTERRUPTED, said)
        self.assertSays(said, "the job goes on", f"weir cancel {id}")
        self.wait_for_checkpoint(id)
        self.on("cancel", id)

    def test_a_client_says_that_nobody_answers(self):
        child = subprocess.Popen(
            [weir_binary.WEIR, "submit", "endless", f"--jobmanager={self.address}"], cwd=self.folder,
            env=weir_binary.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True)
        self.addCleanup(child.wait)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.kill)
        self.assertIn("has been submitted", child.stderr.readline())
        (job_manager, *_) = map(int, pathlib.Path(
            f"/proc/{self.cluster.pid}/task/{self.cluster.pid}/children").read_text().split())
        os.kill(job_manager, signal.SIGKILL)
        end = time.monotonic() + START_SECONDS
        while True:
            self.assertTrue(select.select([child.stderr], [], [], end - time.monotonic())[0], "it says nothing")
            line = child.stderr.readline()
            if "no JobManager answers" in line:
                return self.assertSays(line, self.address, "asking again for 1m")
            self.assertTrue(line, "it ended")

    def test_a_job_that_fails(self):
        done = self.on("submit", "throws", "--restart-attempts=1", "--restart-delay=10ms", want=FAILED)
        self.assertSays(done.stderr, "after 1 restart; restart strategy: fixed-delay, at most 1 restarts")
        info = self.json("info", "throws")
        self.assertEqual((info["state"], info["restarts"]), ("FAILED", 1))
        self.assertIn("operator", info["lastFailure"])

    def test_task_managers(self):
        said = self.on("list", "--taskmanagers").stdout
        self.assertSays(said, self.address, "leader epoch 1", "slots")
        cluster = self.json("list", "--taskmanagers")
        self.assertEqual([(t["slots"], t["freeSlots"]) for t in cluster["taskManagers"]], [(2, 2)])

    def test_a_job_that_waits_for_slots(self):
        id = self.json("submit", "endless", "--detached", "--parallelism=3")["id"]
        self.wait_for(id, "waits", lambda job: "it needs 3 slots" in job["waitingFor"])
        self.assertSays(self.on("list").stdout, "CREATED", "it needs 3 slots")
        self.assertSays(self.on("stop", id, want=FAILED).stderr, "CREATED", "cancel it")
        self.on("cancel", id)

    def test_parallelism_of_the_flag_goes_over_the_configuration(self):
        for words, want in (["-Dparallelism.default=1"], 1), (["-Dparallelism.default=1", "--parallelism=2"], 2):
            id = self.json("submit", "endless", "--detached", f"--output=out-{want}", *words)["id"]
            job = self.wait_for(id, "runs", lambda job: job["state"] == "RUNNING")
            self.assertEqual((job["parallelism"], job["slotsNeeded"]), (want, want))
            self.on("cancel", id)

    def test_jobs_that_there_are_not(self):
        self.assertSays(self.on("info", "nothing", want=FAILED).stderr, 'no job has the id or name "nothing"')
        ids = [self.submit_endless(f"--output=out-{i}") for i in range(2)]
        said = self.on("cancel", "endless", want=FAILED).stderr
        self.assertSays(said, "2 jobs", *ids)
        for id in ids:
            self.on("cancel", id)


class NoClusterTest(weir_binary.WeirTest):
    def test_nobody_answers(self):
        for command in (["list"], ["info", "x"], ["cancel", "x"], ["stop", "x"], ["submit", "endless"]):
            said = self.weir(*command, "--jobmanager=127.0.0.1:1", want=FAILED).stderr
            self.assertSays(said, "no JobManager answers at 127.0.0.1:1", "weir cluster", "--jobmanager=HOST:PORT")

    def test_usage(self):
        self.assertSays(self.weir("submit", want=USAGE).stderr, "which job?", "weir submit JOB")
        self.assertSays(self.weir("submit", "endles", want=USAGE).stderr, "did you mean endless?")
        self.assertSays(self.weir("submit", "endless", "--continue=x", want=USAGE).stderr, "--continue takes the job")
        self.assertSays(self.weir("list", "--jobmanager=x:y", want=USAGE).stderr, "the port must be a whole number")
        self.assertSays(self.weir("cancel", want=USAGE).stderr, "JOB is required")


if __name__ == "__main__":
    weir_binary.main()
