#!/usr/bin/env python3
"""score.py over made-up trees whose build and `weir` are shell scripts; and every patch here applies to the tree."""

import contextlib
import difflib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
sys.dont_write_bytecode = True

import score  # noqa: E402

# "Compiles" the file engine into a program that prints it; a line "broken" stops it.
BAZELW = """#!/bin/sh
if grep -q broken engine; then echo "engine:1: error: broken"; exit 1; fi
[ "$2" = build ] || exit $(grep -c "fails a test" engine)
mkdir -p bazel-bin/cli
{ echo '#!/bin/sh'; grep -v '^#' engine; } > bazel-bin/cli/weir
chmod +x bazel-bin/cli/weir
"""
# Seed $first + N fails, and in a process that runs beside it a later one which ends first.
FAILS = """echo "seed $((first + %d)) FAILED (liveness): liveness"
echo "seed $((first + %d)) FAILED (%s): %s
  what:   a row is missing:
  7,8,9
  when:   1.500000 s after the world began
  where:  sink
  faults, times from the submission of the job on:
    kill at=4s machine=tm-1
  replay: weir sim --job=keyed_union --seed=$((first + %d))"
exit %d
"""
ENGINE = """first=${3#--first-seed=}
# the engine
: state
exit 0
"""


def patch_of(old, new, comment="# Loses a row.\n# Now and then.\n", base=ENGINE):
    changed = base.replace(old, new)
    return comment + "".join(difflib.unified_diff(base.splitlines(True), changed.splitlines(True), "a/engine", "b/engine"))


def fails_at(nth, verdict="correctness", oracle="exact output", code=3):
    return (FAILS % (nth + 1, nth, verdict, oracle, nth, code)).rstrip()


class ParseTest(unittest.TestCase):
    def test_takes_the_lowest_seed_as_it_is_printed(self):
        output = subprocess.run(["sh", "-c", "first=10\n" + fails_at(3)], capture_output=True, text=True).stdout
        self.assertEqual([failure.seed for failure in score.parse_failures(output)], [14, 13])
        failure = score.first_failure(output + "checkpoints=1 recoveries=0\nseeds=5 failures=2\n")
        self.assertEqual((failure.seed, failure.verdict, failure.oracle), (13, "correctness", "exact output"))
        self.assertEqual(failure.what, "a row is missing:\n  7,8,9")
        self.assertEqual(failure.when, "1.500000 s after the world began")
        self.assertEqual(failure.where, "sink")
        self.assertEqual(failure.replay, "sim --job=keyed_union --seed=13")
        self.assertFalse(failure.crashed)

    def test_none_failed(self):
        self.assertIsNone(score.first_failure("seeds=5 failures=0\n"))

    def test_a_crash_says_what_and_how_to_replay(self):
        failure = score.first_failure("seed 3 FAILED (crash): no crash\n  what:   check failed: x; signal 6\n"
                                      "  replay: ./bazelw run //cli:weir -- sim --seed=3\nseeds=3 failures=1\n")
        self.assertTrue(failure.crashed)
        self.assertEqual((failure.what, failure.when, failure.replay), ("check failed: x; signal 6", "", "sim --seed=3"))


class ScoreTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.workspace = self.folder / "workspace"
        (self.workspace / "sim" / "mutants").mkdir(parents=True)
        (self.workspace / "bazelw").write_text(BAZELW)
        (self.workspace / "bazelw").chmod(0o755)
        (self.workspace / "engine").write_text(ENGINE)
        os.environ["BUILD_WORKING_DIRECTORY"] = str(self.folder)
        os.environ.pop("WEIR_WORKING_DIRECTORY", None)

    def add_patch(self, name, text):
        (self.workspace / "sim" / "mutants" / f"{name}.patch").write_text(text)

    def run_score(self, *arguments):
        """The exit code, what was printed, and the progress."""
        out, progress = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(progress):
            code = score.main([f"--workspace={self.workspace}", "--scratch=scratch", *arguments])
        return code, out.getvalue(), progress.getvalue()

    def row(self, out, name):
        return next(line for line in out.splitlines() if line.startswith(name + "  ")).split()

    def test_all_caught(self):
        self.add_patch("one", patch_of(": state", fails_at(4)))
        self.add_patch("two", patch_of(": state", fails_at(0, "crash", "no crash", 5)))
        code, out, progress = self.run_score()
        self.assertEqual(code, 0, out)
        self.assertIn("one: Loses a row. Now and then.\n  what:   a row is missing:\n  7,8,9\n  when:   1.5", out)
        self.assertEqual(self.row(out, "one")[:6], ["one", "y", "exact", "output", "no", "5"])
        self.assertEqual(self.row(out, "two")[:7], ["two", "y", "-", "3", "of", "3", "1"])
        self.assertIn("2 of 2 caught\n", out)
        self.assertIn("one: from 100001 on: seed 100005: correctness, exact output", progress)
        # The binary that a replay names is that mutant's, also after others were built.
        replay = next(line for line in out.splitlines() if line.startswith("  replay: ") and "/one/" in line)
        program = replay.split()[1]
        self.assertIn("a row is missing", subprocess.run([program, "sim", "", "--first-seed=1"], capture_output=True,
                                                         text=True).stdout)
        self.assertEqual((self.folder / "scratch" / "tree" / "engine").read_text(), ENGINE)

    def test_one_that_nobody_sees(self):
        self.add_patch("harmless", patch_of(": state", ": other"))
        code, out, _ = self.run_score("--seeds=50")
        self.assertEqual(code, 1)
        self.assertEqual(self.row(out, "harmless")[:11],
                         ["harmless", "n", "(0", "of", "3", "starts)", "-", "no", ">", "50", "0.0"])

    def test_seen_from_one_start_only_is_not_caught(self):
        self.add_patch("rare", patch_of(": state", "[ $first = 1 ] || exit 0\n" + fails_at(4)))
        code, out, _ = self.run_score()
        self.assertEqual(code, 1)
        self.assertIn("n (1 of 3 starts)", out)
        self.assertIn("> 2000", out)

    def test_a_seed_that_fails_anyway_does_not_count(self):
        clean = ENGINE.replace(": state", '[ "$2" = --seed=5 ] && echo "seed 5 FAILED (liveness): liveness" && exit 4\n: state')
        (self.workspace / "engine").write_text(clean)
        self.add_patch("late", patch_of(": state", fails_at(4), base=clean))
        code, out, progress = self.run_score()
        self.assertIn("late: seed 5 fails in the clean tree, too (exact output), and does not count", progress)
        self.assertIn("late: from 1 on: seed 10: correctness, exact output", progress)
        self.assertEqual(self.row(out, "late")[:6], ["late", "y", "exact", "output", "no", "5"])
        self.assertEqual(code, 0, out)

    def test_a_clean_tree_that_fails_stops_it(self):
        (self.workspace / "engine").write_text(ENGINE.replace(": state", fails_at(1)))
        code, out, _ = self.run_score()
        self.assertEqual(code, 1)
        self.assertIn("the clean tree does not pass", out)
        self.assertIn("seed 2 FAILED", out)

    def test_a_patch_that_does_not_apply_is_named_before_anything_is_built(self):
        self.add_patch("stale", patch_of(": state", ": other").replace("-: state", "-: estate", 1))
        code, out, progress = self.run_score()
        self.assertEqual(code, 1)
        self.assertIn("stale.patch does not apply", out)
        self.assertEqual(progress, "")

    def test_a_patch_that_does_not_build_is_named(self):
        self.add_patch("typo", patch_of(": state", ": broken"))
        code, out, _ = self.run_score()
        self.assertEqual(code, 1)
        self.assertIn("typo does not build:\nengine:1: error: broken", out)

    def test_a_patch_says_what_the_bug_is(self):
        self.add_patch("mute", patch_of(": state", ": other", comment=""))
        code, out, _ = self.run_score()
        self.assertEqual(code, 1)
        self.assertIn("what the bug is", out)

    def test_paths_are_of_the_callers_folder(self):
        (self.folder / "mine.patch").write_text(patch_of(": state", fails_at(0)))
        code, out, _ = self.run_score("mine.patch")
        self.assertEqual(code, 0, out)
        self.assertIn("1 of 1 caught", out)
        self.assertIn("there is no patch", self.run_score("yours.patch")[1])

    def test_a_mutant_that_an_ordinary_test_sees_does_not_count(self):
        self.add_patch("loud", patch_of(": state", ": fails a test\n" + fails_at(0)))
        self.assertEqual(self.run_score()[0], 0)
        code, out, _ = self.run_score("--ordinary-tests")
        self.assertEqual(code, 1)
        self.assertIn("FAIL", out)

    def test_a_weir_that_does_not_run_is_an_error(self):
        self.add_patch("usage", patch_of(": state", "exit 2"))
        code, out, _ = self.run_score()
        self.assertEqual(code, 1)
        self.assertIn("ended with 2", out)


class PatchesTest(unittest.TestCase):
    def test_all_apply_to_the_tree(self):
        patches = sorted(HERE.glob("*.patch"))
        self.assertTrue(patches)
        for patch in patches:
            with self.subTest(patch=patch.name):
                self.assertTrue(score.bug_of(patch).endswith("."))
                done = subprocess.run(["git", "apply", "--check", str(patch)], cwd=score.WORKSPACE, capture_output=True,
                                      text=True)
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
