"""Merges gcov JSON reports and lcov tracefiles into one lcov tracefile of line counts.

Takes the arguments of Bazel's own CoverageOutputGenerator and ignores those it has no use for.
"""

import argparse
import collections
import glob
import gzip
import json
import os


def read_gcov_json(path, counts):
    with gzip.open(path, "rt") as f:
        report = json.load(f)
    for source in report["files"]:
        for line in source["lines"]:
            counts[source["file"]][line["line_number"]] += line["count"]


def read_tracefile(path, counts):
    source = None
    with open(path) as f:
        for row in f:
            if row.startswith("SF:"):
                source = row[3:].strip()
            elif row.startswith("DA:"):
                number, count = row[3:].strip().split(",")[:2]
                counts[source][int(number)] += int(count)


def is_ours(source):
    return not source.startswith(("/", "external/", "bazel-out/"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--coverage_dir")
    parser.add_argument("--reports_file")
    parser.add_argument("--output_file", required=True)
    args, _ = parser.parse_known_args()

    counts = collections.defaultdict(collections.Counter)
    if args.coverage_dir:
        for path in glob.glob(os.path.join(args.coverage_dir, "**", "*.gcov.json.gz"), recursive=True):
            read_gcov_json(path, counts)
        for path in glob.glob(os.path.join(args.coverage_dir, "**", "*.dat"), recursive=True):
            if os.path.abspath(path) != os.path.abspath(args.output_file):
                read_tracefile(path, counts)
    if args.reports_file:
        with open(args.reports_file) as f:
            for path in f.read().split():
                if os.path.exists(path):
                    read_tracefile(path, counts)

    with open(args.output_file, "w") as out:
        for source in sorted(filter(is_ours, counts)):
            lines = counts[source]
            out.write(f"SF:{source}\n")
            for number in sorted(lines):
                out.write(f"DA:{number},{lines[number]}\n")
            out.write(f"LH:{sum(1 for n in lines.values() if n)}\nLF:{len(lines)}\nend_of_record\n")


if __name__ == "__main__":
    main()
