# SPDX-License-Identifier: MIT
"""SIGKILL at random moments while files are indexed: every time the index opens and is sound, each file is
there whole in its old or its new form, and running it again completes the work.

QUIRE_KILLS: how often (default 6; 200 for a long run). QUIRE_SEED: the random choices."""
import json
import os
import random
import signal
import subprocess
import time

from harness import ENV, QUIRE, Case, main

KILLS = int(os.environ.get("QUIRE_KILLS", "6"))
SEED = int(os.environ.get("QUIRE_SEED", random.randrange(1 << 30)))
CORPORA = os.environ.get("QUIRE_CORPORA", os.path.expanduser("~/.cache/quire-corpora"))
FILES, DOCS = 8, 150


def texts(rng):
    """Texts of real articles, or else of invented words."""
    path = os.path.join(CORPORA, "wiki-en", "docs.jsonl")
    if not os.path.isfile(path):
        print("no real texts at", CORPORA, "- words are invented")
        while True:
            yield " ".join(f"w{int(rng.paretovariate(0.7))}" for _ in range(200))
    while True:
        with open(path, encoding="utf-8") as f:
            for line in f:
                yield json.loads(line)["text"][:3000]


class Kill(Case):
    def rewrite(self, k):
        """File k in its next version: each document says which, and two ids change with it."""
        self.versions[k] += 1
        mark = f"f{k}v{self.versions[k]}"
        rows = [{"id": f"{k}-{i}" if i > 1 else f"{mark}-{i}", "title": mark, "text": next(self.texts)}
                for i in range(DOCS)]
        self.write(f"d/{k}.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def count(self, query):
        done = subprocess.run([QUIRE, "count", "-q", query], capture_output=True, cwd=self.dir, env=ENV,
                              check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return int(done.stdout)

    def look(self, old):
        """The version of each file that the index has; what is there must be whole."""
        self.quire("check", "--level", "3")
        found = []
        for k in range(FILES):
            counts = {v: self.count(f"title:f{k}v{v}") for v in {old[k], self.versions[k]}}
            there = [v for v, n in counts.items() if n > 0]
            self.assertLessEqual(len(there), 1, (k, counts))
            self.assertTrue(all(n in (0, DOCS) for n in counts.values()), (k, counts))
            found.append(there[0] if there else 0)
        return found

    def test_an_index_survives_being_killed(self):
        print(f"QUIRE_SEED={SEED} QUIRE_KILLS={KILLS}")
        rng = random.Random(SEED)
        self.texts = texts(rng)
        self.versions = [0] * FILES
        for k in range(FILES):
            self.rewrite(k)
        started = time.monotonic()
        self.quire("index", "d", "--max-memory", "32M")
        seconds = time.monotonic() - started
        have, turn, cut, longest = list(self.versions), 0, 0, seconds
        while cut < KILLS:
            for k in rng.sample(range(FILES), rng.randint(1, FILES)):
                self.rewrite(k)
            every = rng.choice([[], ["--commit-every", "200"]])
            with subprocess.Popen([QUIRE, "index", "-q", "d", *every], cwd=self.dir, env=ENV) as running:
                time.sleep(rng.random() * longest)
                running.send_signal(signal.SIGKILL)
            killed = running.returncode == -signal.SIGKILL
            cut += killed
            longest *= 1.05 if killed else 0.85  # most are killed, some at the very end
            now = self.look(have)
            if not every:
                self.assertIn(now, (have, self.versions))
            have = now
            turn += 1
            if turn % 4 == 0:
                self.quire("index", "-q", "d")
                have = self.look(have)
                self.assertEqual(have, self.versions)
        self.quire("index", "-q", "d")
        self.assertEqual(self.look(have), self.versions)
        self.assertEqual(self.count("*"), FILES * DOCS)
        print(f"{cut} of {turn} runs were killed")


main()
