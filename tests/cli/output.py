# SPDX-License-Identifier: MIT
"""The forms of output, exit codes, help, the manual page and completions."""
import json
import os
import re
import subprocess
import time

from harness import ENV, QUIRE, Case, main

VERBS = ("index search count get explain analyze run eval stats terms check merge delete version help "
         "completions").split()


class Output(Case):
    def test_a_pipe_gets_plain_lines(self):
        self.sample()
        out, err = self.quire("search", "canal lock")
        first = out.splitlines()[0].split("\t")
        self.assertEqual((first[0], first[2], first[3], first[4]),
                         ("1", "articles/canal-lock.md", "2019-03-04", "How a Canal Lock Lifts a Boat"))
        self.assertGreater(float(first[1]), 0)
        self.assertNotIn("\x1b", out)
        self.assertEqual(err, "")

    def test_pretty_results_show_title_place_date_and_marked_passage(self):
        self.sample()
        out, _ = self.quire("search", "--pretty", "mitre gates")
        self.assertIn(" 1. How a Canal Lock Lifts a Boat\n    articles/canal-lock.md  2019-03-04", out)
        self.assertRegex(out, r"\*[Gg]ates\*")
        out, _ = self.quire("search", "--pretty", "--color=always", "mitre gates")
        self.assertIn("\x1b[1;31m", out)
        out, _ = self.quire("search", "--pretty", "--color=always", "mitre gates", env={"NO_COLOR": "1"})
        self.assertIn("\x1b[1;31m", out)

    def test_a_terminal_gets_colours_unless_it_is_told_not_to(self):
        self.sample()
        for env, colours in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            done = subprocess.run(["script", "-qec", f"{QUIRE} search lock", "/dev/null"], cwd=self.dir,
                                  capture_output=True, env={**ENV, "TERM": "xterm", **env}, check=False,
                                  stdin=subprocess.DEVNULL)
            if b"How a Canal Lock" not in done.stdout:
                self.skipTest("script(1) gives no terminal here")
            self.assertEqual(b"\x1b[1m" in done.stdout, colours, env)

    def test_json_is_one_object_a_line_with_true_byte_ranges(self):
        self.sample()
        hits, summary = self.hits("locks")
        body = json.loads(self.quire("get", hits[0]["fields"]["id"], "--json")[0])["fields"]
        self.assertEqual(hits[0]["type"], "hit")
        self.assertEqual(hits[0]["rank"], 1)
        self.assertTrue(hits[0]["matches"])
        for match in hits[0]["matches"]:
            text = body[match["field"]].encode()[match["start"]:match["end"]].decode()
            self.assertIn(text.lower(), ("lock", "locks"))
        snippet = hits[0]["snippet"].encode()
        for start, end in hits[0]["marks"]:
            self.assertIn(snippet[start:end].decode().lower(), ("lock", "locks"))
        self.assertEqual((summary["type"], summary["exact"], summary["partial"]), ("summary", True, False))
        self.assertGreaterEqual(summary["total"], len(hits))
        self.assertEqual(summary["notes"], [])

    def test_other_forms(self):
        self.sample()
        self.assertEqual(self.quire("search", "-l", "canal lock", "-n1")[0], "articles/canal-lock.md\n")
        self.assertEqual(self.quire("search", "-l0", "canal lock", "-n1")[0], "articles/canal-lock.md\0")
        self.assertRegex(self.quire("search", "--trec", "tag", "-n1", "canal lock")[0],
                         r"^1 Q0 articles/canal-lock.md 1 [0-9.]+ tag\n$")
        self.assertEqual(self.quire("search", "--format", r"{rank}\t{date}:{title}", "-n1", "canal lock")[0],
                         "1\t2019-03-04:How a Canal Lock Lifts a Boat\n")
        self.assertEqual(json.loads(self.quire("count", "--json", "mitre")[0]),
                         {"form": 1, "type": "count", "total": 1, "partial": False})
        self.assertEqual(self.quire("search", "-c", "mitre")[0], self.quire("count", "mitre")[0])

    def test_ranks_are_refined(self):
        self.sample()
        every = self.ids("river")
        self.assertEqual(self.ids("river", "--offset", "1"), every[1:])
        dates = self.quire("search", "--format", "{date}", "--sort", "date", "-n99", "the")[0].split()
        self.assertEqual(dates, sorted(dates))
        down = self.quire("search", "--format", "{date}", "--sort", "date", "-r", "-n99", "the")[0].split()
        self.assertEqual(down, dates[::-1])
        some = self.quire("search", "--format", "{date}", "--after", "2019-06-30", "--before",
                          "July 14, 2019", "-n99", "the")[0].split()
        self.assertEqual(sorted(some), [d for d in dates if "2019-06-30" <= d <= "2019-07-14"])
        for low, high in (("2018", "2019"), ("2018-05", "2018-06"), ("2018-05-24", "2018-05-24")):
            some = self.quire("search", "--format", "{date}", "--after", low, "--before", high, "-n99",
                              "*")[0].split()
            self.assertEqual(sorted(some), [d for d in dates if low <= d[:len(low)] and d[:len(high)] <= high])
        self.assertIn("not a date", self.quire("search", "--after", "2018-13", "x", code=2)[1])
        self.assertEqual(self.ids("--in", "title", "volga"), ["articles/volga.md"])
        self.assertEqual(self.ids("--all", "camellia", "mercury"), [])

    def test_exit_codes_say_what_was_found(self):
        self.sample()
        self.quire("search", "xylophone", code=1)
        self.assertEqual(self.quire("count", "xylophone", code=1)[0], "0\n")
        self.quire("get", "nosuch", code=1)
        self.quire("explain", "xylophone", "articles/tea.md", code=1)
        self.quire("terms", "body", "zzzz", code=1)
        self.quire("delete", "nosuch", code=1)

    def test_a_deadline_ends_a_search_with_what_was_found(self):
        text = " ".join("abcdefghijklmnopqrstuvwxyz" * 15)
        self.write("a.jsonl", "".join(json.dumps({"text": text}) + "\n" for _ in range(4000)))
        self.quire("index", "a.jsonl")
        query = " ".join(f'"{a} {b} {a}"~40' for a in "abcdefgh" for b in "pqrstuvw")
        for verb in ("search", "count"):
            started = time.monotonic()
            out, err = self.quire(verb, "--json", "--timeout", "20ms", query, code=3)
            self.assertLess(time.monotonic() - started, 10)
            self.assertTrue(json.loads(out.splitlines()[-1])["partial"])
            self.assertIn("stopped by --timeout", err)

    def test_an_explanation_adds_up_to_the_score(self):
        self.sample()
        hits, _ = self.hits("-n3", "canal lock")
        for hit in hits:
            out, _ = self.quire("explain", "--json", "canal lock", hit["fields"]["id"])
            root = json.loads(out.splitlines()[0])
            self.assertEqual(root["depth"], 0)
            self.assertAlmostEqual(root["value"], hit["score"], delta=1e-4 * hit["score"])
            nodes = [json.loads(line) for line in out.splitlines()]
            self.assertGreater(len(nodes), 2)

    def test_analysis_shows_each_token(self):
        out, _ = self.quire("analyze", "--json", "The Cafés of Zürich's quays")
        tokens = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([t["term"] for t in tokens], ["the", "cafe", "of", "zurich", "quay"])
        self.assertEqual([(t["start"], t["end"]) for t in tokens][1], (4, 10))
        self.assertEqual([t["position"] for t in tokens], [0, 1, 2, 3, 4])
        out, _ = self.quire("analyze", "--language", "none", "--keep-diacritics", "-", stdin="Cafés")
        self.assertEqual(out.split("\t")[2], "cafés")
        self.quire("analyze", "--language", "klingon", "x", code=2)
        self.quire("analyze", "", code=1)

    def test_a_run_reads_topics_as_plain_words(self):
        self.sample()
        self.write("topics", "1\tcanal (lock\n2\tNOT -river \"danube\n\n3\t...\n")
        out, err = self.quire("run", "topics", "--trec", "me")
        self.assertEqual(err, "")
        rows = [line.split(" ") for line in out.splitlines()]
        self.assertTrue(all(len(r) == 6 and r[1] == "Q0" and r[5] == "me" for r in rows))
        self.assertEqual({r[0] for r in rows}, {"1", "2"})
        self.assertIn("articles/danube.md", [r[2] for r in rows if r[0] == "2"])
        for topic in "12":
            scores = [float(r[4]) for r in rows if r[0] == topic]
            self.assertEqual(scores, sorted(scores, reverse=True))
        out, _ = self.quire("run", "-n", "2", "--syntax", "-", stdin="9\ttitle:volga\n")
        self.assertEqual([r.split(" ")[2] for r in out.splitlines()], ["articles/volga.md"])
        self.one_line(self.quire("run", "-", stdin="no tab\n", code=2)[1], "-:1", "tab")

    def test_stats_add_up_and_terms_are_in_order(self):
        self.sample()
        stats = json.loads(self.quire("stats", "--json")[0])
        self.assertEqual(sum(stats["parts"].values()), stats["bytes"])
        self.assertRegex(stats["unicode"], r"^[0-9]+\.[0-9]+\.[0-9]+$")
        self.assertEqual(stats["unicode"], stats["unicode_here"])
        self.assertIn("unicode\t%s\n" % stats["unicode"], self.quire("stats")[0])
        on_disk = sum(os.path.getsize(os.path.join(self.dir, ".quire", n))
                      for n in os.listdir(os.path.join(self.dir, ".quire")) if n.endswith(".seg"))
        self.assertGreaterEqual(on_disk, stats["bytes"])
        rows = [line.split("\t") for line in self.quire("terms", "body", "ca")[0].splitlines()]
        self.assertEqual([r[0] for r in rows], sorted(r[0] for r in rows))
        self.assertTrue(all(r[0].startswith("ca") and int(r[2]) >= int(r[1]) > 0 for r in rows))

    def test_deleting_and_merging(self):
        self.sample()
        self.assertIn("1 document deleted", self.quire("delete", "articles/tea.md")[1])
        out, _ = self.quire("delete", "--dry-run", "--query", "volga danube", code=1)
        self.assertEqual(out, "")
        out, err = self.quire("delete", "--dry-run", "nosuch", "articles/volga.md")
        self.assertEqual(out, "delete articles/volga.md\n")
        self.assertIn("no document 'nosuch'", err)
        self.assertIn("1 document would be deleted", err)
        self.quire("delete", "--query", "title:volga")
        self.assertEqual(self.ids("title:volga OR camellia"), [])
        self.quire("merge")
        stats = json.loads(self.quire("stats", "--json")[0])
        self.assertEqual((stats["segments"], stats["deleted"]), (1, 0))
        self.quire("check", "--level", "3")

    def test_optimizing_keeps_documents_and_scores(self):
        self.sample()
        def results():
            return [sorted(line.split("\t") for line in
                           self.quire("search", "-n", "1000", "--format", "{id}\\t{score}\\t{snippet}", query)[0].splitlines())
                    for query in ("river", "canal OR lock OR tea", '"the city"', "title:volga")]
        before = results()
        self.assertGreater(sum(map(len, before)), 5)
        for options in ([], ["--thorough", "--max-memory", "32M"]):
            self.quire("merge", "--optimize", *options)
            self.assertEqual(json.loads(self.quire("stats", "--json")[0])["segments"], 1)
            self.quire("check", "--level", "3")
            self.assertEqual(results(), before)
        self.one_line(self.quire("merge", "--thorough", code=2)[1], "--optimize")
        self.one_line(self.quire("merge", "--optimize", "--segments", "2", code=2)[1], "--segments")

    def test_text_cannot_steer_a_terminal_or_break_a_line(self):
        self.write("a.jsonl", json.dumps({"id": "a", "title": "x\x1b[31m\ny\u0085\tz", "text": "walrus"}))
        self.quire("index", "a.jsonl")
        for form in ([], ["--pretty"], ["--format", "{title}"]):
            out, _ = self.quire("search", *form, "walrus")
            self.assertNotIn("\x1b", out)
            self.assertIn("x [31m y ", out)

    def test_help_manual_and_completions_know_every_verb_and_option(self):
        options = set()
        for verb in VERBS:
            out, _ = self.quire("help", verb)
            self.assertEqual(out, self.quire(verb, "--help")[0])
            self.assertTrue(out.startswith(f"quire {verb} "), out)
            self.assertTrue(all(len(line) <= 80 for line in out.splitlines()), verb)
            options |= set(re.findall(r"^  .{4}(--[a-z0-9-]+)", out, re.M))
        self.assertGreater(len(options), 40)
        manual, _ = self.quire("help", "man")
        plain = manual.replace("\\-", "-")
        everything = {"man": plain, **{s: self.quire("completions", s)[0] for s in ("bash", "zsh", "fish")}}
        for name, text in everything.items():
            for verb in VERBS:
                self.assertIn(verb, text, name)
            for option in options:
                self.assertIn(option[2:] if name == "fish" else option, text, name)
        top, _ = self.quire()
        self.assertTrue(all(f"  {verb} " in top for verb in VERBS))
        done = subprocess.run(["bash", "-n"], input=everything["bash"].encode(), capture_output=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        script = everything["bash"] + "\nCOMP_WORDS=(quire search --li); COMP_CWORD=2; _quire; echo ${COMPREPLY[@]}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
        self.assertEqual(done.stdout, b"--limit\n")

    def test_progress_is_shown_on_a_terminal(self):
        self.write("a.jsonl", "".join('{"id":"%d","text":"walrus"}\n' % i for i in range(20000)))
        done = subprocess.run(["script", "-qec", f"{QUIRE} index a.jsonl", "/dev/null"], cwd=self.dir,
                              capture_output=True, env=ENV, check=False, stdin=subprocess.DEVNULL)
        if b"20000 documents; 20000 added" not in done.stdout:
            self.skipTest("script(1) gives no terminal here")
        self.assertRegex(done.stdout, rb"\r\x1b\[K\d+ files, \d+ documents, .* MB/s, \d+ documents/s; memory ")

    def test_the_version(self):
        self.assertRegex(self.quire("--version")[0], r"^quire \d+\.\d+\.\d+\nindex format \d+\n$")


main()
