#!/usr/bin/env python3
"""package_activity against a few lines of Python over the same input."""

import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import package_logs  # noqa: E402
import weir_binary  # noqa: E402


class PackageActivityTest(weir_binary.WeirTest):
    def run_job(self, *arguments):
        """Runs the job and returns (rows, stdout)."""
        shutil.rmtree(self.folder / "out", ignore_errors=True)  # It belongs to the run with other arguments.
        done = self.weir("run", "package_activity", "--fresh", "--output=out", *arguments)
        return weir_binary.read_csv(self.folder / "out", package_logs.HEADER), done.stdout

    def check(self, files, *arguments, parallelism=(1, 2, 8), input=None):
        """Writes files {name: content}, runs the job over `input` (default: all files, in order) and compares."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        contents = [gzip.decompress(c) if name.endswith(".gz") else c for name, c in files.items()]
        want, malformed = package_logs.expected(contents)
        for n in parallelism:
            rows, said = self.run_job(f"--input={input or ','.join(files)}", f"--parallelism={n}", *arguments)
            self.assertEqual(rows, want, f"parallelism {n}")
            self.assertNotRegex(said, r"(?m)^ +late ")
            found = re.search(r"(?m)^ +malformed +([\d,]+) row", said)
            self.assertEqual(int(found[1].replace(",", "")) if found else 0, malformed, said)
        return want, malformed

    def test_generated_logs(self):
        for seed in range(5):
            with self.subTest(seed=seed):
                lines = package_logs.log_lines(seed, 4000)
                want, malformed = self.check({"dpkg.log": b"\n".join(lines) + b"\n"}, parallelism=(1, 1 + seed % 8))
                self.assertGreater(len(want), 20)
                self.assertGreater(malformed, 20)

    def test_every_parallelism(self):
        # Splits are not smaller than 1 MiB: so many that every subtask reads several byte ranges of the one file.
        content = b"\n".join(package_logs.log_lines(77, 270_000)) + b"\n"
        self.assertGreater(len(content), 12_000_000)
        self.check({"dpkg.log": content}, parallelism=range(1, 9))

    def test_no_newline_at_the_end(self):
        self.check({"dpkg.log": b"\n".join(package_logs.log_lines(1, 100))})

    def test_crlf(self):
        self.check({"dpkg.log": b"\r\n".join(package_logs.log_lines(2, 1000)) + b"\r\n"})

    def test_empty_file(self):
        self.check({"dpkg.log": b""})

    def test_empty_file_beside_others(self):
        self.check({"a.log": b"", "b.log": b"\n".join(package_logs.log_lines(3, 500)), "c.log": b""})

    def test_only_malformed_lines(self):
        self.check({"dpkg.log": b"\n".join(package_logs.GARBAGE) + b"\n"})

    def test_line_of_10_megabytes(self):
        lines = package_logs.log_lines(4, 2000)
        lines[1000:1000] = [lines[999] + b" " + b"x" * 10_000_000]
        self.check({"dpkg.log": b"\n".join(lines) + b"\n"}, parallelism=(1, 4))

    def test_invalid_utf8_in_the_action(self):
        lines = [b"2026-05-20 10:11:12 \xff\xfe x", b"2026-05-20 10:11:13 \xff\xfe y", b'2026-05-20 10:11:13 a,"b z']
        self.check({"dpkg.log": b"\n".join(lines) + b"\n"})

    def test_gzip(self):
        content = b"\n".join(package_logs.log_lines(5, 5000)) + b"\n"
        self.check({"dpkg.log.1.gz": gzip.compress(content)})
        self.check({"dpkg.log.2.gz": gzip.compress(content[:50000]) + gzip.compress(content[50000:])})

    def test_zstd(self):
        zstd = shutil.which("zstd", path=os.defpath + ":/usr/bin:/usr/local/bin")
        if not zstd:
            self.skipTest("there is no zstd program to compress with")
        lines = package_logs.log_lines(6, 5000)
        plain = b"\n".join(lines) + b"\n"
        (self.folder / "dpkg.log").write_bytes(plain)
        subprocess.run([zstd, "-q", str(self.folder / "dpkg.log")], check=True)
        rows, _ = self.run_job("--input=dpkg.log.zst", "--parallelism=2")
        self.assertEqual(rows, package_logs.expected([plain])[0])

    def test_rotated_pair_in_any_order(self):
        lines = package_logs.log_lines(7, 6000)
        old, new = (b"\n".join(part) + b"\n" for part in (lines[:3000], lines[3000:]))
        files = {"logs/dpkg.log.1": old, "logs/dpkg.log": new}
        for order in ("logs/dpkg.log.1,logs/dpkg.log", "logs/dpkg.log,logs/dpkg.log.1", "logs"):
            with self.subTest(order=order):
                self.check(files, input=order)
        os.utime(self.folder / "logs/dpkg.log", (1, 1))  # Now the folder lists it first.
        rows, said = self.run_job("--input=logs", "--parallelism=3")
        self.assertEqual(rows, package_logs.expected([old, new])[0])
        self.assertNotRegex(said, r"(?m)^ +late ")

    def test_window_of_another_size(self):
        content = b"\n".join(package_logs.log_lines(8, 3000)) + b"\n"
        (self.folder / "dpkg.log").write_bytes(content)
        rows, _ = self.run_job("--input=dpkg.log", "--window=15m")
        self.assertEqual(rows, package_logs.expected([content], window=900)[0])

    def test_late_line_is_named(self):
        lines = package_logs.log_lines(9, 3000, garbage=0)
        late = b"2026-05-20 09:00:00 install late-package"
        content = b"\n".join(lines) + b"\n"
        (self.folder / "dpkg.log").write_bytes(content + late + b"\n" + lines[-1] + b"\n")
        for n in (1, 4):
            rows, said = self.run_job("--input=dpkg.log", f"--parallelism={n}")
            if n == 1:  # With more subtasks the split of the late line may still hold time back.
                self.assertEqual(rows, package_logs.expected([content + lines[-1] + b"\n"])[0])
                self.assertRegex(said, r"(?m)^ +late +1 row ")
                self.assertIn(f"{self.folder / 'dpkg.log'}, byte {len(content)}", said)

    def test_first_malformed_line_is_named(self):
        lines = package_logs.log_lines(10, 3000, garbage=0)
        content = b"\n".join(lines) + b"\n"
        for at in (2500, 1200):
            lines[at] = b"not\x1b[31m a line \xff"
        (self.folder / "dpkg.log").write_bytes(b"\n".join(lines) + b"\n")
        offset = len(b"\n".join(lines[:1200]) + b"\n")
        for n in (1, 5):
            _, said = self.run_job("--input=dpkg.log", f"--parallelism={n}")
            self.assertRegex(said, r"(?m)^ +malformed +2 rows ")
            self.assertSays(said, f"{self.folder / 'dpkg.log'}, byte {offset}", r"'not\x1b[31m a line \xff'")


if __name__ == "__main__":
    weir_binary.main()
