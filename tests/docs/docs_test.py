#!/usr/bin/env python3
"""Holds the documentation to the tree. `docs_test.py --fix` copies the code again.

  code    a block behind <!-- path#region --> is, word for word, what stands in that file between two lines `// [region]`
  link    a relative link leads to a file or folder that exists
  path    `a/path.h` in backticks exists (.h, .cc, .py, .md, .proto, .bazel)
  target  each //label behind ./bazelw is in a BUILD file, and what `./bazelw run` names there is a program
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
_COMMAND = re.compile(r"\./bazelw\b([^`\n]*)")
_LABEL = re.compile(r"(?<!\S)//([\w./-]*)(?::([\w.-]+))?")
_RULE = re.compile(r"^(\w+)\(\n(.*?)^\)", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r'^    name = "([^"]+)"', re.MULTILINE)
_COMPREHENSION = re.compile(r"^\[\n(.*?)^\]", re.DOTALL | re.MULTILINE)
RULES = ["code", "link", "path", "target"]


def region(root, path, name):
    """The text between the two marks, without what all its lines are indented by; None if it is not there."""
    if not (root / path).is_file():
        return None
    parts = re.split(rf"^[ \t]*// \[{re.escape(name)}\]\n", tree.read(root, path), flags=re.MULTILINE)
    return textwrap.dedent(parts[1]) if len(parts) == 3 else None


def targets(build):
    """{name: kind} of the text of a BUILD file. Whatever a list comprehension quotes counts as a name of unknown kind."""
    kinds = {word: "?" for text in _COMPREHENSION.findall(build) for word in re.findall(r'"([^"]+)"', text)}
    for kind, body in _RULE.findall(build):
        kinds.update({name: kind for name in _NAME.findall(body)})
    return kinds


def wrong_label(root, command, package, name):
    """What is wrong with //package:name in `./bazelw command ...`, or None."""
    if package == "..." or package.endswith("/..."):
        return None if (root / package[:-3]).is_dir() else "there is no such folder"
    build = root / package / "BUILD.bazel"
    kind = targets(build.read_text(encoding="utf-8")).get(name or package.split("/")[-1]) if build.is_file() else None
    if kind is None:
        return "there is no such target"
    if command == "run" and kind != "?" and not kind.endswith(("_binary", "_test")):
        return f"is a {kind}, which cannot be run"
    return None


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
        for match in _COMMAND.finditer(text):
            words = match[1].split(" -- ")[0].split("#")[0]
            command = next((word for word in words.split() if not word.startswith("-")), "")
            for label in _LABEL.finditer(words):
                wrong = wrong_label(root, command, label[1], label[2])
                if wrong:
                    found(match, "target", f"{label[0]} {wrong}")
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
