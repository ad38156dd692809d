# SPDX-License-Identifier: MIT
"""Made-up results of the form that bench/run writes, seeded: what bench/report and bench/compare are tested on."""
import random

CLASSES = {"term": 1, "intersection": 300, "union": 301, "phrase": 300, "intersection_union": 40, "negated": 19,
           "two-phase-critic": 1}
MODES = ("COUNT", "TOP_10", "TOP_100", "TOP_1000", "TOP_100_COUNT")
FEWER = {"fts5": 20}  # the most queries of a class that an engine is asked
SPEED = {"quire": 1.0, "tantivy": 3.2, "lucene": 4.1, "fts5": 14.0, "xapian": 7.0}
COST = {"term": 60, "intersection": 40, "union": 120, "phrase": 30, "intersection_union": 110, "negated": 35,
        "two-phase-critic": 260}
DEPTH = dict(zip(MODES, (0.4, 1, 1.2, 1.9, 1.3)))
CORPORA = {"wiki-en": 36183, "us-code": 141895, "passages": 1200000}


def quantile(values, share):
    values = sorted(values)
    at = share * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def geomean(values):
    product = 1.0
    for value in values:
        product *= value ** (1 / len(values))
    return product


def cell(rng, keys, times, rounds, noise):
    """The row of one class, mode and engine, whose true times are `times`."""
    mean = sum(times) / len(times)
    of_round = [rng.lognormvariate(0, noise) for _ in range(rounds)]
    drawn = {"mean": mean, "p50": quantile(times, 0.5), "p99": quantile(times, 0.99)}
    turns = {name: [value * r * rng.lognormvariate(0, noise / 3) for r in of_round] for name, value in drawn.items()}
    scale = {name: quantile(values, 0.5) / drawn[name] for name, values in turns.items()}
    return {**keys, "queries": len(times), "mean": mean * scale["mean"], "geomean": geomean(times) * scale["mean"],
            "p50": drawn["p50"] * scale["p50"], "p90": quantile(times, 0.9) * scale["p50"],
            "p99": drawn["p99"] * scale["p99"], "won": 0, "rounds": turns,
            "quantiles": [quantile(times, i / 20) for i in range(21)]}


def queries(rng, corpus, variant, listed, engines, rounds, noise, slower):
    size = (CORPORA[corpus] / 36183) ** 0.6
    rows = []
    for name, count in CLASSES.items():
        weights = [rng.lognormvariate(0, 0.9) for _ in range(count)]
        for mode in MODES:
            times = {}
            for engine in engines:
                # Some cells are close, and in some Quire loses: the page has to show those as well.
                favour = 1 / 1.7 if name == "negated" else 0.22 if (name, mode) == ("term", "COUNT") else 1.0
                own = SPEED[engine] * (1 if engine == "quire" else favour)
                if (engine, name) == ("fts5", "union"):
                    own = 0.5  # looks faster than all, but on fewer queries
                own *= slower.get((engine, name, mode), 1)
                times[engine] = [COST[name] * DEPTH[mode] * size * own * w * rng.lognormvariate(0, 0.2)
                                 for w in weights]
            made = []
            for engine in engines:
                keys = {"corpus": corpus, "variant": variant, "list": listed, "engine": engine, "class": name,
                        "mode": mode}
                made.append(cell(rng, keys, times[engine][:FEWER.get(engine, count)], rounds, noise))
            for i in range(count):
                least = min(range(len(engines)), key=lambda e: times[engines[e]][i])
                made[least]["won"] += 1
            rows.extend(made)
    return rows


def indexing(rng, corpus, engines):
    text = CORPORA[corpus] * 1573
    rows = []
    for engine in engines:
        seconds = text / 1e6 / 18 * SPEED[engine] ** 0.4 * rng.lognormvariate(0, 0.1)
        size = int(text * 0.3 * SPEED[engine] ** 0.3)
        row = {"corpus": corpus, "variant": "one", "engine": engine, "documents": CORPORA[corpus], "text_bytes": text,
               "cpu_seconds": seconds, "wall_seconds": seconds * 1.05, "peak_kb": int(2e5 * SPEED[engine] ** 0.5),
               "bytes": size}
        if engine == "quire":
            shares = {"positions": 0.58, "terms": 0.17, "docs": 0.1, "freqs": 0.05, "ranges": 0.05, "other": 0.05}
            row["parts"] = {name: int(size * share) for name, share in shares.items()}
            row["bytes_written"] = size * 2
        rows.append(row)
    return rows


def slopes(rng, engines):
    rows = []
    for documents, name in ((10000, "passages-10k"), (100000, "passages-100k"), (1200000, "passages-1m")):
        for engine in engines:
            base = {"corpus": name, "documents": documents, "text_bytes": documents * 400, "engine": engine}
            for kind in CLASSES:
                for mode in MODES:
                    mean = COST[kind] * DEPTH[mode] * SPEED[engine] * (documents / 36183) ** 0.6
                    mean *= rng.lognormvariate(0, 0.05)
                    rows.append({**base, "class": kind, "mode": mode, "mean": mean, "p50": mean * 0.7, "p99": mean * 8})
            rows.append({**base, "cpu_seconds": documents / 4e4 * SPEED[engine] ** 0.4,
                         "bytes": documents * 150 * SPEED[engine] ** 0.3})
    return rows


