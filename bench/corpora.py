#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the corpora of the benchmark from real texts: the same bytes on every machine.

    corpora.py FOLDER NAME...     writes FOLDER/NAME.jsonl

NAME is a collection ("wiki-en"), with ".english" for its texts as they are; "passages", "shuffled"; with "-10k"
or "-1m" its first 10,000 or million documents. Texts come from $QUIRE_CORPORA/COLLECTION/docs.jsonl (default
~/.cache/quire-corpora); "sample" is made of the sample articles of the repository.

The token form, one JSON object a line, {"id", "text"}: title, a space, text; ASCII letters in lower case; every run of
other characters one space. Documents without a word are left out; where the texts are as they are, of English ones alone.
"passages": the documents of all collections, shuffled; each cut into pieces of 60 words, a rest of fewer than 20 words
going to the piece before. So a prefix is a fair sample, and pieces of a document stay together.
"shuffled": the documents of all collections, whole, shuffled.
"distinct": DISTINCT made-up words, each once, in documents of EACH: the worst that a text can do to memory.
"large": "shuffled" again, its documents joined into some of LARGE bytes, the last of fewer.
A shuffle orders by BLAKE2b of SEED, the collection's name and the document's number.
"""
import hashlib
import itertools
import json
import os
import re
import sys

COLLECTIONS = ["wiki-en", "wh-briefings", "us-code", "reuters-21578"]
ALL_ENGLISH = COLLECTIONS + ["digitalgov-md", "scifact", "cacm", "cranfield"]
SEED = b"quire-bench-1"
PIECE, REST = 60, 20
DISTINCT, EACH = 3000000, 100000
LARGE = 100000000
OF_ALL = ["passages", "shuffled", "large"]
PREFIX = re.compile("-([0-9]+[km])$")
OTHERS = re.compile("[^a-z]+")
# ASCII letters only: the lower case of others (a Kelvin sign) may be an ASCII letter.
LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli", "sample")


def home():
    """The folder of real texts, or None if there is none."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.environ.get("QUIRE_CORPORA") or os.path.join(cache, "quire-corpora")
    return folder if os.path.isdir(folder) else None


def source(name):
    return os.path.join(home() or "", name, "docs.jsonl")


def base_of(name):
    """The corpus that this one is the beginning of, or itself."""
    return PREFIX.sub("", name)


def prefix_of(name):
    found_one = PREFIX.search(name)
    return found_one.group(1) if found_one else None


def available(name):
    """Whether the corpus can be made here. Those of all collections need all of COLLECTIONS."""
    base = base_of(name).split(".english")[0]
    if base in ("sample", "distinct"):
        return True
    needs = COLLECTIONS if base in OF_ALL else [base]
    return home() is not None and all(os.path.exists(source(need)) for need in needs)


def what(name):
    """One line that says what a corpus is."""
    base, prefix = base_of(name), prefix_of(name)
    if base == "sample":
        text = "the sample articles of the repository, by paragraphs"
    elif base == "distinct":
        text = f"{DISTINCT:,} made-up words, each once, in documents of {EACH:,}"
    elif base == "large":
        text = f"all documents of {', '.join(found())}, shuffled with seed {SEED.decode()}, joined up to {LARGE:,} bytes each"
    elif base == "passages":
        text = f"all documents of {', '.join(found())}, shuffled with seed {SEED.decode()}, cut into {PIECE} words each"
    elif base == "shuffled":
        text = f"all documents of {', '.join(found())}, whole, shuffled with seed {SEED.decode()}"
    else:
        text = f"the collection {base.split('.english')[0]}, in its order"
    return text + (f"; its first {number(prefix):,} documents" if prefix else "")


def tokens(text):
    return OTHERS.sub(" ", text.translate(LOWER)).strip()


def paragraphs():
    """The sample articles: a document for each paragraph."""
    for name in sorted(os.listdir(SAMPLE)):
        if name.endswith(".md"):
            with open(os.path.join(SAMPLE, name), encoding="utf-8") as file:
                for n, text in enumerate(file.read().split("\n\n")):
                    yield {"id": f"{name}#{n}", "title": name[:-3], "text": text}


