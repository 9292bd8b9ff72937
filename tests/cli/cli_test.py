#!/usr/bin/env python3
"""What the weir binary says: help, lists, and every way to get something wrong. Phrases and exit codes, not whole screens."""

import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

USAGE, FAILED = 2, 1


class HelpTest(weir_binary.WeirTest):
    def test_help(self):
        said = self.weir("--help").stdout
        self.assertSays(said, "run", "jobs", "weir run word_count --input=README.md", "--version")
        said = self.weir("run", "--help").stdout
        self.assertSays(said, "--input", "--output", "weir-out/JOB", "--parallelism", "--fresh", "Exit codes", "Ctrl-C",
                        "--checkpoint-interval", "--checkpoint-dir", "--restore", "--restart-attempts", "WEIR_STATE_DIR")
        self.assertSays(self.weir("jobs", "--help").stdout, "--dot")

    def test_nothing_at_all_is_answered_with_help(self):
        self.assertSays(self.weir(want=USAGE).stderr, "run", "jobs")

    def test_version(self):
        self.assertRegex(self.weir("--version").stdout, r"^weir \d+\.\d+")

    def test_no_colours(self):
        for arguments in (["--help"], ["jobs"], ["run", "--help"]):
            self.assertNotIn("\x1b", self.weir(*arguments).stdout)


class JobsTest(weir_binary.WeirTest):
    def test_list(self):
        said = self.weir("jobs").stdout
        self.assertSays(said, "package_activity  Counts the actions", "word_count", "--window", "(default 1h)", "(required)",
                        "(default weir-out/word_count)")

    def test_one(self):
        said = self.weir("jobs", "word_count").stdout
        self.assertSays(said, "--top", "(default 10)", "weir run word_count --input=...")
        self.assertNotIn("package_activity", said)

    def test_dot(self):
        said = self.weir("jobs", "word_count", "--dot", "--input=x").stdout
        self.assertSays(said, "digraph", "lines", "uid count", "hash")
        self.assertSays(self.weir("jobs", "--dot", want=USAGE).stderr, "--dot needs the name of a job")

    def test_unknown(self):
        self.assertSays(self.weir("jobs", "word_cuont", want=USAGE).stderr, "no job", "word_count")


class UsageTest(weir_binary.WeirTest):
    def setUp(self):
        super().setUp()
        (self.folder / "text").write_text("a b a\n")

    def refused(self, *arguments):
        done = self.weir(*arguments, want=USAGE)
        self.assertEqual(done.stdout, "")
        self.assertFalse((self.folder / "weir-out").exists(), "nothing is created for a wrong command")
        return done.stderr

    def test_unknown_command(self):
        self.assertSays(self.refused("sumbit"), 'no command "sumbit" (did you mean submit?); commands: run, jobs')
        self.assertNotIn("rehearse", self.refused("frob"), "a hidden command")

    def test_no_job(self):
        self.assertSays(self.refused("run"), "which job?", "weir jobs")

    def test_unknown_option(self):
        self.assertSays(self.refused("run", "-x"), 'unknown option "-x"', "which job?", "weir jobs")
        self.assertSays(self.refused("run", "--top=3"), 'unknown option "--top=3"', "which job?")
        self.assertSays(self.refused("run", "word_count", "--input=text", "-x"), '"-x"', "--NAME=VALUE")

    def test_unknown_job(self):
        self.assertSays(self.refused("run", "word_cuont", "--input=text"), 'no job "word_cuont"', "did you mean word_count?")
        self.assertSays(self.refused("run", "nexmark"), 'no job "nexmark"', "package_activity, word_count")

    def test_unknown_argument(self):
        said = self.refused("run", "word_count", "--input=text", "--topp=3")
        self.assertSays(said, '"topp"', "did you mean top?", "weir jobs word_count")
        self.assertSays(self.refused("run", "word_count", "--inptu=text"), '"inptu"', "did you mean input?")

    def test_mistyped_flag(self):
        said = self.refused("run", "word_count", "--input=text", "--paralelism=2")
        self.assertSays(said, '"--paralelism"', "did you mean parallelism?")
        said = self.refused("run", "word_count", "--input=text", "--checkpoint-intervall=2s")
        self.assertSays(said, '"--checkpoint-intervall"', "did you mean checkpoint-interval?")

    def test_flag_without_a_value(self):
        self.assertSays(self.refused("run", "word_count", "--input=", "--fresh"), "--input", "needs a value")

    def test_flag_that_is_neither_true_nor_false(self):
        said = self.refused("run", "word_count", "--input=text", "--fresh=maybe")
        self.assertSays(said, '--fresh', 'must be true or false, not "maybe"', "weir run --help")

    def test_missing_argument(self):
        self.assertSays(self.refused("run", "word_count"), '"input" is required')

    def test_wrong_value(self):
        self.assertSays(self.refused("run", "word_count", "--input=text", "--top=many"), '"top"', "whole number", '"many"')
        self.assertSays(self.refused("run", "word_count", "--input=text", "--top=0"), '"top"', "at least 1")
        self.assertSays(self.refused("run", "word_count", "--input=text", "--window=1 day"), '"window"', "1h30m")
        self.assertSays(self.refused("run", "word_count", "--input=text", "--window=0s"), "window", "positive")

    def test_values_that_cannot_be(self):
        said = self.refused("run", "clicks", "--count=-5")
        self.assertSays(said, "GeneratorOptions::count is -5", "zero or more", "weir jobs clicks")
        said = self.refused("run", "package_activity", "--input=text", "--disorder=-1h")
        self.assertSays(said, "out of order", "is -1h", "zero or more")

    def test_argument_given_twice(self):
        self.assertSays(self.refused("run", "word_count", "--input=text", "--top=1", "--top=2"), '"top" is given twice')

    def test_stray_word(self):
        self.assertSays(self.refused("run", "word_count", "stray", "--input=text"), '"stray"', "--NAME=VALUE")

    def test_parallelism(self):
        self.assertSays(self.refused("run", "word_count", "--input=text", "--parallelism=0"), "--parallelism", "between 1 and 32768")
        self.assertSays(self.refused("run", "word_count", "--input=text", "--parallelism=two"), '"two"')
        self.assertSays(self.refused("run", "word_count", "--input=text", "--parallelism=129"), "129", "128", "--parallelism")


