#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Published relevance is met: index, run and eval judged collections with the command line.

    relevance.py QUIRE [--table]

The analyser is set to that of the published figures (k1 0.9, b 0.4, Porter, English stop words, title and text as
one field); with --table the figures of the default analyser are printed beside them, as Markdown. Collections
that are not in $QUIRE_CORPORA are skipped, and said; 77 if none is there.
"""
import json
import os
import subprocess
import sys
import tempfile

BASELINE = ["--flat", "--language", "porter", "--stop-words", "--no-exact", "--no-store"]
ANSERINI = BASELINE + ["--k1", "0.9", "--b", "0.4"]
LUCENE = BASELINE + ["--k1", "1.2", "--b", "0.75"]


def unstemmed(language):
    return ["--flat", "--language", "none", "--no-exact", "--no-store"]


def stemmed(language):
    return ["--flat", "--language", language, "--no-exact", "--no-store"]


# collection, measures with (published, tolerance), options
CASES = [
    ("scifact", {"ndcg_cut_10": (0.6789, 0.002), "recall_100": (0.9253, 0.002)}, ANSERINI),
    ("cacm", {"map": (0.3123, 0.003)}, ANSERINI),
    ("cranfield", {"ndcg_cut_10": (0.366, 0.005)}, ANSERINI),
    ("cranfield", {"ndcg_cut_10": (0.385, 0.005)}, LUCENE),
    ("reuters-21578", {"ndcg_cut_10": (0.868, 0.005)}, ANSERINI),
]
XQUAD = {"en": ("english", 0.950, 0.957), "de": ("german", 0.899, 0.925), "es": ("spanish", 0.936, 0.950),
         "ru": ("russian", 0.849, 0.940), "ar": ("arabic", 0.867, 0.917)}
for code, (language, before, after) in XQUAD.items():
    CASES.append((f"xquad/{code}", {"recip_rank_cut_10": (before, 0.005)}, unstemmed(language)))
    CASES.append((f"xquad/{code}", {"recip_rank_cut_10": (after, 0.005)}, stemmed(language)))


def texts_only(source, target):
    """A copy of the documents without their titles, for a collection whose texts hold them already."""
    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as out:
        for line in lines:
            document = json.loads(line)
            document.pop("title", None)
            out.write(json.dumps(document) + "\n")


def measure(quire, folder, documents, options, work):
    """The measures of one collection under these options."""
    index, run = os.path.join(work, "index"), os.path.join(work, "run.txt")
    subprocess.run(["rm", "-rf", index], check=True)
    subprocess.run([quire, "index", "-q", "-i", index] + options + [documents], check=True)
    with open(run, "wb") as out:
        subprocess.run([quire, "run", "-q", "-i", index, os.path.join(folder, "queries.tsv")], stdout=out,
                       check=True)
    lines = subprocess.run([quire, "eval", run, os.path.join(folder, "qrels.tsv")], stdout=subprocess.PIPE,
                           check=True, text=True).stdout.splitlines()
    return {line.split()[0]: float(line.split()[2]) for line in lines if len(line.split()) == 3}


def run_case(quire, folder, name, wanted, options, table):
    """Compare one collection with what was published; the number of figures that miss."""
    missed = 0
    with tempfile.TemporaryDirectory() as work:
        documents = os.path.join(folder, "docs.jsonl")
        if name == "cacm":
            documents = os.path.join(work, "docs.jsonl")
            texts_only(os.path.join(folder, "docs.jsonl"), documents)
        got = measure(quire, folder, documents, options, work)
        default = measure(quire, folder, documents, [], work) if table else {}
    for key, (published, tolerance) in wanted.items():
        sound = abs(got[key] - published) <= tolerance
        missed += not sound
        if table:
            print(f"| {name} | {key} | {published:.4f} ± {tolerance} | {got[key]:.4f} | {default[key]:.4f} |")
        else:
            print(f"{'ok  ' if sound else 'MISS'} {name} {key}: {got[key]:.4f}, published {published} "
                  f"± {tolerance} ({' '.join(options)})")
    return missed


def main():
    quire, table = os.path.abspath(sys.argv[1]), "--table" in sys.argv
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    corpora = os.environ.get("QUIRE_CORPORA") or os.path.join(cache, "quire-corpora")
    if table:
        print("| collection | measure | published | measured | default analyser |\n| --- | --- | --- | --- | --- |")
    ran = missed = 0
    for name, wanted, options in CASES:
        folder = os.path.join(corpora, name)
        if not os.path.exists(os.path.join(folder, "qrels.tsv")):
            print(f"skipped: {name} is not in {corpora}")
            continue
        ran += 1
        missed += run_case(quire, folder, name, wanted, options, table)
    sys.exit(77 if ran == 0 else 1 if missed else 0)


main()
