#!/usr/bin/env python3
"""word_count against a few lines of Python over the same input."""

import collections
import datetime
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

HEADER = "window_start,window_end,rank,word,count"


def count_words(text):
    return collections.Counter(word.lower() for word in re.findall(rb"[0-9A-Za-z\x80-\xff]+", text))


def top_rows(counter, top, start, end):
    best = sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:top]
    return [(start, end, str(rank), word.decode("latin-1"), str(n)) for rank, (word, n) in enumerate(best, 1)]


def text(seed, lines):
    rng = random.Random(seed)
    words = [b"word%d" % i for i in range(200)] + [b"Weir", b"WEIR", b"na\xc3\xafve", b"\xff\xfe", b"42", b"don't"]
    ends = [b" ", b", ", b".", b"--", b"\t", b"_", b"\x00", b'"']
    return [
        b"".join(words[min(int(rng.expovariate(0.03)), len(words) - 1)] + rng.choice(ends) for _ in range(rng.randint(0, 12)))
        for _ in range(lines)
    ]


class WordCountTest(weir_binary.WeirTest):
    def run_job(self, *arguments):
        self.weir("run", "word_count", "--fresh", "--output=out", "--input=text", *arguments)
        return weir_binary.read_csv(self.folder / "out", HEADER)

    def test_one_window_without_timestamps(self):
        for seed in range(3):
            content = b"\n".join(text(seed, 3000))
            (self.folder / "text").write_bytes(content)
            want = top_rows(count_words(content), 20, "2000-01-01T00:00:00Z", "2000-01-02T00:00:00Z")
            for n in (1, 2 + seed, 8):
                self.assertEqual(self.run_job("--top=20", f"--parallelism={n}"), sorted(want), f"seed {seed} at {n}")

    def test_ties_go_by_word(self):
        (self.folder / "text").write_bytes(b"pear fig apple fig pear kiwi apple lime")
        rows = sorted(self.run_job("--top=4"), key=lambda row: int(row[2]))
        self.assertEqual([row[2:] for row in rows],
                         [("1", "apple", "2"), ("2", "fig", "2"), ("3", "pear", "2"), ("4", "kiwi", "1")])

    def test_window_per_hour_with_timestamps(self):
        rng = random.Random(11)
        now, lines, counters = 1_779_270_000, [], collections.defaultdict(collections.Counter)
        for line in text(12, 5000):
            now += rng.randint(0, 20)
            seconds = now - rng.randint(0, 60)
            time = datetime.datetime.utcfromtimestamp(seconds)
            lines.append(time.strftime(rng.choice(["%Y-%m-%d %H:%M:%S ", "%Y-%m-%dT%H:%M:%S "])).encode() + line)
            counters[seconds - seconds % 3600] += count_words(line)
        (self.folder / "text").write_bytes(b"\n".join(lines))

        def iso(seconds):
            return datetime.datetime.utcfromtimestamp(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")

        want = [row for start, counter in counters.items() for row in top_rows(counter, 5, iso(start), iso(start + 3600))]
        self.assertGreater(len(want), 40)
        for n in (1, 3):
            rows = self.run_job("--timestamps=true", "--window=1h", "--top=5", f"--parallelism={n}")
            self.assertEqual(rows, sorted(want), f"parallelism {n}")

    def test_nothing_to_count(self):
        (self.folder / "text").write_bytes(b"\n.,;\n")
        self.assertEqual(self.run_job(), [])


if __name__ == "__main__":
    weir_binary.main()
