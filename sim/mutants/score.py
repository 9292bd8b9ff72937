#!/usr/bin/env python3
"""Scores the simulator: builds the engine with one planted bug at a time and counts the seeds until an oracle sees it.

    ./bazelw run //sim/mutants:score                    all of sim/mutants/*.patch
    ./bazelw run //sim/mutants:score -- a.patch b.patch

The tree, with what is not committed, is copied into one scratch tree that has one output base, so that each mutant rebuilds only
what it changes. The clean tree comes first and must pass. Then each mutant runs from three first seeds, each time until the first
failure of a seed that the clean tree passes. Exits with 0 if every mutant was caught from each of them, else with 1: also if a patch does not apply or build.
"""

import argparse
import contextlib
import fcntl
import filecmp
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
WORKSPACE = HERE.parents[1]
FIRST_SEEDS = (1, 100_001, 200_001)
# What must pass with each mutant, or it needs no simulator. Those left out simulate a cluster, or break a real one.
ORDINARY_TESTS = ("//core/...", "//state/...", "//connectors/...", "//transport/...", "//tests/cluster/...",
                  "-//tests/cluster:at_least_once_test", "-//tests/cluster:chaos_test")

_FAILED = re.compile(r"^seed (\d+) FAILED \(([^)]*)\): (.*)$")
_FIELD = re.compile(r"^  (what|when|where|replay): +(.*)$")


class ScoreError(Exception):
    """No score: the message says why."""


class Failure:
    """A failed seed, as `weir sim` prints it: what, when, where and the arguments of its replay are the printed words."""

    def __init__(self, seed, verdict, oracle):
        self.seed, self.verdict, self.oracle = seed, verdict, oracle
        self.what = self.when = self.where = self.replay = ""

    @property
    def crashed(self):
        return self.verdict == "crash"


def parse_failures(output):
    """The failures that `weir sim` has printed, in its order."""
    failures = []
    field = None
    for line in output.splitlines():
        head, named = _FAILED.match(line), _FIELD.match(line)
        if head:
            failures.append(Failure(int(head[1]), head[2], head[3]))
            field = "what"
        elif failures and named:
            field = named[1]
            value = named[2]
            if field == "replay":  # Of another program: what counts is behind its name.
                value = "sim" + value.partition(" sim")[2]
            setattr(failures[-1], field, value)
        elif failures and line.startswith("  faults, "):
            field = None
        elif failures and field == "what":  # Of more than one line
            failures[-1].what += "\n" + line
        if named and named[1] == "replay":
            field = None
    return failures


def first_failure(output):
    """The failure of the lowest seed; None if there is none. Runs end in any order."""
    return min(parse_failures(output), key=lambda failure: failure.seed, default=None)


def bug_of(patch):
    """The comment on top of a patch: what the bug is, as one line."""
    lines = []
    for line in patch.read_text().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    if not lines:
        raise ScoreError(f"{patch}: a patch begins with lines of comment (# ...): what the bug is, as a sentence")
    return " ".join(lines)


def say(text):
    print(text, file=sys.stderr, flush=True)


