#!/usr/bin/env python3
"""`weir submit --artifact`: a cluster of the weir binary runs jobs that are not in it.

Arguments: the weir binary, a program of a user's own, the shared object of the same job, one with bad jobs, and one with a job of
a name that the weir binary has.
"""

import pathlib
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402
import weir_process  # noqa: E402
from weir_process import ANY_PORT  # noqa: E402

HEADER = "hour,page,visits,visitors"
FAILED = 1
USAGE = 2
APPLICATION, VISITS, BAD_JOBS, TWIN_JOB = (pathlib.Path(sys.argv.pop(2)).absolute() for _ in range(4))


CERTIFICATES = HERE.parent / "grpc" / "testdata"


def mutual_tls(name):
    """The options of a process that shows the certificate of this name, and takes those of the same CA."""
    values = {"enabled": "true", "mutual": "true", "ca": CERTIFICATES / "ca.pem", "certificate": CERTIFICATES / f"{name}.pem",
              "key": CERTIFICATES / f"{name}.key"}
    return [word for key, value in values.items() for word in ("-D", f"security.ssl.{key}={value}")]


class ArtifactTest(weir_process.ProcessTest):
    def cluster(self, *arguments):
        cluster = self.start("cluster", "--taskmanagers=2", "--slots=1", *arguments, *ANY_PORT)
        self.address = cluster.hear(r"JobManager at (\S+:\d+),")[1]
        cluster.hear("The cluster runs")
        return cluster

    def submit(self, artifact, *arguments, want=0):
        return self.weir("submit", f"--jobmanager={self.address}", f"--artifact={artifact}", *arguments, want=want)

    def rows(self, folder):
        return weir_binary.read_csv(self.folder / folder, HEADER)

    def expected(self, *arguments):
        """What the job gives where it is linked into the program."""
        subprocess.run([APPLICATION, "run", "visits", "--output=expected", *arguments], cwd=self.folder, check=True,
                       env=weir_binary.environment(), stdout=subprocess.DEVNULL, timeout=weir_binary.TIMEOUT_SECONDS)
        return self.rows("expected")

    def blobs(self):
        folder = pathlib.Path(weir_binary.STATE) / "cluster" / "blobs"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def changed(self, old, new):
        """The artifact with other bytes in its note."""
        text = VISITS.read_bytes()
        self.assertEqual(text.count(old), 1, old)
        path = self.folder / "libchanged.so"
        path.write_bytes(text.replace(old, new.ljust(len(old), b"\0")))
        return path

    def note(self):
        """The build id, compiler and ABI of the artifact."""
        text = VISITS.read_bytes()
        begin = text.index(b"Weir\0\0\0\0\x01\0\0\0") + 12
        return [text[begin + at:begin + at + size].rstrip(b"\0") for at, size in ((0, 64), (64, 128), (192, 128))]

    def test_a_job_runs_from_its_artifact(self):
        self.cluster()
        self.submit(VISITS, "visits", "--count=5000", "--output=hours")
        self.assertEqual(self.rows("hours"), self.expected("--count=5000"))
        # Once more: it is known, and another job runs meanwhile.
        detached = self.submit(VISITS, "visits", "--count=100000", "--rate=100", "--output=slow", "--detached")
        self.assertSays(detached.stdout, "submitted")
        self.assertEqual(len(self.blobs()), 1)

    def test_jobs_of_two_artifacts_and_of_the_cluster_itself(self):
        self.cluster()
        (self.folder / "text").write_text("a b a\n")
        self.submit(VISITS, "visits", "--count=100", "--output=hours")
        self.submit(BAD_JOBS, "differs_at_jobmanager", want=FAILED)
        self.weir("submit", f"--jobmanager={self.address}", "word_count", "--input=text", "--output=words")
        self.submit(VISITS, "visits", "--count=200", "--output=more")
        self.assertEqual(sum(int(row[2]) for row in self.rows("more")), 200)

    def test_it_survives_that_everything_is_killed(self):
        port = weir_process.free_port()
        where = ("-D", f"jobmanager.rpc.port={port}", "-D", "heartbeat.interval=200ms", "-D", "heartbeat.timeout=2s")
        self.address = f"127.0.0.1:{port}"
        job_manager = self.start("jobmanager", *where)
        job_manager.hear("JobManager at")
        workers = [self.start("taskmanager", "--slots=1", *where) for _ in range(2)]
        count = ("--count=12000", "--rate=2000")
        job = self.start("submit", *where, f"--artifact={VISITS}", "visits", *count, "--output=hours",
                         "--checkpoint-interval=200ms", "-D", "restart-strategy.type=fixed-delay",
                         "-D", "restart-strategy.fixed-delay.attempts=100",
                         "-D", "restart-strategy.fixed-delay.delay=100ms")
        job.hear("submitted")
        weir_process.wait_until(lambda: list((self.folder / "hours").glob("[!.]*")), "a first result")
        for process in [job_manager, *workers]:
            process.kill()
            process.wait()
        self.assertIsNone(job.poll())
        self.start("jobmanager", *where).hear("JobManager at")
        for _ in range(2):
            self.start("taskmanager", "--slots=1", *where)
        self.assertEqual(job.end(), 0, job.said)
        self.assertEqual(self.rows("hours"), self.expected("--count=12000"))
        # What nobody needs goes: the blob with the last job that needs it, after the time for a next one.
        self.assertEqual(len(self.blobs()), 0)

    def test_what_is_no_artifact(self):
        self.cluster()
        script = self.folder / "script"
        script.write_text("#!/bin/sh\necho this is not an artifact\n")
        self.assertSays(self.submit(script, "visits", want=USAGE).stderr, "script", "no ELF file")
        library = next(path for path in (pathlib.Path(folder) / "libz.so.1" for folder in (
            "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib")) if path.exists())
        self.assertSays(self.submit(library, "visits", want=USAGE).stderr, "weir_artifact")
        self.assertSays(self.submit("missing.so", "visits", want=USAGE).stderr, "missing.so")
        self.assertEqual(self.blobs(), [])

    def test_what_was_built_with_something_else(self):
        self.cluster()
        build_id, compiler, abi = self.note()
        other = self.submit(self.changed(build_id, b"0123456789abcdef"), "visits", want=USAGE).stderr
        self.assertSays(other, "0123456789abcdef", build_id.decode(), "same sources")
        self.assertSays(self.submit(self.changed(compiler, b"icc 1"), "visits", want=USAGE).stderr,
                        "icc 1", compiler.decode())
        self.assertSays(self.submit(self.changed(abi, b"m68k"), "visits", want=USAGE).stderr, "m68k", abi.decode())

    def test_jobs_that_are_not_there_or_there_twice(self):
        self.cluster()
        missing = self.submit(VISITS, "visitors", want=USAGE).stderr
        self.assertSays(missing, 'no job "visitors" in the artifact', "its jobs: visits")
        self.assertSays(self.submit(TWIN_JOB, "word_count", want=USAGE).stderr, '"word_count"', "this program itself")
        self.assertSays(self.weir("submit", f"--jobmanager={self.address}", "visits", want=USAGE).stderr,
                        'no job "visits"')

    def test_one_that_is_too_large(self):
        self.cluster("-D", "blob.size-max=1000")
        self.assertSays(self.submit(VISITS, "visits", want=FAILED).stderr, "blob.size-max", "1000")

    def test_builders_that_look_around(self):
        cluster = self.cluster()
        differs = self.submit(BAD_JOBS, "differs_at_jobmanager", want=FAILED).stderr
        self.assertSays(differs, "at the client", "at the JobManager", "arguments alone")
        differs = self.submit(BAD_JOBS, "differs_at_worker", want=FAILED)
        self.assertSays(differs.stderr + differs.stdout, "has digest", "at the JobManager")
        self.assertSays(self.submit(BAD_JOBS, "dies_at_jobmanager", want=FAILED).stderr, "was killed by signal 6")
        self.assertSays(self.submit(BAD_JOBS, "throws_at_jobmanager", want=FAILED).stderr, "its builder threw: not here")
        # None of that has hurt the cluster.
        self.submit(VISITS, "visits", "--count=100", "--output=hours")
        self.assertNotIn("killed", cluster.listen())

    def test_clients_that_nobody_knows(self):
        job_manager = self.start("jobmanager", "--jobmanager=0.0.0.0:0", "--insecure")
        self.address = re.sub(r"^\S*:", "127.0.0.1:", job_manager.hear(r"JobManager at (\S+:\d+),")[1])
        refused = self.submit(VISITS, "visits", want=FAILED).stderr
        self.assertSays(refused, "security.ssl.enabled", "security.ssl.mutual", "0.0.0.0")

    def test_clients_with_a_certificate(self):
        job_manager = self.start("jobmanager", "--jobmanager=0.0.0.0:0", *mutual_tls("server"))
        self.address = re.sub(r"^\S*:", "127.0.0.1:", job_manager.hear(r"JobManager at (\S+:\d+),")[1])
        for _ in range(2):
            self.start("taskmanager", "--slots=1", f"--jobmanager={self.address}", *mutual_tls("server"))
        self.submit(VISITS, "visits", "--count=3000", "--output=hours", *mutual_tls("client"))
        self.assertEqual(self.rows("hours"), self.expected("--count=3000"))
        stranger = self.submit(VISITS, "visits", *mutual_tls("other_client"), want=FAILED).stderr
        self.assertSays(stranger, "certificate")
        self.assertEqual(len(self.blobs()), 1)

    def test_a_job_that_goes_on(self):
        self.cluster("-D", "heartbeat.interval=200ms")
        job = self.start("submit", f"--jobmanager={self.address}", f"--artifact={VISITS}", "visits", "--count=8000",
                         "--rate=2000", "--output=hours", "--checkpoint-interval=200ms")
        job_id = job.hear(r"submitted with JobID (\w+)")[1]
        weir_process.wait_until(lambda: list((self.folder / "hours").glob("[!.]*")), "a first result")
        self.weir("stop", f"--jobmanager={self.address}", job_id)
        job.end()
        refused = self.weir("submit", f"--jobmanager={self.address}", f"--continue={job_id}", want=FAILED).stderr
        self.assertSays(refused, "--artifact")
        self.submit(VISITS, f"--continue={job_id}")
        self.assertEqual(self.rows("hours"), self.expected("--count=8000"))

    def test_it_holds_no_engine(self):
        """What is one copy in the program is not a second time in the artifact: only inline functions may be."""
        defined = subprocess.run(["nm", "-D", "-C", "--defined-only", VISITS], check=True, capture_output=True,
                                 text=True).stdout
        own = [line for line in defined.splitlines() if re.match(r"^[0-9a-f]+ [TDBR] ", line)]
        self.assertEqual([line for line in own if re.search(r"\b(weir|absl|google|grpc)::", line)], [])


if __name__ == "__main__":
    weir_binary.main()
