# SPDX-License-Identifier: MIT
"""Measuring: checks first, then times, batch by batch in turn, and what is told of them."""
import collections
import math
import os
import subprocess
import time

from engines import Server

MODES = ["COUNT", "TOP_10", "TOP_100", "TOP_1000", "TOP_100_COUNT"]
BATCH = 20          # queries
SLOW_BATCH = 3.0    # seconds that the rounds of a batch may take; then there are fewer of them
COLD_STARTS = 7
# Differences in counts that are known and not Quire's: (engine, class) -> why.
EXPLAINED = {}


def spread(items, most):
    """At most so many of the items, evenly."""
    return items if len(items) <= most else [items[i * len(items) // most] for i in range(most)]


def by_class(queries, most):
    """Lists of query texts by class."""
    classes = collections.defaultdict(list)
    for query in queries:
        classes[query["tags"][0]].append(query["query"])
    return {kind: spread(texts, most) for kind, texts in classes.items()}


def quantile(ordered, p):
    return ordered[min(len(ordered) - 1, int(p * len(ordered)))]


def figures(times):
    """Microseconds of each query's median, as the statistics of results.json."""
    ordered = sorted(times)
    number = lambda x: float(f"{x:.5g}")
    return {"queries": len(ordered), "mean": number(sum(ordered) / len(ordered)),
            "geomean": number(math.exp(sum(math.log(max(t, 0.001)) for t in ordered) / len(ordered))),
            "p50": number(quantile(ordered, 0.5)), "p90": number(quantile(ordered, 0.9)),
            "p99": number(quantile(ordered, 0.99)),
            "quantiles": [number(quantile(ordered, i / 20)) for i in range(20)] + [number(ordered[-1])]}


class Cell:
    """One class in one mode: the times of every engine."""

    def __init__(self):
        self.times = collections.defaultdict(dict)  # engine -> query -> microseconds
        self.repeats = {}                           # engine -> the fewest rounds

    def add(self, engine, queries, answers, repeat):
        for query, answer in zip(queries, answers):
            if not answer.error:
                self.times[engine][query] = answer.median
        self.repeats[engine] = min(repeat, self.repeats.get(engine, repeat))

    def won(self):
        """Of how many queries each engine is the fastest that answers them."""
        wins = collections.Counter()
        for query in set().union(*self.times.values()):
            timed = [(times[query], engine) for engine, times in self.times.items() if query in times]
            wins[min(timed)[1]] += 1
        return wins

    def rows(self):
        wins = self.won()
        for engine, times in self.times.items():
            if times:
                yield {"engine": engine, "repeat": self.repeats[engine], **figures(list(times.values())),
                       "won": wins[engine]}


class Unit:
    """One corpus in one variant with one list of queries, all engines open side by side."""

    def __init__(self, servers, classes, repeat, fewer):
        self.servers, self.classes, self.repeat = servers, classes, repeat
        self.fewer = fewer  # engine -> the most queries of a class that it is asked

    def share(self, engine, queries):
        return set(spread(queries, self.fewer.get(engine, len(queries))))

    def check(self):
        """Counts of each peer against Quire's, and how many of the best ten they have in common."""
        differences, seen, unsupported = collections.Counter(), collections.Counter(), collections.Counter()
        common = collections.Counter()
        examples = {}
        ours = next((server for server in self.servers if server.engine.name == "quire"), None)
        for kind, queries in self.classes.items() if ours else ():
            reference = dict(zip(queries, zip(ours.ask("COUNT", 1, queries), ours.ask("TOP_10", 1, queries))))
            for server in self.servers:
                name = server.engine.name
                asked = [query for query in queries if query in self.share(name, queries)]
                if server is ours or not asked:
                    continue
                for query, count, top in zip(asked, server.ask("COUNT", 1, asked), server.ask("TOP_10", 1, asked)):
                    key = (name, kind)
                    if count.error:
                        unsupported[key] += 1
                        continue
                    seen[key] += 1
                    best = reference[query][1].top
                    common[key] += len(set(best) & set(top.top)) / max(1, len(best)) if best else 1
                    if count.count != reference[query][0].count:
                        differences[key] += 1
                        examples.setdefault(key, f"{query}: quire {reference[query][0].count}, {name} {count.count}")
        for key in sorted(set(seen) | set(unsupported)):
            row = {"against": key[0], "class": key[1], "what": "counts", "queries": seen[key],
                   "differences": differences[key], "explained": EXPLAINED.get(key, "")}
            if seen[key]:
                row["top_10_in_common"] = round(common[key] / seen[key], 4)
            if unsupported[key]:
                row["unsupported"] = unsupported[key]
            if key in examples:
                row["example"] = examples[key]
            yield row

    def batch(self, cells, kind, mode, queries, asked):
        """One batch, each engine in its turn: once to warm up, then the rounds that count."""
        for server in self.servers:
            name = server.engine.name
            mine = [query for query in queries if query in asked[name]]
            if not mine:
                continue
            first = server.ask(mode, 1, mine)
            took = sum(answer.median for answer in first) / 1e6
            repeat = max(1, min(self.repeat, int(SLOW_BATCH / took) if took > 0 else self.repeat))
            cells[kind, mode].add(name, mine, server.ask(mode, repeat, mine), repeat)

    def measure(self, modes=None):
        """Rows of figures: class, mode, engine."""
        cells = collections.defaultdict(Cell)
        for kind, queries in self.classes.items():
            asked = {server.engine.name: self.share(server.engine.name, queries) for server in self.servers}
            for mode in modes or MODES:
                for start in range(0, len(queries), BATCH):
                    self.batch(cells, kind, mode, queries[start:start + BATCH], asked)
        for (kind, mode), cell in cells.items():
            for row in cell.rows():
                yield {"class": kind, "mode": mode, **row}


def evict(folder):
    """Ask the kernel to drop the pages of a folder's files."""
    for at, _, names in os.walk(folder):
        for name in names:
            file = os.open(os.path.join(at, name), os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def cold(engine, path, settings, query):
    """A fresh process on an index whose pages were dropped: medians over COLD_STARTS."""
    opened, first, process, resident = [], [], [], []
    os.sync()  # pages that are not written yet cannot be dropped
    for _ in range(COLD_STARTS):
        evict(path)
        started = time.monotonic()
        server = Server(engine, path, settings)
        answer = server.ask("TOP_10", 1, [query])[0]
        process.append((time.monotonic() - started) * 1e3)
        opened.append(server.about["open_ns"] / 1e3)
        first.append(answer.median)
        resident.append(server.about.get("resident_kb", 0))
        server.close()
    row = {"engine": engine.name, "query": query, "open_us": median(opened), "first_query_us": median(first),
           "process_ms": round(median(process), 3), "starts": COLD_STARTS,
           "pages": "dropped by posix_fadvise before each start"}
    return dict(row, resident_kb=median(resident)) if any(resident) else row


def start_ms():
    """What starting a process that does nothing takes here."""
    times = []
    for _ in range(COLD_STARTS):
        started = time.monotonic()
        subprocess.run(["true"], check=True)
        times.append((time.monotonic() - started) * 1e3)
    return round(median(times), 3)
