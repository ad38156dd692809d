# SPDX-License-Identifier: MIT
"""Published relevance, met: the analyser set to match that of the published figure, by quire index, run and
eval alone. The figures of the default settings are printed beside them. Skipped without the corpora."""
import os
import sys

from harness import Case, main

CORPORA = os.environ.get("QUIRE_CORPORA", os.path.expanduser("~/.cache/quire-corpora"))
LUCENE = ["--flat", "--language", "porter", "--stop-words", "--no-exact", "--k1", "0.9", "--b", "0.4"]
# corpus, options of index, options of run, then measure: figure, tolerance
PUBLISHED = [
    ("scifact", LUCENE, [], {"ndcg@10": (.6789, .002), "recall@100": (.9253, .002)}),
    ("cacm", [o for o in LUCENE if o != "--flat"], ["--in", "body"], {"map": (.3123, .003)}),
    ("cranfield", LUCENE, [], {"ndcg@10": (.366, .005)}),
    ("cranfield", LUCENE, ["--k1", "1.2", "--b", "0.75"], {"ndcg@10": (.385, .005)}),
    ("reuters-21578", LUCENE, [], {"ndcg@10": (.868, .005)}),
]


class Relevance(Case):
    def measured(self, corpus, index, run, measures):
        folder = os.path.join(CORPORA, corpus)
        self.quire("index", "-q", "-i", "i", *index, os.path.join(folder, "docs.jsonl"))
        out, _ = self.quire("run", "-i", "i", *run, os.path.join(folder, "queries.tsv"))
        self.write("run", out)
        out, _ = self.quire("eval", "run", os.path.join(folder, "qrels.tsv"), "-m", ",".join(measures))
        return [float(line.split()[2]) for line in out.splitlines()[1:]]

    def test_published_figures(self):
        if not os.path.isdir(os.path.join(CORPORA, "scifact")):
            print("skipped: no real texts at", CORPORA)
            self.skipTest("no corpora")
        for corpus, index, run, measures in PUBLISHED:
            with self.subTest(corpus=corpus, run=run):
                self.tearDown()
                self.setUp()
                found = self.measured(corpus, index, run, measures)
                self.tearDown()
                self.setUp()
                default = self.measured(corpus, [], [], measures)
                for (measure, (figure, tolerance)), value, own in zip(measures.items(), found, default):
                    print(f"{corpus} {' '.join(run)} {measure}: {value:.4f}, published {figure:.4f} "
                          f"± {tolerance}; default settings {own:.4f}")
                    sys.stdout.flush()
                    self.assertAlmostEqual(value, figure, delta=tolerance)


main()