class InputAndOutputTest(weir_binary.WeirTest):
    def setUp(self):
        super().setUp()
        (self.folder / "text").write_text("a b a\n")

    def words(self, folder="weir-out/word_count"):
        return [row[3:] for row in weir_binary.read_csv(self.folder / folder, "window_start,window_end,rank,word,count")]

    def test_summary(self):
        said = self.weir("run", "word_count", "--input=text").stdout
        self.assertSays(said, "word_count FINISHED", "1 row, 6 B", "2 rows", "weir-out/word_count", "set aside  nothing")
        self.assertRegex(said, r"rank  word  count\n.* 1  a +2\n.* 2  b +1\n")
        self.assertEqual(self.words(), [("a", "2"), ("b", "1")])

    def test_plain_log_without_a_terminal(self):
        done = self.weir("run", "word_count", "--input=text")
        self.assertEqual(done.stderr, "")
        self.assertNotIn("\x1b", done.stdout)

    def test_missing_input(self):
        done = self.weir("run", "word_count", "--input=nope", want=FAILED)
        self.assertSays(done.stderr, str(self.folder / "nope"), "does not exist")
        self.assertSays(done.stdout, "FAILED")

    def test_one_of_several_inputs_is_missing(self):
        said = self.weir("run", "word_count", "--input=text,nope", want=FAILED).stderr
        self.assertSays(said, str(self.folder / "nope"), "does not exist")

    def test_several_inputs(self):
        self.weir("run", "word_count", "--input=text", "--input=text, text", "--output=out")
        self.assertEqual(self.words("out"), [("a", "6"), ("b", "3")])

    def test_empty_folder(self):
        (self.folder / "empty").mkdir()
        said = self.weir("run", "word_count", "--input=empty").stdout
        self.assertSays(said, "FINISHED", "0 rows")

    def test_damaged_gzip(self):
        (self.folder / "bad.gz").write_bytes(b"\x1f\x8b\x08 this is no gzip")
        said = self.weir("run", "word_count", "--input=bad.gz", want=FAILED).stderr
        self.assertSays(said, "bad.gz")

    def test_earlier_results_stay(self):
        self.weir("run", "word_count", "--input=text")
        for arguments in (["--top=1"], ["--top=1", "--fresh"]):
            said = self.weir("run", "word_count", "--input=text", *arguments, want=FAILED).stderr
            self.assertSays(said, str(self.folder / "weir-out/word_count"), "results of another run", "--output")
        self.assertEqual(self.words(), [("a", "2"), ("b", "1")])

    def test_fresh(self):
        self.weir("run", "word_count", "--input=text")
        (self.folder / "text").write_text("c c c\n")
        self.assertSays(self.weir("run", "word_count", "--input=text").stderr, "finished already", "--fresh")
        self.weir("run", "word_count", "--input=text", "--fresh")
        self.assertEqual(self.words(), [("c", "3")])

    def test_finished_run_whose_results_are_gone_runs_again(self):
        self.weir("run", "word_count", "--input=text")
        shutil.rmtree(self.folder / "weir-out")
        self.assertEqual(self.weir("run", "word_count", "--input=text").stderr, "")
        self.assertEqual(self.words(), [("a", "2"), ("b", "1")])

    def test_other_way_to_the_same_files_is_the_same_run(self):
        self.weir("run", "word_count", "--input=text")
        (self.folder / "link").symlink_to(self.folder)
        said = self.weir("run", "word_count", "--input=link/text", "--output=link/weir-out/word_count", "--parallelism=3")
        self.assertSays(said.stderr, "finished already")

    def test_state_folder_that_cannot_be(self):
        state = self.folder / "state"
        state.write_text("a file")
        said = self.weir("run", "word_count", "--input=text", want=FAILED,
                         env=weir_binary.environment(WEIR_STATE_DIR=str(state / "weir"))).stderr
        self.assertSays(said, str(state), "WEIR_STATE_DIR")
        self.assertFalse((self.folder / "weir-out").exists())

    def test_fresh_can_be_false(self):
        self.weir("run", "word_count", "--input=text")
        self.assertSays(self.weir("run", "word_count", "--input=text", "--fresh=false").stderr, "finished already", "--fresh")
        self.weir("run", "word_count", "--input=text", "--fresh=true")

    def test_fresh_deletes_no_input(self):
        self.weir("run", "word_count", "--input=text", "--output=out")
        for input in ("out", "out/part-0-0.csv", "text,out"):
            said = self.weir("run", "word_count", f"--input={input}", "--output=out", "--fresh", want=USAGE).stderr
            self.assertSays(said, str(self.folder / "out"), "the output folder", "Choose another --output")
        self.assertEqual(self.words("out"), [("a", "2"), ("b", "1")])

    def test_fresh_deletes_no_other_files(self):
        out = self.folder / "out"
        out.mkdir()
        (out / "thesis.txt").write_text("years of work")
        said = self.weir("run", "word_count", "--input=text", "--output=out", "--fresh", want=FAILED).stderr
        self.assertSays(said, "thesis.txt")
        self.assertEqual((out / "thesis.txt").read_text(), "years of work")

    def test_output_that_cannot_be(self):
        said = self.weir("run", "word_count", "--input=text", "--output=text/out", want=FAILED).stderr
        self.assertSays(said, str(self.folder / "text/out"), "Not a directory", "--output")

    def test_damaged_checkpoint_is_named_and_nothing_is_lost(self):
        self.weir("run", "word_count", "--input=text")
        record = next(pathlib.Path(weir_binary.STATE).glob("*/run"))
        manifest = next(record.parent.glob("checkpoints-*/manifest-*"))
        whole = manifest.read_bytes()
        shutil.rmtree(self.folder / "weir-out")  # So that it runs again, but from that checkpoint:
        arguments = ["run", "word_count", "--input=text", "--output=out", f"--restore={manifest}", "--restart-delay=10ms"]
        for damaged in (whole[:-7], whole[:40] + b"?" + whole[41:]):
            manifest.write_bytes(damaged)
            said = self.weir(*arguments, want=FAILED).stderr
            self.assertSays(said, str(manifest))
            self.assertEqual(manifest.read_bytes(), damaged)

    def test_paths_count_from_the_users_folder_under_bazel_run(self):
        runfiles = self.folder / "cache/bin/cli/weir.runfiles/weir"
        runfiles.mkdir(parents=True)
        home = self.folder / "home"
        home.mkdir()
        (home / "text").write_text("x\n")
        inner, self.folder = self.folder, runfiles
        self.weir("run", "word_count", "--input=text",
                  env=weir_binary.environment(BUILD_WORKING_DIRECTORY=str(home), BUILD_WORKSPACE_DIRECTORY="/src"))
        self.folder = inner
        self.assertEqual(self.words("home/weir-out/word_count"), [("x", "1")])


if __name__ == "__main__":
    weir_binary.main()
