#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The engine of the search benchmark game, used as the game uses it: `make index`, `make serve`, against the installed
package. Its answers are compared with those of a search that looks at every paragraph of the sample articles.

usage: test.py SOURCE BUILD WORK CC      exits 77 where pkg-config does not know jansson
"""
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys

SEED = int(os.environ.get("QUIRE_SEED", "1"))


def paragraphs(folder):
    """Lists of words, as the game's corpus has them: ASCII letters in lower case, blanks between."""
    for name in sorted(os.listdir(folder)):
        if name.endswith(".md"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                for text in file.read().split("\n\n"):
                    words = re.findall("[a-z]+", text.lower())
                    if words:
                        yield words


def has(words, part):
    """Whether the document has the word, or the phrase, which is a tuple."""
    if isinstance(part, str):
        return part in words
    return any(tuple(words[i:i + len(part)]) == part for i in range(len(words) - len(part) + 1))


def matches(words, query):
    """A query is (required, optional, excluded), of words and phrases."""
    required, optional, excluded = query
    if any(has(words, part) for part in excluded) or not all(has(words, part) for part in required):
        return False
    return bool(required) or any(has(words, part) for part in optional)


def written(query):
    signs = ("+", "", "-")
    return " ".join(sign + (part if isinstance(part, str) else '"' + " ".join(part) + '"')
                    for sign, parts in zip(signs, query) for part in parts)


def queries(documents):
    """Words and pairs of words that stand in the documents, in every class of the game."""
    rng = random.Random(SEED)
    for _ in range(60):
        words = rng.choice(documents)
        a, b = rng.choice(words), rng.choice(rng.choice(documents))
        at = rng.randrange(max(1, len(words) - 2))
        phrase = tuple(words[at:at + rng.choice((2, 3))])
        yield from (([], [a], []), ([a, b], [], []), ([], [a, b], []), ([a], [b], []), ([a], [], [b]),
                    ([phrase + (b,)], [], []))
        if len(phrase) > 1:
            yield from (([], [phrase], []), ([phrase, b], [], []))


def run(command, **how):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}")


def prepare(source, build, work, cc):
    """Installs the package into the work folder and the engine beside it; returns how make is called there."""
    shutil.rmtree(work, ignore_errors=True)
    prefix, engine = os.path.join(work, "prefix"), os.path.join(work, "engine")
    run(["cmake", "--install", build, "--prefix", prefix])
    shutil.copytree(os.path.join(source, "bench", "game"), engine)
    found = [path for path, _, files in os.walk(prefix) if "quire.pc" in files]
    known = os.environ.get("PKG_CONFIG_PATH")
    env = dict(os.environ, PKG_CONFIG_PATH=":".join(found + ([known] if known else [])), CC=cc,
               CORPUS=os.path.join(work, "corpus.json"), CFLAGS="-O1 -Wall -Wextra -pedantic -Werror")
    return {"cwd": engine, "env": env}


def expected(documents, command, query):
    if "COUNT" in command:
        return str(sum(matches(words, query) for words in documents))
    return "1"


def compare(documents, how):
    commands = ["COUNT", "TOP_10", "TOP_100", "TOP_1000", "TOP_10_COUNT", "TOP_100_COUNT", "TOP_10_FF"]
    asked = [(command, query) for query, command in itertools.product(queries(documents), commands)]
    faults = 0
    with subprocess.Popen(["make", "--no-print-directory", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, **how) as server:
        def ask(line):
            server.stdin.write(line + "\n")
            server.stdin.flush()
            return server.stdout.readline().rstrip("\n")

        for command, query in asked:
            got, wanted = ask(f"{command}\t{written(query)}"), expected(documents, command, query)
            if got != wanted:
                print(f"{command} {written(query)}: {got}, expected {wanted}")
                faults += 1
        for line in ("TOP_10_XX\ttea", "TOP_0\ttea", "FUZZY\ttea", "COUNT"):
            if ask(line) != "UNSUPPORTED":
                print(f"{line!r} is not answered with UNSUPPORTED")
                faults += 1
        server.stdin.close()
    if server.returncode != 0:
        print(f"the server ended with {server.returncode}")
        faults += 1
    print(f"{len(asked)} questions, {faults} faults (seed {SEED})")
    return faults


def main():
    source, build, work, cc = sys.argv[1:]
    if subprocess.run(["pkg-config", "--exists", "jansson"], check=False).returncode != 0:
        print("skipped: no jansson")
        sys.exit(77)
    how = prepare(source, build, os.path.abspath(work), cc)
    documents = list(paragraphs(os.path.join(source, "cli", "sample")))
    with open(how["env"]["CORPUS"], "w", encoding="utf-8") as corpus:
        for number, words in enumerate(documents):
            corpus.write(json.dumps({"id": str(number), "text": " ".join(words), "sort_field": number * 7919 % 2**32}))
            corpus.write("\n")
    run(["make", "compile"], **how)
    run(["make", "index"], **how)
    faults = compare(documents, how)
    run(["make", "clean"], **how)
    if os.path.exists(os.path.join(how["cwd"], "idx")):
        print("make clean leaves the index")
        faults += 1
    sys.exit(faults != 0)


main()
