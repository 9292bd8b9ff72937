#!/usr/bin/env python3
"""A source that never waits of its own accord, and a sink that is much slower, on a cluster of processes: the sink holds the source back,
and no process takes more memory the longer that lasts."""

import json
import pathlib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402
import weir_process  # noqa: E402

PARALLELISM = 2  # One subtask of the source and one of the sink in each of two workers.
RATE = 1000  # Rows per second that a subtask of the sink takes.
STEADY_SECONDS_MAX = 10
MEASURED_SECONDS = 8
# docs/ARCHITECTURE.md: 4 channels of 17 frames of 32 KiB, and batches of 1024 rows in the hands of subtasks; that is 25,000 rows of 170
# bytes. Without a bound it is millions.
ROWS_UNDER_WAY_MAX = 50_000
GROWTH_MB_MAX = 8
PROCESS_MB_MAX = 200
BREAK_OFF_MB = 1000  # Before the machine runs out of it.


def status_of(pid):
    return dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())


def resident_mb(pid):
    return int(status_of(pid)["VmRSS"].split()[0]) * 1024 / 1e6


def is_sanitized(pid):
    """Nobody else reserves terabytes of the address space."""
    return int(status_of(pid)["VmSize"].split()[0]) > 1 << 30


class SlowSinkTest(weir_process.ProcessTest):
    def setUp(self):
        super().setUp()
        self.cluster = self.start("cluster", f"--taskmanagers={PARALLELISM}", "--slots=1", "-Dheartbeat.interval=200ms",
                                  "-Dheartbeat.timeout=20s", *weir_process.ANY_PORT)
        self.address = self.cluster.hear(r"JobManager at (\S+),")[1]
        self.cluster.hear("The cluster runs")
        submitted = self.weir("submit", "slow_sink", "--detached", "--json", f"--jobmanager={self.address}",
                              f"--parallelism={PARALLELISM}", f"--rate={RATE}")
        self.job = json.loads(submitted.stdout)["id"]

    def rows(self):
        """(made by the source, taken by the sink) so far."""
        info = json.loads(self.weir("info", self.job, "--json", f"--jobmanager={self.address}").stdout)
        self.assertIn(info["state"], ("CREATED", "RUNNING"), info)
        self.assertEqual(info["restarts"], 0, info)
        of = {operator["uid"]: operator for operator in info["operators"]}
        return (of["rows"]["numRecordsOut"], of["slow"]["numRecordsIn"]) if of else (0, 0)

    def processes(self):
        """{name: pid}"""
        job_manager, *task_managers = self.cluster.children()
        pids = {"JobManager": job_manager}
        for number, pid in enumerate(task_managers, 1):
            pids[f"TaskManager {number}"] = pid
            (pids[f"worker {number}"],) = weir_process.children_of(pid)
        return pids

    def wait_until_steady(self):
        """Until the source makes no more than the sink takes, or would have had the time to come to that."""
        weir_process.wait_until(lambda: self.rows()[1] > 0, "the sink takes rows")
        end = time.monotonic() + STEADY_SECONDS_MAX
        made, taken = self.rows()
        while time.monotonic() < end and max(map(resident_mb, self.processes().values())) < BREAK_OFF_MB:
            time.sleep(2)
            made_before, taken_before = made, taken
            made, taken = self.rows()
            takes = taken - taken_before
            # A sink that was held up takes faster until it has made up for that.
            if 0 < made - made_before < 2 * takes < 2 * 1.5 * 2 * RATE * PARALLELISM:
                return

    def measure(self, processes):
        """(seconds, rows made, rows taken, rows under way at the end, {name: [MB]})"""
        begin, (made_before, taken_before) = time.monotonic(), self.rows()
        resident = {name: [] for name in processes}
        while time.monotonic() < begin + MEASURED_SECONDS:
            for name, pid in processes.items():
                resident[name].append(resident_mb(pid))
            if max(samples[-1] for samples in resident.values()) > BREAK_OFF_MB:
                break
            time.sleep(0.1)
        made, taken = self.rows()
        return time.monotonic() - begin, made - made_before, taken - taken_before, made - taken, resident

    def test_memory_stays_flat(self):
        self.wait_until_steady()
        processes = self.processes()
        seconds, made, taken, under_way, resident = self.measure(processes)
        self.assertEqual(self.processes(), processes, "processes ended")
        grows = {}
        for name, samples in resident.items():
            third = -(-len(samples) // 3)
            grows[name] = (statistics.median(samples[:third]), statistics.median(samples[-third:]))
        print(f"source {made / seconds:,.0f} rows/s, sink {taken / seconds:,.0f} rows/s, {under_way:,} rows under way; MB: " +
              ", ".join(f"{name} {first:.1f} -> {last:.1f}" for name, (first, last) in grows.items()), file=sys.stderr)

        self.assertLess(under_way, ROWS_UNDER_WAY_MAX, "the source is not held back")
        self.assertGreater(taken, RATE, "the sink takes less than a loaded machine explains")
        self.assertLess(taken, 2 * RATE * PARALLELISM * seconds, "the sink is not slow")
        self.assertLess(made, 2 * taken, "the source is not held back")
        if is_sanitized(processes["JobManager"]):
            return  # Shadow memory, and freed memory that is held back, say nothing about the processes.
        for name, (first, last) in grows.items():
            self.assertLess(last - first, GROWTH_MB_MAX, f"the {name} grows")
            self.assertLess(last, PROCESS_MB_MAX, f"the {name} is large")


if __name__ == "__main__":
    weir_binary.main()
