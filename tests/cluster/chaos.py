#!/usr/bin/env python3
"""Chaos over real processes: a JobManager, three TaskManagers and their workers, a keyed windowed job with a rate-limited file source
and an exactly-once file sink. Processes are killed with SIGKILL, stopped past their heartbeats and resumed, and started again, at
moments that a seed decides. The output has to be exact.

    ./bazelw run //tests/cluster:chaos -- --seed=7 --seconds=60 --runs=20

Fails, too, unless each kind of fault happened, a message of something dead was fenced, and a JobManager went on with the job of the
one before it. Seeds decide what is done and when; what the operating system makes of it differs from run to run.
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402
import weir_process  # noqa: E402

TASK_MANAGERS = 3
KINDS = ("kill a TaskManager", "kill a worker", "kill the JobManager", "pause a TaskManager")
HEARTBEAT_TIMEOUT_S = 1.5
OPTIONS = ("-D", "heartbeat.interval=100 ms", "-D", f"heartbeat.timeout={int(HEARTBEAT_TIMEOUT_S * 1000)} ms",
           "-D", "rpc.ask.timeout=1 s", "-D", "rpc.deploy.timeout=5 s", "-D", "rpc.retry.delay=100 ms",
           "-D", "task.cancellation.timeout=2 s", "-D", "rpc.connect.timeout=1 s")
ACTIONS = ("install", "upgrade", "remove", "status", "startup", "configure", "trigproc")
FINISH_SECONDS = 180


def write_input(folder, rng, rows):
    """A package log in as many files as there are readers; returns the expected output: {(window start, action): count}."""
    expected = collections.Counter()
    time_now = datetime.datetime(2026, 5, 20)
    folder.mkdir()
    logs = [open(folder / f"{i}.log", "w", encoding="ascii") for i in range(TASK_MANAGERS)]
    for i in range(rows):
        time_now += datetime.timedelta(seconds=rng.randrange(4))
        action = rng.choice(ACTIONS)
        logs[i % len(logs)].write(f"{time_now:%Y-%m-%d %H:%M:%S} {action} package-{i}:amd64 <none> 1.{i}\n")
        minute = time_now.replace(second=0)
        expected[(f"{minute:%Y-%m-%d %H:%M:%S}", action)] += 1
    for log in logs:
        log.close()
    return expected


def check_output(folder, expected):
    """AssertionError unless the rows of package_activity in `folder` are those of write_input()."""
    rows = weir_binary.read_csv(folder, "window_start,window_end,action,count")
    got = collections.Counter()
    for start, _, action, count in rows:
        got[(start[:19].replace("T", " "), action)] += int(count)
    if len(rows) != len(expected) or got != expected:
        wrong = sorted(key for key in got.keys() | expected.keys() if got[key] != expected[key])
        raise AssertionError(
            f"{len(rows)} rows instead of {len(expected)}; wrong: " +
            ", ".join(f"{key} {got[key]} instead of {expected[key]}" for key in wrong[:5]))


class Chaos:
    def __init__(self, seed, seconds, folder, say):
        self.rng = random.Random(seed)
        self.seconds = seconds
        self.folder = pathlib.Path(folder)
        self.say = say
        self.port = weir_process.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.happened = collections.Counter()
        self.fenced = 0  # In JobManagers before this one.
        self.fenced_now = 0
        self.leaders = 0
        self.adopted = False
        self.begin = time.monotonic()
        self.job_manager = None
        self.task_managers = [None] * TASK_MANAGERS

    def log(self, text):
        self.say(f"{time.monotonic() - self.begin:6.1f} s  {text}")

    # ---- Processes ----

    def start_job_manager(self):
        self.fenced += self.fenced_now
        self.fenced_now = 0
        self.job_manager = weir_process.Process(
            ("jobmanager", f"--jobmanager={self.address}", "--state-dir=state", *OPTIONS), self.folder)
        self.job_manager.hear("JobManager at")
        self.leaders += 1

    def start_task_manager(self, index):
        self.task_managers[index] = weir_process.Process(
            ("taskmanager", f"--jobmanager={self.address}", "--slots=2", *OPTIONS), self.folder)
        self.task_managers[index].hear("TaskManager at")

    def machine(self, index):
        """The pids of a TaskManager and its workers."""
        process = self.task_managers[index]
        return [process.pid, *process.children()]

    def stop_all(self):
        for process in [self.job_manager, *self.task_managers]:
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()

    def weir(self, *arguments, check=True):
        done = subprocess.run(
            [weir_binary.WEIR, *map(str, arguments), f"--jobmanager={self.address}", *OPTIONS], cwd=self.folder,
            env=weir_binary.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"weir {arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def job(self):
        """What `weir info` says of the job; None if nobody answers."""
        done = self.weir("info", self.job_id, "--json", check=False)
        if done.returncode != 0:
            return None
        job = json.loads(done.stdout)
        self.adopted |= job["leaderEpoch"] > 1 and job["checkpoints"]["restoredFrom"] > 0
        return job

    def look(self):
        """Remembers what the JobManager has fenced, and whether it went on with the job of another."""
        self.job()
        done = self.weir("list", "--taskmanagers", "--json", check=False)
        if done.returncode == 0:
            self.fenced_now = json.loads(done.stdout)["fencedMessages"]

    # ---- Faults ----

    def kill_task_manager(self):
        index = self.rng.randrange(TASK_MANAGERS)
        self.log(f"kill -9 of TaskManager {index + 1}")
        self.task_managers[index].kill()
        self.task_managers[index].wait()
        time.sleep(self.rng.uniform(0, 1))
        self.start_task_manager(index)

    def kill_worker(self):
        workers = [pid for process in self.task_managers for pid in process.children()]
        if not workers:
            return False
        pid = self.rng.choice(workers)
        self.log(f"kill -9 of worker {pid}")
        os.kill(pid, signal.SIGKILL)
        return True

    def kill_job_manager(self):
        self.look()
        self.log("kill -9 of the JobManager")
        self.job_manager.kill()
        self.job_manager.wait()
        time.sleep(self.rng.uniform(0, HEARTBEAT_TIMEOUT_S * 1.5))
        self.start_job_manager()

    def pause_task_manager(self):
        with_workers = [i for i, process in enumerate(self.task_managers) if process.children()]
        if not with_workers:
            return False
        pids = self.machine(self.rng.choice(with_workers))
        self.log(f"pause of processes {pids}")
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(HEARTBEAT_TIMEOUT_S * 1.5 + self.rng.uniform(0, 1))
        weir_process.resume_as_zombies(pids, self.rng.uniform(0.2, 1))
        return True

    # ---- The run ----

    def run(self):
        rate = 1000
        rows = int(rate * self.seconds * 0.6)
        expected = write_input(self.folder / "input", self.rng, rows)
        self.start_job_manager()
        for index in range(TASK_MANAGERS):
            self.start_task_manager(index)
        self.job_id = json.loads(self.weir(
            "submit", "package_activity", "--detached", "--json", f"--parallelism={TASK_MANAGERS}", "--checkpoint-interval=200ms",
            "--restart-attempts=1000000", "--restart-delay=100ms", "--input=input", "--output=out", "--window=1m",
            f"--rate={rate}").stdout)["id"]
        self.log(f"job {self.job_id}: {rows} rows, {len(expected)} expected")
        kinds = []
        while time.monotonic() - self.begin < self.seconds:
            if not kinds:
                kinds = list(KINDS)
                self.rng.shuffle(kinds)
            time.sleep(self.rng.uniform(0.5, 2.5))
            kind = kinds.pop()
            if self.fault(kind) is not False:
                self.happened[kind] += 1
            else:
                kinds.insert(0, kind)
            self.look()
        self.finish(expected)

    def fault(self, kind):
        return {"kill a TaskManager": self.kill_task_manager, "kill a worker": self.kill_worker,
                "kill the JobManager": self.kill_job_manager, "pause a TaskManager": self.pause_task_manager}[kind]()

    def finish(self, expected):
        self.log("nothing is broken from here on")
        end = time.monotonic() + FINISH_SECONDS
        state = None
        while time.monotonic() < end:
            job = self.job()
            state = job["state"] if job else "nobody answers"
            if state in ("FINISHED", "FAILED", "CANCELED"):
                break
            time.sleep(0.2)
        self.look()
        if state != "FINISHED":
            raise AssertionError(f"the job is {state} {FINISH_SECONDS} s after the last fault: {job}")
        check_output(self.folder / "out", expected)
        self.log(f"exact: {len(expected)} rows; {job.get('restarts')} restarts under the last leader; "
                 f"{self.fenced + self.fenced_now} messages fenced; {self.leaders} JobManagers")

    def vacuity(self):
        """What should have happened and did not."""
        missing = [kind for kind in KINDS if self.happened[kind] == 0]
        if not self.adopted:
            missing.append("a JobManager that goes on")
        if self.fenced + self.fenced_now == 0:
            missing.append("a fenced message")
        return missing


def main():
    weir_binary.WEIR = pathlib.Path(sys.argv.pop(1)).absolute()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    parser.add_argument("--seconds", type=float, default=60, help="in which things break, of each run")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the folders of runs that fail")
    options = parser.parse_args()
    totals = collections.Counter()
    failures = 0
    missing = set()
    for seed in range(options.seed, options.seed + options.runs):
        print(f"run with --seed={seed}", flush=True)
        folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"), prefix=f"chaos-{seed}-")
        weir_binary.STATE = folder + "/state"
        chaos = Chaos(seed, options.seconds, folder, lambda text: print(text, flush=True))
        failed = False
        try:
            chaos.run()
        except AssertionError as error:
            failed = True
            failures += 1
            print(f"FAILED with --seed={seed}: {error}")
            for process in [chaos.job_manager, *chaos.task_managers]:
                if process is not None:
                    print("---", " ".join(map(str, process.args[:2])), f"\n{process.listen()[-3000:]}")
        finally:
            chaos.stop_all()
        totals.update(chaos.happened)
        totals["JobManagers"] += chaos.leaders
        totals["fenced"] += chaos.fenced + chaos.fenced_now
        missing.update(chaos.vacuity())
        if failed and options.keep:
            print(f"left in {folder}")
        else:
            subprocess.run(["rm", "-rf", folder], check=False)
    print(f"runs={options.runs} failures={failures} " + " ".join(f"{k.replace(' ', '-')}={v}" for k, v in totals.items()))
    if missing:
        print("did not happen: " + ", ".join(sorted(missing)))
    sys.exit(1 if failures or missing else 0)


if __name__ == "__main__":
    main()