def files_of(workspace):
    """Paths of all files that git knows or would add; of a tree that is no repository, of all files."""
    if not (workspace / ".git").exists():
        return {str(path.relative_to(workspace)) for path in workspace.rglob("*") if path.is_file()}
    command = ["git", "-C", str(workspace), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return {name for name in names if name and (workspace / name).is_file()}


class Scratch:
    """A copy of the tree that mutants change and build. One process at a time."""

    def __init__(self, workspace, folder, jobs):
        self.workspace, self.folder, self.jobs = workspace, folder, jobs
        self.tree = folder / "tree"
        self.binaries = folder / "binaries"
        self.tree.mkdir(parents=True, exist_ok=True)
        self.binaries.mkdir(exist_ok=True)
        self._lock = open(folder / "lock", "w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise ScoreError(f"another run uses {folder}; wait for it, or name another folder with --scratch") from None

    def close(self):
        self._lock.close()

    def restore(self):
        """Makes the tree equal to the workspace. What is equal already keeps its times."""
        names = files_of(self.workspace)
        for path in [path for path in self.tree.rglob("*") if not self._of_bazel(path)]:
            name = str(path.relative_to(self.tree))
            if (path.is_file() or path.is_symlink()) and name not in names:
                path.unlink()
        for name in names:
            source, target = self.workspace / name, self.tree / name
            if target.is_file() and filecmp.cmp(source, target, shallow=False):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)

    def _of_bazel(self, path):
        return path.relative_to(self.tree).parts[0].startswith("bazel-")

    def apply(self, patch, check_only=False):
        command = ["git", "apply", "--whitespace=nowarn", *(["--check"] if check_only else []), str(patch)]
        # Whatever repository the scratch folder may be in has no say.
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(self.folder)}
        done = subprocess.run(command, cwd=self.tree, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise ScoreError(f"{patch} does not apply:\n{done.stderr.strip()}")

    def bazel(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BUILD_")}
        command = ["./bazelw", f"--output_base={self.folder / 'output'}", *arguments]
        if self.jobs:
            command.insert(3, f"--jobs={self.jobs}")
        return subprocess.run(command, cwd=self.tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)

    def build(self, name):
        """Builds the tree's `weir` and keeps it for replays."""
        done = self.bazel("build", "--noshow_progress", "//cli:weir")
        if done.returncode != 0:
            raise ScoreError(f"{name} does not build:\n{done.stdout.strip()}")
        binary = self.binaries / name / "weir"
        binary.parent.mkdir(exist_ok=True)
        binary.unlink(missing_ok=True)
        shutil.copy(self.tree / "bazel-bin" / "cli" / "weir", binary)
        return binary


def run_seeds(binary, first, seeds, options):
    """Seeds from `first` on until one fails: exit code, failure of the lowest seed or None, output, and CPU seconds."""
    command = [binary, "sim", "--until-failure", f"--first-seed={first}", f"--seeds={seeds}"]
    if options.processes:
        command.append(f"--processes={options.processes}")
    if options.job:
        command.append(f"--job={options.job}")

    def cpu_seconds():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = cpu_seconds()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    failure = first_failure(done.stdout)
    # 0 and 3 to 7 are verdicts; everything else is not about the seeds.
    if not (done.returncode == 0 or 3 <= done.returncode <= 7) or (done.returncode == 0) != (failure is None) and \
            "NOTHING SHOWN" not in done.stdout:
        raise ScoreError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout.strip()}")
    return done.returncode, failure, done.stdout, cpu_seconds() - before


def fails_anyway(clean, failure, options):
    """Whether the seed fails in the clean tree, too: then it says nothing about a mutant."""
    command = [clean, "sim", f"--seed={failure.seed}", *([f"--job={options.job}"] if options.job else [])]
    return first_failure(subprocess.run(command, capture_output=True, text=True).stdout) is not None


class Score:
    """Of one mutant: per start its failure and the seeds that it took, if there was one."""

    def __init__(self, name, bug, binary):
        self.name, self.bug, self.binary = name, bug, binary
        self.starts = []
        self.cpu_seconds = 0.0
        self.ordinary_tests = "-"

    def add(self, first, failure):
        self.starts.append((failure, failure.seed - first + 1 if failure else float("inf")))

    @property
    def failures(self):
        return [failure for failure, _ in self.starts if failure]

    @property
    def caught(self):
        return len(self.failures) == len(self.starts)

    def row(self, seeds_max):
        median = statistics.median_high([seeds for _, seeds in self.starts])
        crashed = sum(failure.crashed for failure in self.failures)
        caught = "y" if self.caught else f"n ({len(self.failures)} of {len(self.starts)} starts)"
        oracles = sorted({failure.oracle for failure in self.failures if not failure.crashed})
        return [self.name, caught, ", ".join(oracles) or "-", f"{crashed} of {len(self.starts)}" if crashed else "no",
                f"> {seeds_max}" if median == float("inf") else str(median), f"{self.cpu_seconds:.1f}", self.ordinary_tests]

    def details(self):
        lines = [f"{self.name}: {self.bug}"]
        if self.failures:
            # An oracle says more than a failed check, and more than that nothing goes on.
            failure = min(self.failures, key=lambda failure: (failure.crashed, failure.verdict == "liveness"))
            lines += [f"  what:   {failure.what}", f"  when:   {failure.when}", f"  where:  {failure.where}",
                      f"  replay: {self.binary} {failure.replay}"]
        return "\n".join(line for line in lines if not re.fullmatch(r"  \w+: *", line))


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def check_clean(scratch, options):
    say("clean: building")
    binary = scratch.build("clean")
    say(f"clean: running {options.clean_seeds} seeds")
    code, _, output, _ = run_seeds(binary, 1, options.clean_seeds, options)
    if code != 0:
        raise ScoreError(f"the clean tree does not pass, so nothing can be said about mutants:\n{output.strip()}\n"
                         f"  (its program: {binary})")
    return binary


def run_start(result, clean, first, options):
    """Seeds from `first` on until one fails that does not fail in the clean tree."""
    begin, end = first, first + options.seeds
    while begin < end:
        _, failure, _, cpu_seconds = run_seeds(result.binary, begin, end - begin, options)
        result.cpu_seconds += cpu_seconds
        if failure is None or not fails_anyway(clean, failure, options):
            break
        say(f"{result.name}: seed {failure.seed} fails in the clean tree, too ({failure.oracle}), and does not count")
        begin, failure = failure.seed + 1, None
    result.add(first, failure)
    seen = f"seed {failure.seed}: {failure.verdict}, {failure.oracle}" if failure else f"{options.seeds} seeds, nothing seen"
    say(f"{result.name}: from {first} on: {seen}")


def score(scratch, clean, patch, options):
    name = patch.stem
    say(f"{name}: building")
    scratch.restore()
    scratch.apply(patch)
    result = Score(name, bug_of(patch), scratch.build(name))
    if options.ordinary_tests:
        say(f"{name}: running the tests that simulate no cluster")
        done = scratch.bazel("test", "--noshow_progress", "--keep_going", "--test_output=errors", "--", *ORDINARY_TESTS)
        result.ordinary_tests = "pass" if done.returncode == 0 else "FAIL"
        if done.returncode != 0:
            say("\n".join(done.stdout.splitlines()[-60:]))
    for first in FIRST_SEEDS:
        run_start(result, clean, first, options)
    return result


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(prog="score", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patches", nargs="*", metavar="PATCH", help="default: sim/mutants/*.patch")
    parser.add_argument("--seeds", type=int, default=2000, metavar="N", help="at most so many from each start (default 2000)")
    parser.add_argument("--clean-seeds", type=int, default=200, metavar="N",
                        help="the clean tree must pass so many (default 200)")
    parser.add_argument("--job", default="", metavar="NAME", help="only this workload")
    parser.add_argument("--processes", type=int, default=0, metavar="N", help="runs at a time (default: as weir sim)")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="of Bazel")
    parser.add_argument("--ordinary-tests", action="store_true",
                        help="also run the tests that simulate no cluster: with a good mutant they pass, or it is not caught")
    cache = os.environ.get("WEIR_CACHE_DIR") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "weir")
    parser.add_argument("--scratch", type=pathlib.Path, default=pathlib.Path(cache) / "mutants", metavar="FOLDER",
                        help="default: %(default)s")
    parser.add_argument("--workspace", type=pathlib.Path, default=WORKSPACE, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments):
    options = parse_arguments(arguments)
    caller = pathlib.Path(os.environ.get("WEIR_WORKING_DIRECTORY") or os.environ.get("BUILD_WORKING_DIRECTORY") or os.getcwd())
    patches = [caller / patch for patch in options.patches] or sorted((options.workspace / "sim" / "mutants").glob("*.patch"))
    try:
        for patch in patches:
            if not patch.is_file():
                raise ScoreError(f"there is no patch {patch}")
            bug_of(patch)
        scratch = Scratch(options.workspace, (caller / options.scratch).resolve(), options.jobs)
        with contextlib.closing(scratch):
            scratch.restore()
            for patch in patches:
                scratch.apply(patch, check_only=True)
            clean = check_clean(scratch, options)
            scores = [score(scratch, clean, patch, options) for patch in patches]
            scratch.restore()
    except ScoreError as error:
        print(f"score: {error}")
        return 1
    print("\n\n".join(result.details() for result in scores))
    print()
    header = ["mutant", "caught", "by the oracle", "by a CHECK", "seeds (median)", "CPU s", "other tests"]
    print(table([header, *(result.row(options.seeds) for result in scores)]))
    caught = sum(result.caught and result.ordinary_tests != "FAIL" for result in scores)
    print(f"{caught} of {len(scores)} caught")
    return 0 if caught == len(scores) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
