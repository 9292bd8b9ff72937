#!/usr/bin/env python3
"""Jobs that are submitted and cancelled, over and over, on a cluster of processes: memory, open files, threads, processes and the
files of the JobManager's state have to stay flat.

    ./bazelw run //tests/cluster:cycles -- --cycles=1000
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402
import weir_process  # noqa: E402

ENDED_JOBS_MAX = 10
GROWTH_MAX_KB = 6000  # Of a process, from the warm-up on: allocators keep some; a leak of 10 kB a job would be 10 MB in 1,000.
FILES_MAX = 4


def usage(pid):
    """{what: how much} of a process."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {"kB": int(status["VmRSS"].split()[0]), "threads": int(status["Threads"]),
            "files": len(os.listdir(f"/proc/{pid}/fd"))}


class Cycles:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "input.log").write_text("2026-05-20 16:00:00 install a:amd64 <none> 1\n" * 1000)
        self.cluster = weir_process.Process(
            ("cluster", "--taskmanagers=2", "--slots=1", *weir_process.ANY_PORT, "--state-dir=state", "-D",
             f"jobstore.max-capacity={ENDED_JOBS_MAX}"), self.folder)
        self.address = self.cluster.hear(r"JobManager at (\S+),")[1]
        self.cluster.hear("The cluster runs")

    def weir(self, *arguments):
        done = subprocess.run([weir_binary.WEIR, *arguments, f"--jobmanager={self.address}"], cwd=self.folder,
                              env=weir_binary.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise AssertionError(f"weir {arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")

    def cycle(self, number):
        self.weir("submit", "package_activity", "--detached", "--input=input.log", f"--output=out-{number}", "--rate=1",
                  "--parallelism=2")
        self.weir("cancel", "package_activity")
        subprocess.run(["rm", "-rf", self.folder / f"out-{number}"], check=True)

    def workers(self):
        return sum(len(weir_process.children_of(pid)) for pid in self.cluster.children())

    def look(self):
        """{process: usage()}, when the workers of the last job are gone."""
        weir_process.wait_until(lambda: self.workers() == 0, "the workers end")
        names = ("JobManager", "TaskManager 1", "TaskManager 2")
        return {name: usage(pid) for name, pid in zip(names, self.cluster.children())}

    def state_files(self):
        return len(list((self.folder / "state" / "cluster").rglob("*")))

    def close(self):
        self.cluster.kill()
        self.cluster.wait()


def main():
    weir_binary.WEIR = pathlib.Path(sys.argv.pop(1)).absolute()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=1000, help="after the warm-up")
    options = parser.parse_args()
    warm_up = max(ENDED_JOBS_MAX + 5, options.cycles // 10)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"), prefix="cycles-") as folder:
        weir_binary.STATE = folder + "/home"
        cycles = Cycles(folder)
        try:
            for number in range(warm_up):
                cycles.cycle(number)
            before, files_before = cycles.look(), cycles.state_files()
            begin = time.monotonic()
            for number in range(options.cycles):
                cycles.cycle(warm_up + number)
                if sys.stdout.isatty():
                    print(f"\r{number + 1} of {options.cycles} cycles", end="", flush=True)
            seconds = time.monotonic() - begin
            after, files_after = cycles.look(), cycles.state_files()
        finally:
            cycles.close()
    print(f"\r{options.cycles} cycles, {seconds / options.cycles * 1000:.0f} ms each")
    leaks = []
    for name in before:
        print(f"{name:14}" + "".join(f"  {what} {before[name][what]} -> {after[name][what]}" for what in before[name]))
        for what, most in (("kB", GROWTH_MAX_KB), ("threads", 1), ("files", FILES_MAX)):
            if after[name][what] > before[name][what] + most:
                leaks.append(f"{what} of the {name}")
    print(f"files of the JobManager's state {files_before} -> {files_after}")
    if files_after > files_before + FILES_MAX:
        leaks.append("files of the JobManager's state")
    if leaks:
        print("LEAK: " + ", ".join(leaks))
    sys.exit(1 if leaks else 0)


if __name__ == "__main__":
    main()
