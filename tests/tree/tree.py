"""What the tests over the source tree share: which files there are, C++ without its comments, and fixtures.

These tests read the whole workspace, which cannot be listed as inputs of a Bazel test. Bazel runs them from a link into
the workspace, so resolving this file's links leads to the real tree; their targets carry the tag "external", so that
no result of theirs is ever taken from a cache, and "local", so that no sandbox hides the tree.
"""

import collections
import fnmatch
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# One thing that is wrong: path is relative to the root, line counts from 1.
Finding = collections.namedtuple("Finding", "path line rule message")


def files(root=ROOT):
    """Paths relative to root of all files that git knows or would add, without fixtures of these tests."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    else:  # A fixture, or a source archive.
        names = [str(path.relative_to(root)) for path in root.rglob("*")]
    return sorted(name for name in set(names) if name and "/testdata/" not in name and (root / name).is_file())


def read(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


def matches(path, patterns):
    """Whether path matches one of the shell patterns; `*` crosses folders."""
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


_CPP_TOKEN = re.compile(
    r"""
    (?P<comment>//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/)
    |(?P<raw>\b(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<number>\b\d(?:'?[\w.])*)
    |(?P<char>'(?:[^'\\\n]|\\.)+')
    """,
    re.VERBOSE | re.DOTALL,
)


def _blank(text, keep_ends=0):
    """The text as spaces, with its line breaks and keep_ends characters at either end."""
    inner = re.sub(r"[^\n]", " ", text[keep_ends : len(text) - keep_ends])
    return text[:keep_ends] + inner + text[len(text) - keep_ends :] if keep_ends else inner


def strip_comments(code):
    """C++ (or proto) with comments blanked; lines and columns stay where they are."""
    return _CPP_TOKEN.sub(lambda m: _blank(m[0]) if m["comment"] else m[0], code)


def strip(code):
    """C++ (or proto) with comments and the contents of literals blanked; lines and columns stay."""

    def replace(match):
        if match["comment"]:
            return _blank(match[0])
        if match["raw"]:
            return '"' + _blank(match[0][1:-1]) + '"'
        if match["number"]:
            return match[0]
        return _blank(match[0], keep_ends=1)

    return _CPP_TOKEN.sub(replace, code)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


_WANT = re.compile(r"want: *([\w:,/+ -]+)")


def check_fixtures(folder, check, rules):
    """Proves that the rules can fail: returns what is wrong with the fixtures, as lines of text.

    Each folder under testdata is a small tree of its own. A line that breaks rules says `want: rule, rule`; check(root)
    must find exactly those. Each name in rules must be wanted somewhere.
    """
    problems = []
    wanted_rules = set()
    roots = sorted(path for path in (folder / "testdata").iterdir() if path.is_dir())
    for root in roots:
        wanted = set()
        for path in files(root):
            for number, line in enumerate(read(root, path).splitlines(), 1):
                for match in _WANT.finditer(line):
                    wanted |= {(path, number, rule.strip()) for rule in match[1].split(",")}
        found = {(f.path, f.line, f.rule) for f in check(root)}
        for path, number, rule in sorted(wanted - found):
            problems.append(f"testdata/{root.name}/{path}:{number}: rule {rule} did not fail here")
        for path, number, rule in sorted(found - wanted):
            problems.append(f"testdata/{root.name}/{path}:{number}: rule {rule} failed here without being wanted")
        wanted_rules |= {rule for _, _, rule in wanted}
    for rule in sorted(set(rules) - wanted_rules):
        problems.append(f"testdata: no fixture proves that rule {rule} can fail")
    return problems


def main(folder, check, rules):
    """Checks the fixtures, then the tree. Exits 1 if anything is wrong."""
    problems = check_fixtures(folder, check, rules)
    findings = sorted(check(ROOT))
    for problem in problems:
        print(f"{folder.relative_to(ROOT)}/{problem}")
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.message}")
    print(f"{len(rules)} rules, {len(findings)} findings in the tree, {len(problems)} problems in fixtures")
    sys.exit(1 if problems or findings else 0)
