"""Prints "<passed> <failed>": the test cases in the test.xml files under the folders named.

A test that is no gtest has a report with one case, written by Bazel. Cases that were skipped count as neither.
"""

import pathlib
import sys
import xml.etree.ElementTree


def main():
    passed = failed = 0
    for folder in sys.argv[1:]:
        for path in pathlib.Path(folder).rglob("test.xml"):
            try:
                cases = list(xml.etree.ElementTree.parse(path).iter("testcase"))
            except xml.etree.ElementTree.ParseError:
                failed += 1  # The test died while it wrote the report.
                continue
            for case in cases:
                if case.find("failure") is not None or case.find("error") is not None:
                    failed += 1
                elif case.get("status") != "notrun" and case.get("result") != "skipped" and case.find("skipped") is None:
                    passed += 1
    print(passed, failed)


if __name__ == "__main__":
    main()