def building(rng, corpus):
    text = CORPORA[corpus] * 1573
    rows = []

    def add(table, **more):
        seconds = text / 4e7 * rng.lognormvariate(0, 0.1)
        rows.append({"table": table, "corpus": corpus, "engine": "quire", "documents": CORPORA[corpus], "text_bytes": text,
                     "cpu_seconds": seconds, "wall_seconds": seconds * 1.1, "peak_kb": int(rng.uniform(5e4, 2e5)),
                     "bytes_written": text // 3, **more})

    for stored in ("text", "ids"):
        for threads in (2, 1):
            add("throughput", stored=stored, threads=threads, runs=3, segments=1, one_segment={"cpu_seconds": 0.25, "wall_seconds": 0.3})
    for limit in (64, 256):
        add("memory", limit_mb=limit, allowed_kb=limit * 1200, merge_peak_kb=70000, segments=2, within=limit > 64)
    for order, share in (("added", 0.4), ("topics", 0.3), ("bisection", 0.25)):
        if order != "added":
            add("order", order=order)
        add("size", order=order, segments=1, bytes=int(text * share), parts={"terms": int(text * share)},
            ids_bytes=int(text * share * 0.9), peers={"tantivy": int(text * 0.4), "lucene": int(text * 0.35)},
            ratio=round(share * 0.9 / 0.35, 4))
        for name in list(CLASSES)[:2]:
            rows.append({"table": "queries", "corpus": corpus, "order": order, "class": name, "mode": "COUNT",
                         "mean": rng.uniform(5, 50), "p99": 100.0, "queries": 100})
    add("scale", threads=2, segments=1, bytes=text // 3, parts={})
    return rows


def cold(rng, engines):
    return [{"corpus": corpus, "engine": engine, "open_us": 90 * SPEED[engine] ** 2 * rng.lognormvariate(0, 0.2),
             "first_query_us": 210 * SPEED[engine] ** 2, "process_ms": 1.9 * SPEED[engine]}
            for corpus in CORPORA for engine in engines]


def results(seed, commit="0123456789abcdef", date="2026-01-02T03:04:05Z", rounds=10, noise=0.03, slower=None,
            drift=1.0):
    """slower: {(engine, class, mode): factor}. drift: a factor on every time of the run, of all engines."""
    truth = random.Random(4711)  # the same texts and queries each time
    rng = random.Random(seed)
    engines = list(SPEED)
    rows = []
    for corpus in CORPORA:
        for variant, listed, there in (("one", "game", engines), ("one", "sampled", engines),
                                       ("deleted", "game", engines[:3])):
            if corpus == "wiki-en" or (variant, listed) == ("one", "game"):
                drawn = truth.random()
                rows += queries(Blend(drawn, rng), corpus, variant, listed, there, rounds, noise, slower or {})
    for row in rows:
        for name in ("mean", "geomean", "p50", "p90", "p99"):
            row[name] *= drift
        row["quantiles"] = [q * drift for q in row["quantiles"]]
        row["rounds"] = {name: [value * drift for value in values] for name, values in row["rounds"].items()}
    checks = [{"corpus": corpus, "variant": "one", "list": "game", "queries": 962, "against": against, "what": what,
               "differences": 3 if against == "fts5" else 0,
               "explained": "FTS5 has no required and optional words in one query" if against == "fts5" else ""}
              for corpus in CORPORA for against, what in (("brute force", "score bits"), ("tantivy", "counts"),
                                                          ("fts5", "counts"))]
    return {
        "format": 1, "commit": commit, "date": date,
        "machine": {"processor": "Example CPU 9000", "cores": 2, "memory_mb": 8192, "system": "Linux 6.1",
                    "load": [0.12, 0.2, 0.3], "governor": "performance"},
        "settings": {"repeat": rounds, "pinned": True, "form": "short"},
        "engines": {engine: {"version": "1." + str(i), "compiler": "gcc 12", "flags": "-O3"}
                    for i, engine in enumerate(engines)},
        "skipped": {"shuffled": "no room on disk"},
        "corpora": {name: {"documents": documents, "text_bytes": documents * 1573, "tokens": documents * 250,
                           "what": f"made up for a test <b onclick=x>{name}</b></script>"}
                    for name, documents in CORPORA.items()},
        "checks": checks, "index": [row for corpus in CORPORA for row in indexing(rng, corpus, engines)],
        "query": rows, "cold": cold(rng, engines), "slope": slopes(rng, engines),
        "kernels": [{"kernel": "rice decode", "compiler": "gcc 12", "width": width, "scalar_ns": 80.5 + width,
                     "vector_ns": 21.25, "unit": "128 values"} for width in (1, 4, 9)],
        "building": [row for corpus in CORPORA for row in building(rng, corpus)],
    }


class Blend(random.Random):
    """Draws the weights of queries from the seed they were given, and noise from another."""

    def __new__(cls, seed, noise):
        return super().__new__(cls, seed)

    def __init__(self, seed, noise):
        super().__init__(seed)
        self.noise = noise

    def lognormvariate(self, mu, sigma):
        return self.noise.lognormvariate(mu, sigma) if sigma < 0.15 else super().lognormvariate(mu, sigma)
