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
TURNS = 5           # in which an engine runs its rounds of a batch; their spread is the noise that bench/compare takes
ONE_TURN = ["lucene"]  # warms up anew for each turn
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


def middle(numbers):
    """The median: of an even count, between the two in the middle."""
    ordered = sorted(numbers)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


class Cell:
    """One class in one mode: the times of every engine."""

    def __init__(self):
        self.turns = collections.defaultdict(lambda: collections.defaultdict(list))  # engine -> query -> microseconds
        self.repeats = {}                                                            # engine -> the fewest rounds

    def add(self, engine, queries, turns, repeat):
        """turns: the answers of each turn."""
        for answers in turns:
            for query, answer in zip(queries, answers):
                if not answer.error:
                    self.turns[engine][query].append(answer.median)
        self.repeats[engine] = min(repeat, self.repeats.get(engine, repeat))

    @property
    def times(self):
        """engine -> query -> the median of its turns."""
        return {engine: {query: middle(turns) for query, turns in queries.items()}
                for engine, queries in self.turns.items()}

    def rounds(self, engine):
        """The figures of each turn; none unless every query had as many turns."""
        turns = list(zip(*self.turns[engine].values()))  # as many as the query with the fewest had
        if len(turns) < TURNS:
            return {}
        told = [figures(times) for times in turns[:TURNS]]
        return {"rounds": {name: [turn[name] for turn in told] for name in ("mean", "p50", "p99")}}

    def won(self):
        """Of how many queries each engine is the fastest that answers them."""
        wins, everything = collections.Counter(), self.times
        for query in set().union(*everything.values()):
            timed = [(times[query], engine) for engine, times in everything.items() if query in times]
            wins[min(timed)[1]] += 1
        return wins

    def rows(self):
        wins = self.won()
        for engine, times in self.times.items():
            if times:
                yield {"engine": engine, "repeat": self.repeats[engine], **figures(list(times.values())),
                       "won": wins[engine], **self.rounds(engine)}


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

    def plan(self, name, took):
        """Turns of a batch and rounds of each, for an engine whose one round took so many seconds."""
        rounds = max(1, -(-self.repeat // TURNS)) | 1  # odd, so that a turn's median is one of its rounds
        most = rounds * TURNS
        if name not in ONE_TURN and took * most <= SLOW_BATCH:
            return TURNS, rounds
        return 1, max(1, min(most, int(SLOW_BATCH / took) if took > 0 else most))

    def batch(self, cells, kind, mode, queries, asked):
        """One batch, the engines in turn, several times over: each turn is a round to warm up, then those that count."""
        share = {server: [query for query in queries if query in asked[server.engine.name]] for server in self.servers}
        plans, told = {}, collections.defaultdict(list)
        for turn in range(TURNS):
            for server, mine in share.items():
                if not mine or (turn and turn >= plans[server][0]):
                    continue
                took = sum(answer.median for answer in server.ask(mode, 1, mine)) / 1e6
                plans.setdefault(server, self.plan(server.engine.name, took))
                told[server].append(server.ask(mode, plans[server][1], mine))
        for server, turns in told.items():
            cells[kind, mode].add(server.engine.name, share[server], turns, plans[server][0] * plans[server][1])

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
