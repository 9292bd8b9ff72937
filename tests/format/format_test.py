#!/usr/bin/env python3
"""Holds .clang-format over all C++ of the tree. To mend what it finds: tests/format/format_test.py --fix"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tree"))
sys.dont_write_bytecode = True

import tree  # noqa: E402


def main():
    sources = [path for path in tree.files() if path.endswith((".h", ".cc"))]
    mode = ["-i"] if "--fix" in sys.argv[1:] else ["--dry-run", "--Werror", "--ferror-limit=1"]
    command = ["clang-format-16", "--style=file", *mode, *sources]
    done = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True)
    for line in done.stderr.splitlines():
        if ": error: " in line:
            print(line)
    print(f"{len(sources)} files")
    if done.returncode:
        print("tests/format/format_test.py --fix formats them")
    sys.exit(1 if done.returncode else 0)


if __name__ == "__main__":
    main()
