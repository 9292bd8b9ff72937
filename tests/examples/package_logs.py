"""Seeded Debian package logs, and the counts that are right for them, from a few lines of plain Python."""

import calendar
import collections
import datetime
import random
import re

HEADER = "window_start,window_end,action,count"
_LINE = re.compile(rb"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d) +([^ ]+)", re.DOTALL)


def parse(line):
    """(seconds since the epoch, action) if the line is well formed, else None."""
    match = _LINE.match(line)
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    try:
        datetime.datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None
    return (calendar.timegm((year, month, day, hour, minute, second)), match[7]) if second <= 60 else None


def iso(seconds):
    return datetime.datetime.utcfromtimestamp(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def expected(contents, window=3600):
    """(sorted CSV rows, number of malformed lines) for the bytes of some files."""
    counts, malformed = collections.Counter(), 0
    for content in contents:
        lines = content.split(b"\n")
        for line in lines[:-1] + [line for line in lines[-1:] if line]:
            line = line[:-1] if line.endswith(b"\r") else line
            parsed = parse(line)
            if parsed is None:
                malformed += 1
            else:
                counts[parsed[0] - parsed[0] % window, parsed[1].decode("latin-1")] += 1
    return sorted((iso(start), iso(start + window), action, str(n)) for (start, action), n in counts.items()), malformed


ACTIONS = [b"install", b"upgrade", b"remove", b"purge", b"status", b"startup", b"configure", b"trigproc", b"conffile"]
GARBAGE = [
    b"", b"   ", b"x", b"2026-05-20", b"2026-05-20 10:11:12", b"2026-05-20 10:11:12 ", b"2026-13-20 10:11:12 install a",
    b"2026-02-30 10:11:12 install a", b"2026-05-20 24:00:00 install a", b"2026-05-20 10:60:00 install a",
    b" 2026-05-20 10:11:12 install", b"2026-05-20  10:11:12 install a", b"20-05-2026 10:11:12 install a", b"2026-05-20 10:11 install a",
    b"\xff\xfe\x00 \x80 \x81", b"2026-5-20 10:11:12 install a", b"2026-05-20 10:11:12.5 install a",
    b"\xc3\x28 2026-05-20 10:11:12 install", b"\t2026-05-20 10:11:12 install a", b"2026-05-20 10:11:12Z install a",
]


def log_lines(seed, count, start=1_779_270_000, disorder=60, garbage=0.02):
    """`count` lines in an order that is at most `disorder` seconds behind; some are malformed."""
    rng = random.Random(seed)
    lines, now = [], start
    for _ in range(count):
        now += rng.choice([0, 0, 0, 1, 1, 2, 5, 30, 200 if rng.random() < 0.1 else 0])
        if rng.random() < garbage:
            lines.append(rng.choice(GARBAGE))
            continue
        seconds = now - rng.randint(0, disorder)
        time = datetime.datetime.utcfromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S").encode()
        name = b"lib%d\xc3\xa9\xff:amd64" % rng.randint(1, 99) if rng.random() < 0.05 else b"pkg%d" % rng.randint(1, 99)
        lines.append(b" ".join([time, rng.choice(ACTIONS), name, b"<none>", b"1.%d-1" % rng.randint(0, 9)]))
    return lines
