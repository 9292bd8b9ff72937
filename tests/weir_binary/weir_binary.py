"""What tests of the weir binary share: running it in a folder of its own, and reading the CSV it wrote.

The binary's path is the test's first argument, which is taken off before unittest sees the arguments.
"""

import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

WEIR = pathlib.Path()
STATE = ""  # Where the binary remembers runs: a folder of the current test.
TIMEOUT_SECONDS = 120


def environment(**changes):
    """The environment of a user outside of Bazel, with changes; None removes a variable."""
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR",)}
    env["WEIR_STATE_DIR"] = STATE
    env["XDG_CONFIG_HOME"] = STATE  # Not the configuration of whoever runs the tests.
    env.pop("WEIR_CONFIG", None)
    for name in ("WEIR_WORKING_DIRECTORY", "BUILD_WORKING_DIRECTORY", "BUILD_WORKSPACE_DIRECTORY"):
        env.pop(name, None)
    env.update({name: value for name, value in changes.items() if value is not None})
    for name, value in changes.items():
        if value is None:
            env.pop(name, None)
    return env


class WeirTest(unittest.TestCase):
    """A test with an empty folder, self.folder, in which weir() runs the binary."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        global STATE
        state = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(state.cleanup)
        STATE = state.name

    def weir(self, *arguments, want=0, env=None):
        """Runs the binary, checks its exit code and returns it with stdout and stderr as text."""
        done = subprocess.run(
            [WEIR, *map(str, arguments)], cwd=self.folder, env=env or environment(), stdin=subprocess.DEVNULL,
            capture_output=True, timeout=TIMEOUT_SECONDS)
        done.stdout = done.stdout.decode("utf-8", "backslashreplace")
        done.stderr = done.stderr.decode("utf-8", "backslashreplace")
        self.assertEqual(done.returncode, want, f"weir {arguments}\n--- stdout\n{done.stdout}--- stderr\n{done.stderr}")
        return done

    def assertSays(self, text, *phrases):
        for phrase in phrases:
            self.assertIn(phrase, text)


def read_csv(folder, header):
    """The rows of all visible parts, sorted. Each part must start with the header. Bytes come as latin-1."""
    rows = []
    parts = [path for path in pathlib.Path(folder).iterdir() if not path.name.startswith((".", "_"))]
    for path in sorted(parts):
        with open(path, encoding="latin-1", newline="") as part:
            lines = list(csv.reader(part))
        if not lines or ",".join(lines[0]) != header:
            raise AssertionError(f"{path} does not start with the header {header}: {lines[:1]}")
        rows += [tuple(line) for line in lines[1:]]
    return sorted(rows)


_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd]")


class _Report(unittest.TextTestResult):
    """Writes what Bazel and CI read: one case per test method, in the file that XML_OUTPUT_FILE names."""

    def stopTestRun(self):
        super().stopTestRun()
        path = os.environ.get("XML_OUTPUT_FILE")
        if path is None:
            return
        failed = [(str(test), _NOT_XML.sub("?", text)) for test, text in self.failures + self.errors]
        skipped = {str(test) for test, _ in self.skipped}
        suite = xml.etree.ElementTree.Element("testsuite", name=pathlib.Path(sys.argv[0]).stem)
        for test in self.seen:
            case = xml.etree.ElementTree.SubElement(suite, "testcase", name=test)
            texts = [text for name, text in failed if name == test or name.startswith(test + " ")]  # Or a sub-test of it.
            if texts:
                xml.etree.ElementTree.SubElement(case, "failure").text = "\n".join(texts)
            if test in skipped:
                xml.etree.ElementTree.SubElement(case, "skipped")
        xml.etree.ElementTree.ElementTree(suite).write(path)

    def startTest(self, test):
        super().startTest(test)
        self.seen = getattr(self, "seen", []) + [str(test)]


def main():
    global WEIR
    WEIR = pathlib.Path(sys.argv.pop(1)).absolute()
    unittest.main(testRunner=unittest.TextTestRunner(verbosity=2, resultclass=_Report))
