# SPDX-License-Identifier: MIT
"""Building an index as a user does: the program `quire` with everything on by default, a run of it for each figure.

A row has the table that it belongs to: "throughput", "memory", "size", "order", "queries" or "scale".
"""
import dataclasses
import json
import os
import shutil
import subprocess
import sys

import engines
import measure

COST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cost.py")
LANGUAGES = {"russian-news-factrueval": "russian"}  # the others: the default
LIMITS = [64, 256, 1024]                            # MB for --max-memory
LIMITS_OF = {"large": [1024]}                       # a document may have an eighth
RUNS, LARGE = 3, 100e6                              # of each throughput; once where there is so much text
ORDERS = {"topics": ["--optimize"], "bisection": ["--optimize", "--thorough"]}
CLASSES, MODES = ["term", "intersection", "union", "phrase"], ["COUNT", "TOP_10"]
SIZED_BY = ["tantivy", "lucene"]


def program(harness):
    """The `quire` that was built with a harness, or None."""
    path = os.path.join(os.path.dirname(os.path.dirname(harness)), "cli", "quire")
    return path if os.path.exists(path) else None


def allowed_kb(limit):
    """The most resident kilobytes at --max-memory of so many MB: 15 % and 20 MB more."""
    return int(limit * 1024 * 1.15 + 20e6 / 1024)


def english(rows, corpus):
    """Of the rows of indexes, those with English analysers of a corpus, by engine."""
    return {row["engine"]: row for row in rows if row["corpus"] == corpus and row["variant"] == "english"}


