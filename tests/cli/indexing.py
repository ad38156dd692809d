# SPDX-License-Identifier: MIT
"""quire index: what is read, and that running it again leaves exactly what is there."""
import json
import os
import shutil
import signal
import subprocess
import time

from harness import ENV, QUIRE, SAMPLE, Case, main


class Index(Case):
    def test_an_article_as_it_is_yields_all_its_values(self):
        self.sample()
        out, _ = self.quire("get", "articles/canal-lock.md", "--json")
        fields = json.loads(out)["fields"]
        self.assertEqual(fields["title"], "How a Canal Lock Lifts a Boat")
        self.assertEqual(fields["author"], "Nora Whitfield")
        self.assertEqual(fields["date"], "2019-03-04")
        self.assertEqual(fields["url"], "https://example.org/2019/03/04/how-a-canal-lock-lifts-a-boat")
        self.assertEqual(fields["path"], "articles/canal-lock.md")
        self.assertTrue(fields["body"].startswith("A lock is a chamber with gates"))
        for trace in ("](", "##", "http", "Original url", "**"):
            self.assertNotIn(trace, fields["body"])

    def test_the_first_article_if_it_is_at_hand(self):
        path = os.environ.get("QUIRE_CORPORA_SAMPLE", "")
        if not os.path.isfile(path):
            self.skipTest("QUIRE_CORPORA_SAMPLE does not name the article")
        shutil.copy(path, os.path.join(self.dir, "a.md"))
        self.quire("index", "a.md")
        fields = json.loads(self.quire("get", "a.md", "--json")[0])["fields"]
        self.assertEqual((fields["author"], fields["date"]), ("Daria Litvinova", "2015-11-19"))
        self.assertTrue(fields["title"].startswith("Terrorist Attacks Force Russia"))
        self.assertTrue(fields["url"].startswith("https://www.themoscowtimes.com/2015/11/19/"))

    def test_only_changes_are_indexed_and_what_is_gone_is_deleted(self):
        self.sample()
        articles = len(os.listdir(SAMPLE))
        _, err = self.quire("index", "articles")
        self.assertIn(f"{articles} documents; 0 added", err)
        self.assertIn(f"{articles} files unchanged", err)
        os.remove(os.path.join(self.dir, "articles/tea.md"))
        self.write("articles/rhine.md", "# The Rhine\n\nA xylophone floats on it.\n")
        self.write("articles/new.md", "# New\n\nA xylophone again.\n")
        _, err = self.quire("index", "articles")
        self.assertIn(f"{articles} documents; 2 added or replaced from 2 files, 1 deleted", err)
        self.assertEqual(sorted(self.ids("xylophone")), ["articles/new.md", "articles/rhine.md"])
        self.assertNotIn("articles/tea.md", self.ids("--any", "plant leaves tea"))

    def test_any_working_folder_gives_the_same_names(self):
        self.sample()
        _, err = self.quire("index", os.path.join(self.dir, "articles"))
        self.assertIn("0 added", err)
        done = subprocess.run([QUIRE, "search", "--format", "{id}", "canal lock"], capture_output=True,
                              cwd=os.path.join(self.dir, "articles"), env=ENV, check=True)
        self.assertIn(b"articles/canal-lock.md", done.stdout)

    def test_records_of_a_file_come_and_go_with_it(self):
        rows = [{"id": f"r{i}", "title": f"Row {i}", "text": f"common word{i}", "n": i} for i in range(2500)]
        self.write("rows.jsonl", "".join(json.dumps(r) + "\n" for r in rows))
        self.quire("index", "rows.jsonl")
        self.assertEqual(self.quire("count", "common")[0], "2500\n")
        self.write("rows.jsonl", "".join(json.dumps(r) + "\n" for r in rows[:7] + rows[2490:]))
        _, err = self.quire("index", "rows.jsonl")
        self.assertIn("2483 deleted", err)
        self.assertEqual(self.quire("count", "common")[0], "17\n")

    def test_a_record_that_moves_to_another_file_stays(self):
        row = json.dumps({"id": "x", "text": "wanderer"}) + "\n"
        self.write("d/a.jsonl", row)
        self.write("d/b.jsonl", "")
        self.quire("index", "d")
        self.write("d/a.jsonl", "")
        self.write("d/b.jsonl", row)
        self.quire("index", "d")
        self.assertEqual(self.ids("wanderer"), ["x"])
        os.remove(os.path.join(self.dir, "d/b.jsonl"))
        self.write("d/a.jsonl", row)
        self.quire("index", "d")
        self.assertEqual(self.ids("wanderer"), ["x"])

    def test_every_form_is_read(self):
        self.write("d/a.txt", "Title line\n\nplain walrus text\n")
        self.write("d/b.html", "<title>Page</title><p>html <b>wal</b>rus<script>hidden</script>")
        self.write("d/c.csv", "id,title,text\nc1,T,\"walrus, in\nquotes\"\nc2,U,other\n")
        self.write("d/e.tsv", "id\ttext\ne1\twalrus\n")
        self.write("d/f.jsonl", '{"text": "walrus", "tags": ["p", "q"], "n": 3}\n')
        self.write("d/g.mdown", "---\ntitle: T\ntags: [a, b]\n---\nwalrus\n")
        self.write("d/h.bin", "walrus")
        _, err = self.quire("index", "d")
        self.assertIn("1 file of another kind", err)
        self.assertEqual(sorted(self.ids("walrus")),
                         ["c1", "d/a.txt", "d/b.html", "d/f.jsonl:1", "d/g.mdown", "e1"])
        meta = json.loads(self.quire("get", "d/f.jsonl:1", "--json")[0])["fields"]["meta"]
        self.assertEqual(meta, {"tags": ["p", "q"], "n": 3})

    def test_fields_of_ones_own_can_be_searched(self):
        self.write("a.jsonl", '{"id":"1","text":"x","year":1999,"section":"News","note":"running"}\n'
                              '{"id":"2","text":"x","year":2005,"section":"Sport","note":"ran"}\n')
        self.quire("index", "--field", "year=number", "--field", "section=keyword", "--field",
                   "note=text,exact,language:english", "a.jsonl")
        self.assertEqual(self.ids("x year:2000..2010"), ["2"])
        self.assertEqual(self.ids("section:News"), ["1"])
        self.assertEqual(self.ids("note:runs"), ["1"])
        self.assertEqual(self.ids("--sort", "year", "-r", "x"), ["2", "1"])

    def test_encodings_are_read_and_invalid_bytes_counted(self):
        self.write("a.txt", "Žluťoučký kůň".encode("utf-16"))
        self.write("b.txt", "Ж".encode("utf-8") + b"\xff pony")
        self.quire("index", "a.txt")
        _, err = self.quire("index", "b.txt")
        self.assertIn("1 invalid byte replaced", err)
        self.assertEqual(self.ids("kůň"), ["a.txt"])
        self.write("c.txt", "Река".encode("windows-1251"))
        self.quire("index", "--encoding", "windows-1251", "c.txt")
        self.assertEqual(self.ids("река"), ["c.txt"])
        self.one_line(self.quire("index", "--encoding", "nosuch", "c.txt", code=2)[1], "nosuch")

    def test_filters_read_other_forms(self):
        self.write("a.rev", "suriaw\n")
        self.write("b.box", "From x\nwalrus one\nFrom y\nwalrus two\n")
        self.quire("index", "--filter", "rev=rev", "--filter",
                   "box:jsonl=sed -n 's/^walrus.*/{\"text\":\"&\"}/p'", "a.rev", "b.box")
        self.assertEqual(sorted(self.ids("walrus")), ["b.box:1", "b.box:2"])
        self.assertEqual(self.ids("wairus"), ["a.rev"])
        _, err = self.quire("index", "--filter", "rev=false", "--full", "a.rev")
        self.assertIn("a.rev: its filter ended with 1", err)
        self.assertEqual(self.ids("wairus"), ["a.rev"])

    def test_a_dry_run_says_what_would_be_done_and_does_nothing(self):
        shutil.copytree(SAMPLE, os.path.join(self.dir, "articles"))
        out, _ = self.quire("index", "--dry-run", "articles")
        self.assertIn("add articles/tea.md\n", out)
        self.assertFalse(os.path.exists(os.path.join(self.dir, ".quire")))
        self.quire("index", "articles")
        os.remove(os.path.join(self.dir, "articles/tea.md"))
        self.write("articles/zero.md", "# Zero\n")
        out, _ = self.quire("index", "--dry-run", "articles")
        self.assertEqual(sorted(out.splitlines()), ["delete articles/tea.md", "update articles/zero.md"])
        self.assertIn("articles/tea.md", self.ids("camellia"))

    def test_ignored_files_and_links_are_not_read(self):
        self.write("d/keep.md", "walrus")
        self.write("d/skip/a.md", "walrus")
        self.write("d/b.tmp.md", "walrus")
        self.write("d/.gitignore", "skip/\n")
        self.write("d/.quireignore", "*.tmp.md\n")
        self.write("outside.md", "walrus")
        os.symlink("../outside.md", os.path.join(self.dir, "d/link.md"))
        os.symlink("..", os.path.join(self.dir, "d/up"))
        os.mkfifo(os.path.join(self.dir, "d/pipe.md"))
        self.quire("index", "d")
        self.assertEqual(self.ids("walrus"), ["d/keep.md"])

    def test_the_index_inside_a_folder_is_not_indexed(self):
        self.write("a.md", "walrus")
        self.quire("index", ".")
        _, err = self.quire("index", ".")
        self.assertIn("1 document; 0 added", err)
        self.assertEqual(self.ids("walrus"), ["a.md"])
        os.remove(os.path.join(self.dir, "a.md"))
        self.quire("index", ".")
        self.quire("count", "walrus", code=1)

    def test_input_from_a_pipe(self):
        self.quire("index", "-", stdin='{"id":"p","text":"walrus"}\n')
        self.assertEqual(self.ids("walrus"), ["p"])

    def test_threads_change_nothing_but_the_time(self):
        lines = "".join(json.dumps({"id": str(i), "text": f"walrus number{i} " * (i % 50 + 9)}) + "\n"
                        for i in range(6000))
        for threads in ("1", "2", "5"):
            self.quire("index", "--threads", threads, "-i", threads, "-", stdin=lines + '{"id":"7","text":"seal"}\n')
            self.quire("merge", "-i", threads)
        found = [self.quire(*ask, "-i", threads)[0] for threads in ("1", "2", "5")
                 for ask in (("search", "-n", "50", "walrus number9"), ("search", "seal"), ("terms", "body"))]
        self.assertEqual(found[:3], found[3:6])
        self.assertEqual(found[:3], found[6:])
        self.assertIn("7\t", found[1])
        self.quire("index", "--threads", "0", "-", stdin="", code=2)

    def test_commits_in_between_leave_nothing_out(self):
        for i in range(30):
            self.write(f"d/{i}.md", f"# T{i}\n\nwalrus number{i}\n")
        self.quire("index", "--commit-every", "7", "d")
        self.assertEqual(self.quire("count", "walrus")[0], "30\n")
        self.assertGreater(json.loads(self.quire("stats", "--json")[0])["generation"], 4)

    def test_an_interrupted_run_changes_nothing(self):
        self.sample()
        before = self.quire("stats")[0]
        with subprocess.Popen([QUIRE, "index", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                              cwd=self.dir, env=ENV) as running:
            for i in range(100):
                running.stdin.write(b'{"id":"i%d","text":"walrus"}\n' % i)
            running.stdin.flush()
            time.sleep(0.3)
            running.send_signal(signal.SIGINT)
            err = running.stderr.read().decode()
        self.assertEqual(running.returncode, 130, err)
        self.assertIn("interrupted", err)
        self.assertEqual(self.quire("stats")[0], before)
        self.quire("check", "--level", "3")

    def test_a_new_schema_for_an_old_index_is_refused(self):
        self.sample()
        _, err = self.quire("index", "--language", "german", "articles", code=2)
        self.one_line(err, "title", "--language")
        self.quire("index", "--language", "english", "articles")

    def test_options_of_a_new_index_are_kept(self):
        self.write("a.md", "# The running of dogs\n\nThe dogs ran.\n")
        self.quire("index", "--flat", "--stop-words", "--language", "porter", "--k1", "0.9", "--b", "0.4",
                   "--no-exact", "a.md")
        self.assertIn("0.9, 0.4", self.quire("stats")[0])
        terms = [line.split("\t")[0] for line in self.quire("terms", "body")[0].splitlines()]
        self.assertEqual(terms, ["dog", "ran", "run"])
        self.assertEqual(self.ids("running"), ["a.md"])


main()
