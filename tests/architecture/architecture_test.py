#!/usr/bin/env python3
"""Holds the architecture: scans every #include of the tree, and the visibility of every target, against rules.py.

Rules, by the name a finding carries:
  sees:<component>     includes a component that is not below it
  library:<library>    uses a library that this component, or this file, may not use
  test-code            production code includes test code
  unknown-folder       a source file in a folder that rules.py does not know
  unknown-header       a system header that rules.py does not know
  path                 an own header must be included as "folder/from/the/root.h", a system header as <header>
  groups               the package groups of the root BUILD.bazel say something else than rules.py
  public               //visibility:public outside the root package
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tree")]
sys.dont_write_bytecode = True

import rules  # noqa: E402
import tree  # noqa: E402
from tree import Finding  # noqa: E402

_SOURCE = re.compile(r".*\.(h|cc)$")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def _closure():
    """component: everything it may include."""
    sees = {}
    for component, below in rules.COMPONENTS.items():  # Listed from the bottom up.
        sees[component] = {component, *rules.FOUNDATION, *below}.union(*(sees[name] for name in below))
    for root in [*rules.ROOTS, rules.TESTING]:
        sees[root] = {*rules.COMPONENTS, *rules.ROOTS, rules.TESTING}
    return sees


SEES = _closure()


def _longest_holding(path, folders):
    """The innermost of the folders that holds the file, or None. "" holds only what is directly in the root."""
    folder = path.rpartition("/")[0]
    return max((f for f in folders if folder == f or (f and folder.startswith(f + "/"))), key=len, default=None)


def _component(path):
    virtual = _longest_holding(path, rules.VIRTUAL_FOLDERS)
    return _longest_holding(path, SEES) if virtual is None else rules.VIRTUAL_FOLDERS[virtual]


def _is_test_code(path):
    return tree.matches(path, rules.TEST_CODE)


def _libraries(path):
    """The libraries that the file may use."""
    allowed = {*rules.LIBRARIES_EVERYWHERE}
    allowed.update(rules.LIBRARIES_OF.get(_longest_holding(path, rules.LIBRARIES_OF), []))
    if _is_test_code(path):
        allowed.update(rules.LIBRARIES_IN_TEST_CODE)
    for pattern, libraries, _ in rules.LIBRARIES_OF_FILES:
        if tree.matches(path, [pattern]):
            allowed.update(libraries)
    return allowed


def _library(header):
    """The library of the header, or None."""
    for library, names in rules.LIBRARIES.items():
        if tree.matches(header, [name + "*" if name.endswith("/") else name for name in names]):
            return library
    return None


def _check_own(path, header):
    component = _component(path)
    target = _component(header)
    if target is None:
        yield "unknown-header", f"no folder of tests/architecture/rules.py holds {header}"
    elif target not in SEES[component] and not (target == rules.TESTING and _is_test_code(path)):
        below = ", ".join(sorted(SEES[component] - {component})) or "nothing"
        yield f"sees:{component}", f"{component} may not include {header}; below it: {below}"
    elif _is_test_code(header) and not _is_test_code(path):
        yield "test-code", f"{header} is test code"


def _check_include(path, quote, header):
    library = _library(header)
    if library is not None:
        if library not in _libraries(path):
            yield f"library:{library}", f"this file may not use {library} ({header})"
    elif quote == '"' and ("/" not in header or "." in header.split("/")[:-1] or ".." in header.split("/")):
        yield "path", f'name own headers from the root, as "folder/{header.rpartition("/")[2]}"'
    elif quote == "<" and _component(header) is not None and "/" in header:
        yield "path", f"own headers go in quotes: {header}"
    elif quote == "<":
        yield "unknown-header", f"<{header}> is of no library of tests/architecture/rules.py"
    else:
        yield from _check_own(path, header)


def check_includes(root):
    for path in tree.files(root):
        if not _SOURCE.match(path) or path.startswith("third_party/"):
            continue
        if _component(path) is None:
            yield Finding(path, 1, "unknown-folder", "which component is this? see tests/architecture/rules.py")
            continue
        # Only comments go: the names of headers look like literals.
        code = tree.strip_comments(tree.read(root, path))
        for match in _INCLUDE.finditer(code):
            for rule, message in _check_include(path, match[1], match[2]):
                yield Finding(path, tree.line_of(code, match.start()), rule, message)


class _BuildFile(dict):
    """The names of a BUILD file, which is Python as far as this goes. Only package_group does anything."""

    def __init__(self):
        self.groups = {}

    def __missing__(self, name):
        return self._package_group if name == "package_group" else lambda *args, **kwargs: None

    def _package_group(self, name, packages=(), includes=()):
        self.groups[name] = (packages, includes)


def _package_groups(text):
    """Returns {group: components that are in it}; "" stands for the root package."""
    build_file = _BuildFile()
    exec(text, {"__builtins__": {}}, build_file)
    groups = build_file.groups

    def members(name):
        packages, includes = groups[name]
        found = {package.strip("/").removesuffix("...").rstrip("/") for package in packages}
        return found.union(*(members(include.lstrip(":")) for include in includes))

    return {name: members(name) for name in groups}


def check_visibility(root):
    for path in tree.files(root):
        if path.endswith("BUILD.bazel") and "/" in path and not path.startswith("third_party/"):
            for number, line in enumerate(tree.read(root, path).splitlines(), 1):
                if "//visibility:public" in line.partition("#")[0]:
                    yield Finding(path, number, "public", "name a group of the root BUILD.bazel instead")
    if not (root / "BUILD.bazel").exists():
        return
    groups = _package_groups(tree.read(root, "BUILD.bazel"))
    for component in rules.COMPONENTS:
        name = component.rpartition("/")[2] + "_users"
        want = {user for user, seen in SEES.items() if component in seen}
        have = groups.get(name, set())
        if component in rules.FOUNDATION:
            want = {""}  # "//..." is everyone.
        if have != want:
            differ = ", ".join(sorted(have ^ want))
            yield Finding("BUILD.bazel", 1, "groups", f"//:{name} and rules.py differ about: {differ}")


def check(root):
    return [*check_includes(root), *check_visibility(root)]


RULES = [
    *(f"sees:{component}" for component in rules.COMPONENTS),
    *(f"library:{library}" for library in rules.LIBRARIES if library not in rules.LIBRARIES_EVERYWHERE),
    "test-code",
    "unknown-folder",
    "unknown-header",
    "path",
    "groups",
    "public",
]

if __name__ == "__main__":
    tree.main(HERE, check, RULES)
