# SPDX-License-Identifier: MIT
"""Measuring: checks first, then times, batch by batch in turn, and what is told of them."""
import collections
import math
import os
import subprocess
import time

from engines import Server

MODES = ["COUNT", "TOP_10", "TOP_100", "TOP_1000", "TOP_100_COUNT"]
BATCH = 20         # queries that an engine gets before it is the next one's turn
TURNS, ROUNDS = 5, 3
SLOW_CELL = 8.0    # seconds that the rounds of an engine may take; where they would take more, there are fewer
SHARE_OF_SLOW = 1.5
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


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def number(x):
    """Five digits."""
    return float(f"{x:.5g}")


def figures(times):
    """Microseconds of each query's median, as the statistics of results.json."""
    ordered = sorted(times)
    return {"queries": len(ordered), "mean": number(sum(ordered) / len(ordered)),
            "geomean": number(math.exp(sum(math.log(max(t, 0.001)) for t in ordered) / len(ordered))),
            "p50": number(quantile(ordered, 0.5)), "p90": number(quantile(ordered, 0.9)),
            "p99": number(quantile(ordered, 0.99)),
            "quantiles": [number(quantile(ordered, i / 20)) for i in range(20)] + [number(ordered[-1])]}


class Cell:
    """One class in one mode: every engine's times, turn by turn."""

    def __init__(self):
        self.turns = collections.defaultdict(list)  # engine -> a dictionary for each turn: query -> microseconds
        self.rounds = {}                            # engine -> in each turn

    def add(self, engine, turn, queries, answers):
        turns = self.turns[engine]
        if len(turns) <= turn:
            turns.append({})
        turns[turn].update((query, answer.median) for query, answer in zip(queries, answers) if not answer.error)

    def times(self):
        """engine -> query -> median of the turns."""
        return {engine: {query: median([turn[query] for turn in turns]) for query in turns[0]}
                for engine, turns in self.turns.items()}

    def won(self):
        """Of how many queries each engine is the fastest that answers them."""
        wins = collections.Counter()
        times = self.times()
        for query in set().union(*times.values()):
            wins[min((mine[query], engine) for engine, mine in times.items() if query in mine)[1]] += 1
        return wins

    def rows(self):
        wins = self.won()
        for engine, times in self.times().items():
            if times:
                each = [figures(turn.values()) for turn in self.turns[engine]]
                yield {"engine": engine, "repeat": self.rounds[engine] * len(each), **figures(times.values()),
                       "rounds": {name: [turn[name] for turn in each] for name in ("mean", "p50", "p99")},
                       "won": wins[engine]}


class Unit:
    """One corpus in one variant with one list of queries, all engines open side by side."""

    def __init__(self, servers, classes, fewer):
        self.servers, self.classes = servers, classes
        self.fewer = fewer  # engine -> the most queries of a class that it is asked

    def share(self, engine, queries):
        """The queries that an engine is asked."""
        return spread(queries, self.fewer.get(engine, len(queries)))

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
                asked = self.share(name, queries)
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

    def plan(self, mode, queries):
        """Warm up on a cell's queries, and see how many turns and rounds there is time for: (server, queries, turns,
        rounds) of each engine."""
        plans = []
        for server in self.servers:
            mine, slow = self.share(server.engine.name, queries), server.engine.name in self.fewer
            if not slow:
                server.ask(mode, 0, mine)
            started = time.monotonic()
            server.ask(mode, 1, mine)
            most = (SHARE_OF_SLOW if slow else SLOW_CELL) / (time.monotonic() - started)  # rounds
            rounds = ROUNDS if most >= TURNS * ROUNDS else 1
            plans.append((server, mine, max(1, min(TURNS, int(most / rounds))), rounds))
        return plans

    def cell(self, mode, queries):
        cell, plans = Cell(), self.plan(mode, queries)
        for server, _, _, rounds in plans:
            cell.rounds[server.engine.name] = rounds
        for turn in range(max(turns for _, _, turns, _ in plans)):
            for start in range(0, len(queries), BATCH):
                for server, mine, turns, rounds in plans:
                    batch = mine[start:start + BATCH]
                    if turn < turns and batch:
                        cell.add(server.engine.name, turn, batch, server.ask(mode, rounds, batch))
        return cell

    def measure(self):
        """Rows of figures: class, mode, engine. All classes go first, untimed, in each mode: what a virtual machine
        compiles for one class alone, it compiles again when the next comes."""
        mixed = [query for queries in self.classes.values() for query in queries]
        for mode in MODES:
            for server in self.servers:
                server.ask(mode, 0, self.share(server.engine.name, mixed))
        for kind, queries in self.classes.items():
            for mode in MODES:
                for row in self.cell(mode, queries).rows():
                    yield {"class": kind, "mode": mode, **row}


def evict(folder):
    """Ask the kernel to drop the pages of a folder's files."""
    for at, _, names in os.walk(folder):
        for name in names:
            file = os.open(os.path.join(at, name), os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def starts(engine, path, settings, query, drop):
    """Medians over COLD_STARTS fresh processes: open, first query, all (microseconds), kilobytes held."""
    opened, first, process, resident = [], [], [], []
    for _ in range(COLD_STARTS):
        if drop:
            evict(path)
        started = time.monotonic()
        server = Server(engine, path, settings)
        answer = server.ask("TOP_10", 1, [query])[0]
        process.append((time.monotonic() - started) * 1e6)
        opened.append(server.about["open_ns"] / 1e3)
        first.append(answer.median)
        resident.append(server.about.get("resident_kb", 0))
        server.close()
    return median(opened), median(first), median(process), median(resident)


def cold(engine, path, settings, query):
    """Fresh processes on an index whose pages were dropped, and on one whose pages the system still has."""
    os.sync()  # pages that are not written yet cannot be dropped
    opened, first, process, resident = starts(engine, path, settings, query, True)
    cached_open, cached_first, cached_process, _ = starts(engine, path, settings, query, False)
    row = {"engine": engine.name, "query": query, "open_us": number(opened), "first_query_us": number(first),
           "process_ms": number(process / 1e3), "cached_open_us": number(cached_open),
           "cached_first_query_us": number(cached_first), "cached_process_ms": number(cached_process / 1e3),
           "starts": COLD_STARTS, "pages": "dropped by posix_fadvise before each start; cached_: kept"}
    return dict(row, resident_kb=resident) if resident else row


def start_ms():
    """What starting a process that does nothing takes here."""
    times = []
    for _ in range(COLD_STARTS):
        started = time.monotonic()
        subprocess.run(["true"], check=True)
        times.append((time.monotonic() - started) * 1e3)
    return round(median(times), 3)
