# SPDX-License-Identifier: MIT
"""quire eval against an independent computation of the same measures, on random runs and judgements with
ties, unjudged documents, topics without results and levels below zero; to four decimals, as printed."""
import math
import os
import random
import struct

from harness import Case, main

SEED = int(os.environ.get("QUIRE_SEED", random.randrange(1 << 30)))
ROUNDS = int(os.environ.get("QUIRE_EVAL_ROUNDS", "60"))
MEASURES = ["map", "ndcg@5", "ndcg@10", "ndcg", "mrr@10", "mrr", "p@3", "p@10", "recall@5", "recall@100"]


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def ranking(run, topic):
    found = [(single(score), doc) for (t, doc), score in run.items() if t == topic]
    return [doc for score, doc in sorted(found, reverse=True)]


def dcg(levels):
    return sum(level / math.log2(rank + 1) for rank, level in enumerate(levels, 1) if level > 0)


def value(measure, ranked, judged):
    name, _, cutoff = measure.partition("@")
    levels = [judged.get(doc, 0) for doc in ranked]
    relevant = sum(level > 0 for level in judged.values())
    if cutoff:
        levels = levels[:int(cutoff)]
    hits = [rank for rank, level in enumerate(levels, 1) if level > 0]
    if name == "map":
        return sum(n / rank for n, rank in enumerate(hits, 1)) / relevant if relevant else 0
    if name == "mrr":
        return 1 / hits[0] if hits else 0
    if name == "p":
        return len(hits) / int(cutoff)
    if name == "recall":
        return len(hits) / relevant if relevant else 0
    ideal = sorted(judged.values(), reverse=True)
    ideal = dcg(ideal[:int(cutoff)] if cutoff else ideal)
    return dcg(levels) / ideal if ideal else 0


class Eval(Case):
    def round(self, rng):
        topics = [str(rng.randrange(1000)) for _ in range(rng.randint(1, 12))]
        docs = [f"d{rng.randrange(10 ** rng.randint(1, 6))}" for _ in range(rng.randint(5, 200))]
        qrels = {(t, d): rng.choice([-1, 0, 0, 0, 1, 1, 2, 3]) for t in topics
                 for d in rng.sample(docs, rng.randint(1, len(docs)))}
        run = {(t, d): rng.choice([rng.random() * 20, rng.randrange(5), 16777216 + rng.randrange(3)])
               for t in topics + ["other"] if rng.random() < 0.9
               for d in rng.sample(docs, rng.randint(1, len(docs)))}
        return qrels, run

    def test_means_equal_the_oracle(self):
        print(f"QUIRE_SEED={SEED}")
        rng = random.Random(SEED)
        for _ in range(ROUNDS):
            qrels, run = self.round(rng)
            lines = [f"{t}\t0 {d}  {level}\n" for (t, d), level in qrels.items()]
            self.write("qrels", "".join(lines))
            lines = [f"{t} Q0 {d} 7 {score!r} tag\n" for (t, d), score in run.items()]
            rng.shuffle(lines)
            self.write("run", "".join(lines))
            out, _ = self.quire("eval", "run", "qrels", "-m", ",".join(MEASURES))
            printed = [line.split() for line in out.splitlines()]
            topics = sorted({t for t, _ in qrels})
            self.assertEqual(printed[0], ["num_q", "all", str(len(topics))])
            for measure, (name, scope, mean) in zip(MEASURES, printed[1:], strict=True):
                expected = sum(value(measure, ranking(run, t), {d: level for (u, d), level in qrels.items()
                                                                if u == t}) for t in topics)
                self.assertEqual(scope, "all")
                self.assertAlmostEqual(float(mean), expected / len(topics), delta=0.00005001,
                                       msg=f"{measure} {name}")

    def test_each_topic_is_printed_before_the_means(self):
        self.write("qrels", "a 0 x 1\nb 0 x 0\nb 0 y 1\n")
        self.write("run", "a Q0 x 1 2 t\nb Q0 x 1 2 t\nb Q0 y 2 1 t\n")
        out, _ = self.quire("eval", "run", "qrels", "--each", "-m", "mrr")
        self.assertEqual([line.split() for line in out.splitlines()],
                         [["recip_rank", "a", "1.0000"], ["recip_rank", "b", "0.5000"],
                          ["num_q", "all", "2"], ["recip_rank", "all", "0.7500"]])

    def test_what_is_wrong_with_a_file_is_said_with_its_line(self):
        self.write("qrels", "a 0 x 1\n")
        self.write("run", "a Q0 x 1 2 t\na Q0 y\n")
        self.one_line(self.quire("eval", "run", "qrels", code=2)[1], "run:2", "six fields")
        self.one_line(self.quire("eval", "nothing", "qrels", code=2)[1], "nothing", "No such file")
        self.write("run", "a Q0 x 1 2 t\na Q0 x 2 1 t\n")
        self.one_line(self.quire("eval", "run", "qrels", code=2)[1], "run:2", "second time")
        self.write("run", "a Q0 x 1 2 t\n")
        self.write("qrels", "a 0 x 1\na 0 x 1\n")
        self.quire("eval", "run", "qrels")
        self.write("qrels", "a 0 x 1\na 0 x 2\n")
        self.one_line(self.quire("eval", "run", "qrels", code=2)[1], "qrels:2", "second time")
        self.one_line(self.quire("eval", "run", "qrels", "-m", "foo", code=2)[1], "foo")


main()