class Building:
    """Builds one corpus, in folders of its own. `cores`: to which the runs are pinned, the first for one thread."""

    def __init__(self, harness, cores, folder, corpus, about):
        self.harness, self.quire, self.cores, self.folder = harness, program(harness), cores, folder
        self.corpus, self.about = corpus, about
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)

    def run(self, threads, *command):
        """What `quire COMMAND...` cost."""
        cores = ",".join(map(str, self.cores[:threads]))
        said, _ = engines.run_json([sys.executable, "-IS", COST, cores, self.quire, *command])
        if said.get("exit") != 0:
            raise RuntimeError(f"quire {' '.join(command)} ended with {said.get('exit')}")
        del said["exit"]
        return said

    def row(self, table, **more):
        return {"table": table, "corpus": self.corpus, "engine": "quire", "documents": self.about["documents"],
                "text_bytes": self.about["text_bytes"], **more}

    def index(self, name, path, threads, *options):
        """Index a file anew, in the folder of that name."""
        at = os.path.join(self.folder, name)
        shutil.rmtree(at, ignore_errors=True)
        if self.corpus in LANGUAGES:
            options += ("--language", LANGUAGES[self.corpus])
        return self.run(threads, "index", "-q", "-i", at, "--threads", str(threads), *options, path)

    def merge(self, name, *options):
        return self.run(len(self.cores), "merge", "-q", "-i", os.path.join(self.folder, name), *options)

    def stats(self, name):
        done = subprocess.run([self.quire, "stats", "--json", "-i", os.path.join(self.folder, name)],
                              stdout=subprocess.PIPE, text=True, check=True)
        said = json.loads(done.stdout)
        return {key: said[key] for key in ("segments", "bytes", "parts")}

    def throughput(self, path):
        """Ids only and with stored text; with each number of threads. The index "added" is left behind, one segment."""
        for stored, options in (("text", []), ("ids", ["--no-store"])):
            for threads in range(len(self.cores), 0, -1):
                runs = []
                for _ in range(RUNS if self.about["text_bytes"] < LARGE else 1):
                    said, segments = self.index("added", path, threads, *options), self.stats("added")["segments"]
                    runs.append({**said, "segments": segments, "one_segment": self.merge("added")})
                runs.sort(key=lambda run: run["cpu_seconds"])
                yield self.row("throughput", stored=stored, threads=threads, runs=len(runs), **runs[len(runs) // 2])

    def memory(self, path):
        for limit in LIMITS_OF.get(self.corpus, LIMITS):
            size = ("--max-memory", f"{limit}M")
            said, segments = self.index("limited", path, len(self.cores), *size), self.stats("limited")["segments"]
            merged = self.merge("limited", *size)["peak_kb"]
            allowed = allowed_kb(limit)
            yield self.row("memory", limit_mb=limit, allowed_kb=allowed, merge_peak_kb=merged, segments=segments,
                           within=max(said["peak_kb"], merged) <= allowed, **said)

    def orders(self, others):
        """Sizes as built and in each order, and what the order cost. `others`: as english() gives them."""
        yield self.size("added", others)
        for name, options in ORDERS.items():
            shutil.copytree(os.path.join(self.folder, "added"), os.path.join(self.folder, name))
            yield self.row("order", order=name, allowed_kb=allowed_kb(256), **self.merge(name, *options))
            yield self.size(name, others)

    def size(self, name, others):
        """Bytes of an index, of its parts, and of it with ids in place of all that is stored: what the peers have."""
        said = self.stats(name)
        if "quire" in others:
            said["ids_bytes"] = said["bytes"] - said["parts"]["stored"] + others["quire"]["parts"]["stored"]
            said["peers"] = {peer: others[peer]["bytes"] for peer in SIZED_BY if peer in others}
        if said.get("peers"):
            said["ratio"] = round(said["ids_bytes"] / min(said["peers"].values()), 4)
        return self.row("size", order=name, **said)

    def servers(self):
        """The index in each order as an engine: "quire", "quire-topics", "quire-bisection"."""
        ours = engines.Engine("quire", self.harness, "", {})
        for name in ["added", *ORDERS]:
            engine = ours if name == "added" else dataclasses.replace(ours, name=f"quire-{name}")
            yield engines.Server(engine, os.path.join(self.folder, name), [])

    def queries(self, unit):
        for kind, queries in unit.classes.items():
            for mode in MODES:
                for row in unit.cell(mode, queries).rows():
                    order = row.pop("engine").partition("-")[2] or "added"
                    yield {"table": "queries", "corpus": self.corpus, "order": order, "class": kind, "mode": mode, **row}

    def scale(self, path):
        said = self.index("scale", path, len(self.cores), "--no-store")
        about = self.stats("scale")
        return self.row("scale", threads=len(self.cores), **said, **about)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def speed(row):
    return row["text_bytes"] / 1e6 / row["cpu_seconds"] if row["cpu_seconds"] else 0


# The columns of each table, as they are printed.
COLUMNS = {
    "throughput": {"stored": lambda r: r["stored"], "threads": lambda r: r["threads"],
                   "CPU s": lambda r: r["cpu_seconds"], "wall s": lambda r: r["wall_seconds"],
                   "MB / CPU s": lambda r: f"{speed(r):.1f}", "segments": lambda r: r["segments"],
                   "merge, CPU s": lambda r: r["one_segment"]["cpu_seconds"]},
    "memory": {"limit MB": lambda r: r["limit_mb"], "allowed KB": lambda r: r["allowed_kb"],
               "peak KB": lambda r: r["peak_kb"], "merge, peak KB": lambda r: r["merge_peak_kb"],
               "within": lambda r: "yes" if r["within"] else "NO"},
    "size": {"order": lambda r: r["order"], "bytes": lambda r: r["bytes"], "with ids only": lambda r: r.get("ids_bytes", ""),
             "peers": lambda r: r.get("peers", ""), "ratio": lambda r: r.get("ratio", "")},
    "order": {"order": lambda r: r["order"], "CPU s": lambda r: r["cpu_seconds"], "wall s": lambda r: r["wall_seconds"],
              "MB / CPU s": lambda r: f"{speed(r):.1f}", "peak KB": lambda r: r["peak_kb"]},
    "queries": {"class": lambda r: r["class"], "mode": lambda r: r["mode"], "order": lambda r: r["order"],
                "mean µs": lambda r: r["mean"], "p99 µs": lambda r: r["p99"]},
    "scale": {"documents": lambda r: r["documents"], "CPU s": lambda r: r["cpu_seconds"],
              "MB / CPU s": lambda r: f"{speed(r):.1f}", "peak KB": lambda r: r["peak_kb"],
              "bytes": lambda r: r["bytes"], "written": lambda r: r["bytes_written"]},
}


def show(rows):
    for table, columns in COLUMNS.items():
        mine = [row for row in rows if row["table"] == table]
        if mine:
            print(f"\n{mine[0]['corpus']}: {table}\n\n| {' | '.join(columns)} |\n|" + " --- |" * len(columns))
            for row in mine:
                print("| " + " | ".join(str(value(row)) for value in columns.values()) + " |")
    sys.stdout.flush()
