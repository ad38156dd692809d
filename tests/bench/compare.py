# SPDX-License-Identifier: MIT
"""bench/compare tells noise from change, on made-up results.

usage: compare.py BENCH_FOLDER
"""
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile

import fixture

SEED = int(os.environ.get("QUIRE_SEED", "1"))


class Suite:
    def __init__(self, program, work):
        self.program, self.work, self.checked, self.faults = program, work, 0, 0

    def check(self, holds, what, seen=""):
        self.checked += 1
        if not holds:
            self.faults += 1
            print(f"FAILED: {what}\n{seen}")

    def write(self, name, result):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(result, file)
        return path

    def run(self, a, b, *options):
        done = subprocess.run([sys.executable, self.program, self.write("a.json", a), self.write("b.json", b), *options],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def verdicts(output):
    match = re.search(r"(\d+) cells, (\d+) figures: (\d+) slower, (\d+) faster", output)
    return tuple(int(n) for n in match.groups()) if match else None


def without(result, *names):
    return {**result, "query": [{k: v for k, v in row.items() if k not in names} for row in result["query"]]}


def noise_only(suite):
    for i, (rounds, noise) in enumerate(((10, 0.03), (5, 0.05), (10, 0.12))):
        made = [fixture.results(SEED * 1000 + 10 * i + j, rounds=rounds, noise=noise) for j in range(3)]
        for pair in itertools.permutations(made, 2):
            code, output = suite.run(*pair)
            suite.check(code == 0 and verdicts(output)[2:] == (0, 0),
                        f"noise alone ({rounds} turns of {noise}) is no verdict", output)


def real_changes(suite):
    cell = ("quire", "phrase", "TOP_10")
    base = fixture.results(SEED, noise=0.02)
    for factor, word, code_wanted in ((1.4, "slower", 1), (1 / 1.4, "faster", 0)):
        code, output = suite.run(base, fixture.results(SEED + 50, noise=0.02, slower={cell: factor}))
        lines = [line for line in output.splitlines() if re.match(r"  \S+ +(COUNT|TOP)", line)]
        suite.check(code == code_wanted, f"a cell that is {word} by 40 % gives exit code {code_wanted}", output)
        suite.check(len(lines) == 5 and all("phrase" in line and "TOP_10 " in line and word in line for line in lines),
                    f"the cell that is {word} is named in each set, and no other", output)
        ratio = [float(x) for line in lines for x in re.findall(r"mean +([0-9.]+)", line)]
        suite.check(ratio and all(abs(r / factor - 1) < 0.08 for r in ratio), "its ratio is the one put in", output)
    worse = {("quire", name, mode): 1.03 for name in fixture.CLASSES for mode in fixture.MODES}
    code, output = suite.run(base, fixture.results(SEED + 51, noise=0.05, slower=worse))
    suite.check(code == 0, "3 % within turns that differ by 5 % is noise", output)


def machine(suite):
    base = fixture.results(SEED, noise=0.02)
    code, output = suite.run(base, fixture.results(SEED + 60, noise=0.02, drift=1.5))
    suite.check(code == 0 and verdicts(output)[2] == 0, "where all engines are slower, the machine is", output)
    suite.check("B/A 1.5" in output, "how much the machine changed is told", output)
    other = fixture.results(SEED + 60, noise=0.02, drift=1.5)
    for engine in other["engines"].values():
        engine["version"] += ".1"
    code, output = suite.run(base, other)
    suite.check(code == 1 and "not known" in output, "engines of other versions vouch for nothing", output)
    everything = {("quire", name, mode): 1.5 for name in fixture.CLASSES for mode in fixture.MODES}
    code, output = suite.run(base, fixture.results(SEED + 61, noise=0.02, slower=everything))
    cells, figures, slower, _ = verdicts(output)
    suite.check(code == 1 and slower == figures == 3 * cells, "what is slower everywhere is told of every figure", output)


def what_is_missing(suite):
    base = fixture.results(SEED, noise=0.02)
    worse = fixture.results(SEED + 70, noise=0.02, slower={("quire", "union", "COUNT"): 2})
    code, output = suite.run(without(base, "rounds"), without(worse, "rounds"))
    suite.check(code == 0 and "noise is not known" in output, "without turns there is no verdict, and that is said", output)
    code, output = suite.run(without(base, "rounds"), without(worse, "rounds"), "--noise", "20")
    suite.check(code == 1 and "union" in output, "a noise that is given is used", output)
    few = {**base, "query": [row for row in base["query"] if row["corpus"] == "us-code"]}
    code, output = suite.run(base, few)
    suite.check(code == 0 and "only in A: 140 cells" in output, "cells that one result lacks are told", output)
    code, output = suite.run(base, {**base, "query": []})
    suite.check(code == 2, "nothing in common is exit code 2", output)
    code, output = suite.run(base, {"format": 2})
    suite.check(code == 2 and "b.json" in output, "another format is refused by name", output)
    for row in worse["query"]:
        row["results_hash"] = "1"
    code, output = suite.run(base, worse)
    suite.check("results differ in 175 cells" in output, "other results are told", output)
    code, output = suite.run(base, base, "--all")
    suite.check(code == 0 and len(re.findall(r"mean +1\.000", output)) == 175, "--all shows every cell", output)


def main():
    print(f"seed {SEED}")
    with tempfile.TemporaryDirectory() as work:
        suite = Suite(os.path.join(sys.argv[1], "compare"), work)
        for part in (noise_only, real_changes, machine, what_is_missing):
            part(suite)
    print(f"{suite.checked} checks, {suite.faults} failed")
    return 1 if suite.faults else 0


if __name__ == "__main__":
    sys.exit(main())
