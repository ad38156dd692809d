#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Samples queries from a corpus's own text: the same for the same corpus, whatever engine is measured.

    queries.py CORPUS.jsonl QUERIES.jsonl [PER_CLASS]

The rule, with PER_CLASS (300) queries of each class of the search benchmark game:
- SAMPLE documents are drawn with a generator seeded with SEED; their words with their document frequencies there
  are the vocabulary, and their runs of words the phrases.
- A word is drawn from the different words of a document, of two letters or more, and the document by its length.
  Half of the words of a query come from any document, the other half from the one that gave its first word, so that
  some queries have words that go together and others do not.
- term: one word, drawn from the vocabulary's ranks instead, equally in the logarithm of the rank.
- intersection, union: 2 to 4 words, all different. phrase: 2 to 4 words that stand in a document in a row.
- negated: two words and one that is not wanted. intersection_union: one required word, 1 to 3 optional ones.
- two-phase-critic: a phrase of the text, and a word, both required.
No query is drawn twice. The form is that of the game's file: {"query", "tags": [class]}.
"""
import collections
import json
import math
import random
import sys

SEED, SAMPLE, PER_CLASS = "quire-queries-1", 5000, 300
CLASSES = ["term", "intersection", "union", "phrase", "negated", "intersection_union", "two-phase-critic"]


def sample(path, rng):
    """Up to SAMPLE documents as lists of words: reservoir sampling over the lines."""
    kept = []
    with open(path, encoding="utf-8") as lines:
        for n, line in enumerate(lines):
            at = n if n < SAMPLE else rng.randrange(n + 1)
            if at < SAMPLE:
                kept[at:at + 1] = [line]
    texts = (json.loads(line)["text"].split(" ") for line in kept)
    return [words for words in texts if len(vocabulary(words)) >= 8]


def vocabulary(words):
    return sorted(word for word in set(words) if len(word) > 1)


class Sampler:
    def __init__(self, documents, rng):
        self.documents, self.rng = documents, rng
        self.vocabularies = [vocabulary(words) for words in documents]
        frequencies = collections.Counter(word for words in self.vocabularies for word in words)
        self.ranked = [word for word, _ in sorted(frequencies.items(), key=lambda item: (-item[1], item[0]))]
        lengths = [len(words) for words in documents]
        self.ends = list(lengths)
        for i in range(1, len(lengths)):
            self.ends[i] += self.ends[i - 1]

    def document(self):
        """The number of a document, the longer the likelier."""
        return self.rng.choices(range(len(self.documents)), cum_weights=self.ends)[0]

    def word(self, document):
        return self.rng.choice(self.vocabularies[document])

    def words(self, count):
        """So many different words."""
        home = self.document()
        chosen = [self.word(home)]
        while len(chosen) < count:
            word = self.word(home if self.rng.random() < 0.5 else self.document())
            if word not in chosen:
                chosen.append(word)
        return chosen

    def phrase(self, least=2, most=4):
        count, document = self.rng.randint(least, most), self.documents[self.document()]
        start = self.rng.randrange(len(document) - count + 1)
        return '"' + " ".join(document[start:start + count]) + '"'

    def query(self, kind):
        rng = self.rng
        if kind == "term":
            return self.ranked[int(math.exp(rng.random() * math.log(len(self.ranked)))) - 1]
        if kind == "phrase":
            return self.phrase()
        if kind == "two-phase-critic":
            return f"+{self.phrase(2, 3)} +{self.word(self.document())}"
        words = self.words({"negated": 3}.get(kind) or rng.randint(2, 4))
        if kind == "union":
            return " ".join(words)
        if kind == "intersection":
            return " ".join("+" + word for word in words)
        if kind == "negated":
            return f"+{words[0]} +{words[1]} -{words[2]}"
        return " ".join(["+" + words[0]] + words[1:])


def make(corpus, path, per_class=PER_CLASS):
    rng = random.Random(SEED)
    sampler = Sampler(sample(corpus, rng), rng)
    with open(path, "w", encoding="utf-8") as out:
        for kind in CLASSES:
            seen = set()
            for _ in range(per_class * 50):
                query = sampler.query(kind)
                if len(seen) < per_class and query not in seen:
                    seen.add(query)
                    out.write(json.dumps({"query": query, "tags": [kind]}) + "\n")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    make(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else PER_CLASS)


if __name__ == "__main__":
    main()