def records(name):
    if name == "sample":
        yield from paragraphs()
        return
    with open(source(name), encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def token_form(name):
    """Pairs of id and text of a collection's documents."""
    for record in records(name):
        text = tokens((record.get("title") or "") + " " + (record.get("text") or ""))
        if text:
            yield str(record["id"]), text


def found():
    return [name for name in ALL_ENGLISH if os.path.exists(source(name))]


def shuffled_documents():
    """All documents of all collections in the order of their hashes, numbered: (name, text)."""
    everything = []
    for name in found():
        for n, (_, text) in enumerate(token_form(name)):
            key = hashlib.blake2b(SEED + f" {name} {n}".encode(), digest_size=12).digest()
            everything.append((key, f"{name}/{n}", text))
    everything.sort()
    return ((name, text) for _, name, text in everything)


def pieces(name, text):
    words = text.split(" ")
    ends = list(range(PIECE, len(words) - REST + 1, PIECE)) or [len(words)]
    ends[-1] = len(words) if len(words) - ends[-1] < REST else ends[-1]
    if ends[-1] != len(words):
        ends.append(len(words))
    for n, (start, end) in enumerate(zip([0] + ends, ends)):
        yield f"{name}.{n}", " ".join(words[start:end])


def distinct_words(start, end):
    """Made-up words of nine letters: those of different numbers below 26**9 are different."""
    for n in range(start, end):
        n = n * 2654435761 % 26**9  # odd and no multiple of 13, so that no two become the same
        yield "".join(chr(97 + n // 26**digit % 26) for digit in range(9))


def joined(pairs):
    """Texts joined into some of LARGE bytes, the last of fewer: pairs of id and text."""
    texts, size = [], 0
    for n, (_, text) in enumerate(pairs):
        texts.append(text)
        size += len(text) + 1
        if size >= LARGE:
            yield f"large/{n}", " ".join(texts)[:LARGE]
            texts, size = [], 0
    if texts:
        yield "large/rest", " ".join(texts)


def documents(base):
    """The documents of a corpus as dictionaries."""
    if base == "distinct":
        for start in range(0, DISTINCT, EACH):
            yield {"id": f"distinct/{start}", "text": " ".join(distinct_words(start, start + EACH))}
        return
    if base.endswith(".english"):
        name = base[:-len(".english")]
        foreign = name not in ALL_ENGLISH + ["sample"]
        for record in records(name):
            if foreign or tokens((record.get("title") or "") + " " + (record.get("text") or "")):
                yield {"id": str(record["id"]), "title": record.get("title") or "", "text": record.get("text") or ""}
        return
    pairs = token_form(base) if base not in OF_ALL else shuffled_documents()
    if base == "passages":
        pairs = itertools.chain.from_iterable(pieces(name, text) for name, text in pairs)
    elif base == "large":
        pairs = joined(pairs)
    for name, text in pairs:
        yield {"id": name, "text": text}


def number(text):
    return int(text.replace("k", "000").replace("m", "000000"))


def make(folder, name):
    """FOLDER/NAME.jsonl, made if it is not there; its path."""
    path = os.path.join(folder, name + ".jsonl")
    if os.path.exists(path):
        return path
    base, prefix = base_of(name), prefix_of(name)
    partial = f"{path}.{os.getpid()}"
    os.makedirs(folder, exist_ok=True)
    with open(partial, "w", encoding="utf-8") as out:
        if prefix:
            with open(make(folder, base), encoding="utf-8") as lines:
                out.writelines(itertools.islice(lines, number(prefix)))
        else:
            for document in documents(base):
                out.write(json.dumps(document, ensure_ascii=False) + "\n")
    os.replace(partial, path)
    return path


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for name in sys.argv[2:]:
        if not available(name):
            sys.exit(f"corpora.py: the texts of {name} are not in {home() or '$QUIRE_CORPORA'}")
        print(make(sys.argv[1], name))


if __name__ == "__main__":
    main()
