#!/usr/bin/env python3
"""What `weir run` says when a disk, a folder or a file is not as it has to be: the place, the remedy, and nothing is lost."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

FAILED = 1
HEADER = "index,time"
QUICK = ("--limit=3000", "--rate=0")
RETRY = ("--checkpoint-interval=50ms", "--restart-attempts=1", "--restart-delay=10ms")

# In a mount namespace of its own: a file system of $1, mounted on $2; the rest is run, must fail, gets room, and is run again.
FULL = """
mount -t tmpfs -o size=$1 none "$2" || exit 99
folder=$2; shift 2
echo mounted >&2
"$@" >/dev/null && exit 98
mount -o remount,size=100m "$folder" || exit 97
echo "--- with room" >&2
"$@" || exit 96
cp -r "$folder" "$folder.copy"
"""


class BadInputTest(weir_binary.WeirTest):
    def expected(self):
        self.weir("run", "sums", "--output=expected", *QUICK)
        return self.rows("expected")

    def rows(self, output="out"):
        return weir_binary.read_csv(self.folder / output, HEADER)

    def checkpoints(self, pattern, folder="ck"):
        names = [path for path in pathlib.Path(self.folder / folder).glob(f"*/checkpoints-*/{pattern}")
                 if "." not in path.name]
        return sorted(names, key=lambda path: [int(word) for word in path.name.split("-")[1:2]])

    def run_sums(self, *more, want=0):
        return self.weir("run", "sums", "--output=out", "--checkpoint-dir=ck", *RETRY, *more, want=want)

    def interrupt(self, *job):
        """Kills the job (sums) after some checkpoints, when results are visible."""
        child = subprocess.Popen(
            [weir_binary.WEIR, "run", *(job or ("sums",)), "--output=out", "--checkpoint-dir=ck", *RETRY], cwd=self.folder,
            env=weir_binary.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not (list((self.folder / "out").glob("part-*")) and self.checkpoints("manifest-*")
                   and (job or self.checkpoints("state-*")) and self.checkpoints("pointer-*")):
            self.assertLess(time.monotonic(), deadline, "the job does not start")
            self.assertIsNone(child.poll(), "the job has ended")
            time.sleep(0.01)
        child.kill()
        child.wait()

    def damage(self, path):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)

    def with_little_room(self, size, full, *command):
        """stderr of a run on a full disk, and then with room."""
        (self.folder / full).mkdir()
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", FULL, "sh", size, full, weir_binary.WEIR, "run", "sums", *QUICK, *RETRY,
             *command], cwd=self.folder, env=weir_binary.environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=weir_binary.TIMEOUT_SECONDS)
        said = done.stderr.decode()
        if "mounted" not in said:
            self.skipTest("no file system can be mounted here: " + said)
        self.assertEqual(done.returncode, 0, said)
        return said

    # ---- Disks and folders ----

    def test_full_output(self):
        expected = self.expected()
        said = self.with_little_room("16k", "full", "--output=full/out")
        self.assertSays(said, "/full/out/.part-", "No space left on device", "Make room there or choose another --output")
        self.assertEqual(self.rows("full.copy/out"), expected)

    def test_full_checkpoint_folder(self):
        expected = self.expected()
        said = self.with_little_room("12k", "full", "--output=out", "--checkpoint-dir=full/ck")
        self.assertSays(said, "/full/ck/sums-", "No space left on device", "weir: make room in ", "; then the same command ")
        self.assertEqual(self.rows(), expected)

    def test_folders_that_cannot_be_written(self):
        (self.folder / "file").touch()
        self.assertSays(self.weir("run", "sums", "--output=file/out", want=FAILED).stderr,
                        "preparing the output folder: ", f"{self.folder}/file/out", "Choose another --output")
        said = self.weir("run", "sums", "--output=out", "--checkpoint-dir=file/ck", want=FAILED).stderr
        self.assertSays(said, "keeping checkpoints: ", f"{self.folder}/file/ck", "Choose another --checkpoint-dir")
        # What was refused is not remembered.
        self.weir("run", "sums", "--output=out", "--checkpoint-dir=ck", *QUICK)
        said = self.weir("run", "sums", "--output=other", want=FAILED,
                         env=weir_binary.environment(WEIR_STATE_DIR=str(self.folder / "file/state"))).stderr
        self.assertSays(said, "remembering the run: ", f"{self.folder}/file/state", "Set WEIR_STATE_DIR to ")

    # ---- Inputs ----

    def test_input_that_was_cut_off_while_the_run_was_interrupted(self):
        path = self.folder / "lines.txt"
        whole = "".join(f"line {i}\n" for i in range(2000))
        path.write_text(whole)
        then = path.stat()
        lines = ("lines", "--input=lines.txt")
        self.interrupt(*lines)
        path.write_text(whole[:1000])
        said = self.weir("run", *lines, "--output=out", "--checkpoint-dir=ck", *RETRY, want=FAILED).stderr
        self.assertSays(said, str(path), " 1000 bytes", f" had {len(whole)}", "continues from checkpoint ")
        # Put back, nothing is lost and nothing is there twice.
        path.write_text(whole)
        os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
        self.weir("run", *lines, "--output=out", "--checkpoint-dir=ck", *RETRY)
        rows = weir_binary.read_csv(self.folder / "out", "text")
        self.assertEqual(rows, sorted((f"line {i}",) for i in range(2000)))

    # ---- Checkpoints ----

    def test_damaged_checkpoint(self):
        expected = self.expected()
        self.interrupt()
        for pattern in ("manifest-*", "state-*", "pointer-*"):
            for how in (self.damage, os.remove):
                if how is os.remove and pattern == "pointer-*":
                    continue  # An older pointer, or none: another case.
                with self.subTest(pattern=pattern, how=how.__name__):
                    shutil.copytree(self.folder / "ck", self.folder / "copy")
                    paths = [path for path in self.checkpoints(pattern) if os.path.getsize(path) > 0]
                    if pattern == "pointer-*":
                        paths = paths[-1:]
                    for path in paths:  # The newest may be of a checkpoint that was not completed when the job was killed.
                        how(path)
                    said = self.run_sums(want=FAILED).stderr
                    self.assertTrue(any(str(path) in said for path in paths), said)
                    self.assertSays(said, " is damaged: ", "from a copy", "--restore=CHECKPOINT", "--fresh")
                    self.assertNotIn("same command continues", said)
                    shutil.rmtree(self.folder / "ck")
                    os.rename(self.folder / "copy", self.folder / "ck")
        self.run_sums()
        self.assertEqual(self.rows(), expected)

    def test_lost_pointers_do_not_repeat_results(self):
        self.interrupt()
        before = self.rows()
        for path in self.checkpoints("pointer-*"):
            path.unlink()
        self.assertSays(self.run_sums(want=FAILED).stderr, "/out holds earlier results (part-", "run again with --fresh")
        self.assertEqual(self.rows(), before)

    def test_restoring_what_is_not_there(self):
        said = self.run_sums("--restore=nowhere", want=FAILED).stderr
        self.assertSays(said, f"--restore: stat {self.folder}/nowhere", "nothing was started")
        self.run_sums()  # Nor is it remembered.

    def test_restoring_an_earlier_checkpoint_into_the_same_output(self):
        expected = self.expected()
        self.interrupt()
        shutil.copytree(self.folder / "ck", self.folder / "earlier")
        self.run_sums()
        manifest = self.checkpoints("manifest-*", "earlier")[0]
        said = self.run_sums(f"--restore={manifest}", want=FAILED).stderr
        self.assertSays(said, "may be written a second time", "exists already. If the run went back to an earlier "
                        "checkpoint", "move it and the newer parts out of the folder")
        self.assertEqual(self.rows(), expected)

    # ---- Other runs ----

    def test_other_arguments_into_the_same_output(self):
        self.run_sums(*QUICK)
        before = self.rows()
        for more in ((), ("--fresh",)):
            said = self.weir("run", "sums", "--output=out", "--limit=10", *more, want=FAILED).stderr
            self.assertSays(said, "/out holds results of another run (part-", "Choose another --output")
            self.assertEqual(self.rows(), before)


if __name__ == "__main__":
    weir_binary.main()
