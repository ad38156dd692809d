#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Where Quire stands: indexing, sizes and query times on the real texts that are found, as Markdown.

    baseline.py BENCH_FOLDER OUTPUT_FOLDER [CORPUS...]

BENCH_FOLDER holds the programs quire-bench and quire_ranges; indexes and results.json go to OUTPUT_FOLDER. Texts come
from $QUIRE_CORPORA (default ~/.cache/quire-corpora), queries from $QUIRE_BENCH_QUERIES, a file of the search
benchmark game's form; what is not there is named and left out.
"""
import json
import os
import platform
import shutil
import subprocess
import sys

CORPORA = ["reuters-21578", "wiki-en", "wh-briefings", "us-code"]
PARTS = ["terms", "docs", "freqs", "positions", "skip", "ranges", "bitmaps", "norms", "stored", "columns", "other",
         "file"]
CLASSES = ["term", "intersection", "union", "phrase", "negated", "intersection_union", "two-phase-critic"]
MODES = ["COUNT", "TOP_10", "TOP_100", "TOP_1000", "TOP_100_COUNT"]


def run(*command):
    """The JSON that a program prints."""
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measure(bench, work, documents, queries):
    """All figures of one corpus. The index without stored text is the one that is searched."""
    program, index = os.path.join(bench, "quire-bench"), os.path.join(work, "index")
    shutil.rmtree(index, ignore_errors=True)
    stored = run(program, "index", documents, index, "--store")
    shutil.rmtree(index)
    figures = {"index": run(program, "index", documents, index), "index_stored": stored}
    if queries:
        figures["query"] = run(program, "query", index, queries)["classes"]
        figures["ranges"] = run(os.path.join(bench, "quire_ranges"), index, "body", queries)["alive_percent"]
    return figures


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
    return {"processor": model, "cores": os.cpu_count(), "system": platform.release(), "load": os.getloadavg()}


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def report(results):
    names = list(results["corpora"])
    corpora = results["corpora"]
    table([""] + names, [
        [label] + [corpora[n][kind][key] for n in names]
        for label, kind, key in [("documents", "index", "documents"), ("MB of text", "index", "mb"),
                                 ("MB per CPU second", "index", "mb_per_cpu_second"),
                                 ("the same without reading JSON", "index", "mb_per_cpu_second_without_json"),
                                 ("the same with text stored", "index_stored", "mb_per_cpu_second_without_json"),
                                 ("peak MiB (of 256)", "index", "peak_mib")]])
    table(["KB per MB of text"] + names,
          [[part] + [corpora[n]["index"]["kb_per_mb"][part] for n in names] for part in PARTS] +
          [["file with text stored"] + [corpora[n]["index_stored"]["kb_per_mb"]["file"] for n in names]])
    for name in names:
        query = corpora[name].get("query")
        if query is None:
            continue
        print(f"`{name}`, µs, mean / p50 / p99:\n")
        table(["class (queries)"] + MODES,
              [[f"{c} ({query[c]['COUNT']['queries']})"] +
               ["{mean:.0f} / {p50:.0f} / {p99:.0f}".format(**query[c][m]) for m in MODES] for c in CLASSES])


def main():
    bench, out = sys.argv[1], sys.argv[2]
    os.makedirs(out, exist_ok=True)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    corpora = os.environ.get("QUIRE_CORPORA") or os.path.join(cache, "quire-corpora")
    queries = os.environ.get("QUIRE_BENCH_QUERIES")
    if not queries:
        print("left out: queries, for QUIRE_BENCH_QUERIES names no file", file=sys.stderr)
    results = {"machine": machine(), "corpora": {}}
    for name in sys.argv[3:] or CORPORA:
        documents = os.path.join(corpora, name, "docs.jsonl")
        if not os.path.exists(documents):
            print(f"left out: {name} is not in {corpora}", file=sys.stderr)
            continue
        results["corpora"][name] = measure(bench, out, documents, queries)
    with open(os.path.join(out, "results.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    report(results)


main()
