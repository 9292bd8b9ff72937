#!/usr/bin/env python3
"""Holds the documentation to the tree. `docs_test.py --fix` copies the code again.

  code    a block behind <!-- path#region --> is, word for word, what stands in that file between two lines `// [region]`
  link    a relative link leads to a file or folder that exists
  path    `a/path.h` in backticks exists (.h, .cc, .py, .md, .proto, .bazel)
"""

import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tree")]
sys.dont_write_bytecode = True

import tree  # noqa: E402
from tree import Finding  # noqa: E402

_BLOCK = re.compile(r"(<!-- ([\w/.]+)#([\w-]+)[^>]*-->\n```cpp\n)(.*?)```\n", re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:h|cc|py|md|proto|bazel))`")
RULES = ["code", "link", "path"]


def region(root, path, name):
    """The text between the two marks, without what all its lines are indented by; None if it is not there."""
    if not (root / path).is_file():
        return None
    parts = re.split(rf"^[ \t]*// \[{re.escape(name)}\]\n", tree.read(root, path), flags=re.MULTILINE)
    return textwrap.dedent(parts[1]) if len(parts) == 3 else None


def check(root):
    findings = set()
    for path in tree.files(root):
        if not path.endswith(".md"):
            continue
        text = tree.read(root, path)

        def found(match, rule, message):
            findings.add(Finding(path, tree.line_of(text, match.start()), rule, message))

        for match in _BLOCK.finditer(text):
            if region(root, match[2], match[3]) != match[4]:
                found(match, "code", f"is not the region {match[3]} of {match[2]}; --fix copies it")
        for match in _LINK.finditer(text):
            if not ((root / path).parent / match[1]).exists():
                found(match, "link", f"{match[1]} does not exist")
        for match in _PATH.finditer(text):
            if not (root / match[1]).exists() and not ((root / path).parent / match[1]).exists():
                found(match, "path", f"{match[1]} does not exist")
    return findings


def fix(root):
    for path in tree.files(root):
        if path.endswith(".md"):
            text = tree.read(root, path)

            def copied(match):
                code = region(root, match[2], match[3])
                return f"{match[1]}{code}```\n" if code is not None else match[0]

            (root / path).write_text(_BLOCK.sub(copied, text), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--fix"]:
        fix(tree.ROOT)
    tree.main(HERE, check, RULES)
