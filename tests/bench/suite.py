# SPDX-License-Identifier: MIT
"""bench/run from end to end on the sample articles, with Quire and, where SQLite is there, FTS5; corpora and queries.

usage: suite.py BENCH_FOLDER QUIRE_BENCH
"""
import collections
import json
import os
import subprocess
import sys
import tempfile

PARTS = {"checks", "query", "cold", "index", "updates"}
UPDATES = {"fresh", "one percent", "one document", "small commits", "bounded commits", "steady updates", "unchanged folder"}
CELLS = 7 * 5 * 2  # classes, modes, variants


class Suite:
    def __init__(self, bench, program, work):
        self.bench, self.program, self.work, self.checked, self.faults = bench, program, work, 0, 0

    def check(self, holds, what, seen=""):
        self.checked += 1
        if not holds:
            self.faults += 1
            print(f"FAILED: {what}\n{seen}")

    def run(self, program, engines, *options):
        """Exit code, results and what was said."""
        out = os.path.join(self.work, "results.json")
        only = [part for engine in engines for part in ("--only", f"sample/*/*/{engine}")]
        done = subprocess.run([sys.executable, os.path.join(self.bench, "run"), "--form", "mini", "--quire", program,
                               "--work", os.path.join(self.work, "scratch"), "--out", out, *only, *options],
                              capture_output=True, text=True, check=False)
        with open(out, encoding="utf-8") as file:
            return done.returncode, json.load(file), done.stdout + done.stderr

    def whole(self):
        code, results, said = self.run(self.program, ["quire", "fts5"])
        self.check(code == 0 and results["complete"], "the suite passes on the sample articles", said)
        self.check(all(results[part] for part in PARTS), "every part gives rows", said)
        against = collections.Counter(row["against"] for row in results["checks"])
        self.check(against["brute force"] == 2, "both variants are checked against brute force", against)
        self.check(not any(row["differences"] for row in results["checks"]), "nothing differs", results["checks"])
        for name in results["engines"]:
            rows = [row for row in results["query"] if row["engine"] == name]
            self.check(rows and all(0 < row["p50"] <= row["p99"] <= row["quantiles"][20] for row in rows),
                       f"times of {name} are in order")
        ours = [row for row in results["query"] if row["engine"] == "quire"]
        hashes = [row["results_hash"] for row in ours]
        self.check(len(ours) == CELLS and all(hashes), "every cell has its hash", len(ours))
        changes = {row["run"]: row for row in results["updates"]}
        self.check(set(changes) | {"unchanged folder"} == UPDATES, "every run of changes is told", list(changes))
        self.check(all(row["bytes_written"] > row["bytes"] > 0 for row in changes.values() if "bytes" in row),
                   "no index is larger than what was written for it", changes)
        self.building(results)
        self.check("fts5" in results["engines"] or "fts5" in results["skipped"], "a peer is there or skipped by name")
        again = self.run(self.program, ["quire"], "--resume", "--parts", "query")[1]
        self.check([row["results_hash"] for row in again["query"]] == hashes, "another run finds the same")
        self.check(all(again[part] == results[part] for part in ("updates", "building", "cold")),
                   "a run that resumes keeps the parts that it leaves out")

    def building(self, results):
        """Every table of building has its rows, where the program is beside the harness."""
        rows = results["building"]
        if "building" in results["skipped"]:
            print("skipped: building:", results["skipped"]["building"])
            return
        tables = collections.Counter(row["table"] for row in rows)
        cores = min(2, len(os.sched_getaffinity(0)))
        self.check(tables == {"throughput": 2 * cores, "memory": 3, "size": 3, "order": 2, "queries": 4 * 2 * 3, "scale": 1},
                   "every table of building has its rows", tables)
        self.check(all(row["bytes_written"] > 0 and row["peak_kb"] > 0 for row in rows if row["table"] != "size"
                       and row["table"] != "queries"), "a run's cost is told", rows)
        self.check(all(sum(row["parts"].values()) == row["bytes"] for row in rows if row["table"] == "size"),
                   "the parts are the whole", rows)
        reordered = [row for row in results["checks"] if row["variant"] == "reordered"]
        self.check({row["against"] for row in reordered} == {"quire-topics", "quire-bisection"} and
                   not any(row["differences"] for row in reordered), "other orders find as many", reordered)

    def wrapped(self, name, before):
        """quire-bench after some lines of shell."""
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\n{before}\nexec "{self.program}" "$@"\n')
        os.chmod(path, 0o755)
        return path

    def wrong(self):
        tuned = self.wrapped("tuned", '[ "$1" != index ] || set -- "$@" --k1 1.3')
        code, results, said = self.run(tuned, ["quire"])
        self.check(code == 0 and results["query"], "k1 given to a search is heeded", said)
        liar = self.wrapped("liar", 'if [ "$1" = index ]; then sed "s/ the / tho /" "$2" >"$0.text"; dir=$3; shift 3; '
                                    'set -- index "$0.text" "$dir" "$@"; fi')
        code, results, said = self.run(liar, ["quire"])
        self.check(code == 1 and not results["complete"], "the suite fails where results differ from brute force", said)
        self.check(not results["query"], "no time is told of what failed its check", said)
        self.check(any(row["differences"] for row in results["checks"]), "the result says so")

    def dead(self):
        mortal = self.wrapped("mortal", '[ "$1" != query ] || { echo "{}"; exit 1; }')
        code, results, said = self.run(mortal, ["quire"], "--parts", "query")
        self.check(code == 1 and len(results["skipped"]) >= 2, "a harness that dies fails its unit, by name", said)
        against = [row["against"] for row in results["checks"]]
        self.check(against == ["brute force"] * 2, "and no other", said)

    def foreign(self, corpora):
        """Texts without a letter of ASCII are kept as they are."""
        folder = os.path.join(self.work, "texts", "zh")
        os.makedirs(folder)
        with open(os.path.join(folder, "docs.jsonl"), "w", encoding="utf-8") as out:
            out.write(json.dumps({"id": 7, "title": "標題", "text": "中文"}) + "\n")
        before, corpora.home = corpora.home, lambda: os.path.dirname(folder)
        self.check(list(corpora.documents("zh.english")) == [{"id": "7", "title": "標題", "text": "中文"}],
                   "a Chinese text is a document")
        corpora.home = before

    def corpora(self):
        sys.path.insert(0, self.bench)
        import corpora
        import queries
        self.check(corpora.tokens("Ärger: \u212aelvin's I-95\n") == "rger elvin s i", "the token form is ASCII letters")
        words = list(corpora.distinct_words(0, 20000))
        self.check(len(set(words)) == 20000 and all(corpora.tokens(word) == word for word in words), "distinct words are")
        for count in (1, 19, 59, 60, 79, 80, 120, 139, 140, 1000):
            words = [f"w{n}" for n in range(count)]
            parts = [text.split(" ") for _, text in corpora.pieces("x", " ".join(words))]
            self.check(sum(parts, []) == words, f"pieces of {count} words are the whole")
            self.check(all(20 <= len(part) < 80 for part in parts) or count < 20, f"pieces of {count} words are even")
        made = []
        for name in ("a", "b"):
            folder = os.path.join(self.work, name)
            path = corpora.make(folder, "sample")
            queries.make(path, path + ".queries", 40)
            made.append([open(file, "rb").read() for file in (path, path + ".queries")])
        self.check(made[0] == made[1], "corpora and queries are the same every time")
        self.foreign(corpora)
        sampled = [json.loads(line) for line in made[0][1].splitlines()]
        different = {(query["query"], query["tags"][0]) for query in sampled}
        self.check(len(different) == 40 * len(queries.CLASSES), "no query comes twice", len(different))


def main():
    with tempfile.TemporaryDirectory() as work:
        suite = Suite(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), work)
        suite.corpora()
        suite.whole()
        suite.wrong()
        suite.dead()
    print(f"{suite.checked} checks, {suite.faults} faults")
    sys.exit(1 if suite.faults else 0)


main()
