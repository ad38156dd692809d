# SPDX-License-Identifier: MIT
"""Every kind of bad input: one line that says what, where, and what to do; the right exit code; and the
index as it was."""
import os
import resource
import shutil
import signal
import subprocess
import time

from harness import ENV, QUIRE, Case, main

USAGE, BUSY, DAMAGED = 2, 4, 5


class Errors(Case):
    def stats(self):
        return self.quire("stats", "--json")[0]

    def test_a_missing_path_changes_nothing(self):
        self.sample()
        before = self.stats()
        shutil.rmtree(os.path.join(self.dir, "articles"))
        _, err = self.quire("index", "articles", code=USAGE)
        self.one_line(err, "articles", "No such file", "Check the path")
        self.assertEqual(self.stats(), before)

    def test_an_unreadable_file_is_passed_over_and_kept(self):
        for name in "abc":
            self.write(f"d/{name}.md", f"walrus {name}")
        self.write("d/sub/e.md", "walrus e")
        os.chmod(self.dir, 0o777)
        self.quire("index", "d")
        for path, text in (("d/a.md", "pony a"), ("d/b.md", "pony b")):
            self.write(path, text)
        os.chmod(os.path.join(self.dir, "d/b.md"), 0)
        os.chmod(os.path.join(self.dir, "d/sub"), 0)
        as_user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        program = shutil.copy(QUIRE, self.dir)  # who runs it may not look into the folder of the build
        if as_user:
            for folder, _, files in os.walk(os.path.join(self.dir, ".quire")):
                for path in [folder] + [os.path.join(folder, f) for f in files]:
                    os.chown(path, 65534, 65534)
        _, err = self.quire("index", "d", code=USAGE, program=program, **as_user)
        os.chmod(os.path.join(self.dir, "d/sub"), 0o755)
        lines = err.splitlines()
        self.assertTrue(any("d/b.md: Permission denied" in line and "kept" in line for line in lines), err)
        self.assertTrue(any("d/sub: Permission denied" in line for line in lines), err)
        self.assertEqual(sorted(self.ids("walrus")), ["d/b.md", "d/c.md", "d/sub/e.md"])
        self.assertEqual(self.ids("pony"), ["d/a.md"])

    def test_a_file_that_cannot_be_read_to_its_end_stops_the_run(self):
        self.sample()
        before = self.stats()
        if not os.path.isfile("/proc/self/mem"):
            self.skipTest("no file that fails to be read here")
        _, err = self.quire("index", "--as", "jsonl", "/proc/self/mem", code=USAGE)
        self.one_line(err, "/mem: Input/output error", "last commit")
        self.assertEqual(self.stats(), before)

    def test_a_table_with_a_broken_header_is_passed_over(self):
        self.write("d/a.csv", '"id"x,text\n1,walrus\n')
        self.write("d/b.csv", "id,text\n2,walrus\n")
        _, err = self.quire("index", "d")
        self.assertIn("d/a.csv: the header has text after a closing quote; skipped", err)
        self.assertEqual(self.ids("walrus"), ["2"])

    def test_a_folder_that_is_no_index_is_left_alone(self):
        self.write("other/letter.txt", "dear")
        _, err = self.quire("search", "-i", "other", "x", code=USAGE)
        self.one_line(err, "other")
        _, err = self.quire("index", "-i", "other", "other/letter.txt", code=USAGE)
        self.one_line(err, "other")
        self.assertEqual(os.listdir(os.path.join(self.dir, "other")), ["letter.txt"])

    def test_no_index_at_all(self):
        _, err = self.quire("search", "x", code=USAGE)
        self.one_line(err, "no index", "quire index PATH")
        _, err = self.quire("search", "-i", "nowhere", "x", code=USAGE)
        self.one_line(err, "nowhere", "quire index")
        self.assertFalse(os.path.exists(os.path.join(self.dir, "nowhere")))

    def files(self, prefix=""):
        root = os.path.join(self.dir, ".quire")
        return [os.path.join(root, n) for n in sorted(os.listdir(root)) if n.startswith(prefix)]

    def test_a_damaged_index_is_told_from_a_sound_one(self):
        self.sample()
        self.assertIn("sound", self.quire("check")[0])
        largest = max(self.files(), key=os.path.getsize)
        with open(largest, "r+b") as f:
            f.seek(os.path.getsize(largest) // 2)
            byte = f.read(1)[0]
            f.seek(-1, os.SEEK_CUR)
            f.write(bytes([byte ^ 0x10]))
        out, err = self.quire("check", "--level", "1", code=DAMAGED)
        self.assertIn(os.path.basename(largest), out + err)
        self.assertIn("index again", err)
        for level in "23":
            out, err = self.quire("check", "--level", level, code=DAMAGED)
            self.assertEqual(out.count("\n"), len(set(out.splitlines())), "a fault is told once")
            self.assertIn(f" {out.count(chr(10))} fault", err)

    def test_an_index_whose_manifest_is_gone_or_overwritten_is_damaged(self):
        self.sample()
        manifest, = self.files("MANIFEST")
        for left in (None, b"", b"something else"):
            os.remove(manifest)
            if left is not None:
                with open(manifest, "wb") as f:
                    f.write(left)
            for verb in (["search", "lock"], ["check"], ["index", "articles"]):
                self.one_line(self.quire(*verb, code=DAMAGED)[1], "MANIFEST", "segments")
            if left is None:
                open(manifest, "wb").close()

    def test_a_truncated_index_is_damaged(self):
        self.sample()
        largest = max(self.files(), key=os.path.getsize)
        os.truncate(largest, os.path.getsize(largest) // 3)
        _, err = self.quire("search", "lock", code=DAMAGED)
        self.one_line(err, os.path.basename(largest))
        _, err = self.quire("index", "articles", code=DAMAGED)

    def test_a_newer_format_is_told_from_damage(self):
        self.sample()
        for path in self.files("MANIFEST"):
            with open(path, "r+b") as f:
                f.seek(8)
                f.write(b"\x63")
        for verb in (["search", "lock"], ["check"], ["index", "articles"]):
            self.one_line(self.quire(*verb, code=USAGE)[1], "newer", "format 99", "update Quire")
        self.assertEqual(len(self.files()), 3)

    def test_an_index_that_cannot_be_made_is_told(self):
        self.write("a.md", "walrus")
        self.one_line(self.quire("index", "-i", "no/such/place", "a.md", code=USAGE)[1], "no/such/place")
        self.one_line(self.quire("index", "-i", "a.md/x", "a.md", code=USAGE)[1], "a.md/x")

    def test_a_second_writer_is_told_to_wait(self):
        self.sample()
        with subprocess.Popen([QUIRE, "index", "-"], stdin=subprocess.PIPE, cwd=self.dir, env=ENV,
                              stderr=subprocess.DEVNULL) as first:
            first.stdin.write(b'{"id":"first","text":"walrus"}\n')
            first.stdin.flush()
            time.sleep(0.3)
            self.one_line(self.quire("index", "articles", code=BUSY)[1], ".quire", "--wait")
            self.one_line(self.quire("delete", "x", code=BUSY)[1], "--wait")
            self.assertTrue(self.ids("canal lock"))
            with subprocess.Popen([QUIRE, "delete", "--wait", "20s", "articles/tea.md"], cwd=self.dir,
                                  env=ENV, stderr=subprocess.DEVNULL) as second:
                time.sleep(0.2)
                first.stdin.close()
                self.assertEqual(first.wait(20), 0)
                self.assertEqual(second.wait(20), 0)
        self.assertEqual(self.ids("walrus"), ["first"])

    def test_a_full_disk_loses_nothing(self):
        self.write("a.jsonl", '{"id":"a","text":"walrus"}\n')
        self.quire("index", "a.jsonl")
        before = self.stats()
        rows = "".join('{"id":"r%d","text":"%s"}\n' % (i, " ".join(f"w{i}x{k}" for k in range(50)))
                       for i in range(2000))
        self.write("b.jsonl", rows)

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
        _, err = self.quire("index", "b.jsonl", code=USAGE, preexec_fn=limit)
        self.one_line(err, "free some space")
        self.assertEqual(self.stats(), before)
        self.quire("check", "--level", "3")
        self.quire("index", "b.jsonl")
        self.assertEqual(self.ids("w7x7"), ["r7"])

    def test_a_full_file_system_loses_nothing(self):
        script = ("mkdir m && mount -t tmpfs -o size=200k tmpfs m && \"$0\" index -q -i m/i a.jsonl; "
                  "\"$0\" index -i m/i b.jsonl; echo code $?; \"$0\" check -i m/i --level 3 && "
                  "\"$0\" search -i m/i --format '{id}' walrus")
        self.write("a.jsonl", '{"id":"a","text":"walrus"}\n')
        self.write("b.jsonl", "".join('{"id":"r%d","text":"%s"}\n' % (i, " ".join(
            f"w{i}x{k}" for k in range(50))) for i in range(3000)))
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script, QUIRE], capture_output=True,
                              cwd=self.dir, env=ENV, text=True, check=False)
        if "code" not in done.stdout:
            self.skipTest("no file system can be mounted here: " + done.stderr.strip())
        self.assertIn("code 2\n", done.stdout, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertIn("free some space", done.stderr)
        self.assertIn("sound", done.stdout)
        self.assertTrue(done.stdout.endswith("\na\n"), done.stdout)

    def test_bad_records_are_listed_and_skipped(self):
        self.write("a.jsonl", '{"id":"1","text":"walrus"}\n{bad}\n[1]\n{"id":"%s"}\n{"text":"walrus"}\n'
                   % ("x" * 300))
        _, err = self.quire("index", "a.jsonl")
        self.assertIn("quire: a.jsonl:2: not JSON", err)
        self.assertIn("quire: a.jsonl:3: not a JSON object; skipped", err)
        self.assertIn("quire: a.jsonl:4: ", err)
        self.assertIn("3 records skipped", err)
        self.assertEqual(sorted(self.ids("walrus")), ["1", "a.jsonl:5"])

    def test_strict_stops_at_the_first_bad_record(self):
        self.write("a.jsonl", '{"id":"1","text":"walrus"}\n')
        self.quire("index", "a.jsonl")
        self.write("b.jsonl", '{"id":"2","text":"walrus"}\n{bad}\n{worse}\n')
        _, err = self.quire("index", "--strict", "b.jsonl", code=USAGE)
        self.one_line(err, "b.jsonl:2", "nothing was changed")
        self.assertEqual(self.ids("walrus"), ["1"])

    def test_a_bad_value_of_a_field_is_a_bad_record(self):
        self.write("a.jsonl", '{"id":"1","text":"x","year":"soon"}\n{"id":"2","text":"x","year":"1999"}\n')
        _, err = self.quire("index", "--field", "year=number", "a.jsonl")
        self.assertIn("a.jsonl:1: ", err)
        self.assertIn("year", err)
        self.assertEqual(self.ids("x"), ["2"])

    def test_unknown_fields_are_named(self):
        self.sample()
        for verb in (["terms", "nosuch"], ["search", "--sort", "nosuch", "x"], ["search", "--in", "nosuch", "x"],
                     ["analyze", "--in", "nosuch", "x"]):
            self.one_line(self.quire(*verb, code=USAGE)[1], "'nosuch'", "the fields are: id, title, body")
        self.one_line(self.quire("index", "--field", "nosuch=number", "articles", code=USAGE)[1],
                      "has no field 'nosuch'")
        for verb in (["analyze"], ["search"], ["index", "-i", "new"]):
            self.one_line(self.quire(*verb, "--language", "klingon", "articles", code=USAGE)[1], "'klingon'",
                          "english", "none")
        self.one_line(self.quire("index", "--field", "9x=text", "articles", code=USAGE)[1], "9x")
        self.one_line(self.quire("index", "--field", "x=colour", "articles", code=USAGE)[1], "x=colour")

    def test_a_bad_query_is_an_error_when_strict_and_a_note_otherwise(self):
        self.sample()
        self.one_line(self.quire("search", "--strict", "(lock", code=USAGE)[1], "byte", "--strict")
        _, err = self.quire("search", "(lock")
        self.assertIn("note:", err)
        self.assertEqual(self.quire("search", "-q", "(lock")[1], "")

    def test_bad_options_are_told_with_what_they_take(self):
        for args, parts in [
                (["serch", "x"], ["'serch' is not a verb", "'search'"]),
                (["search"], ["needs QUERY"]),
                (["count", "-(a)"], ["'-('", "behind '--'"]),
                (["search", "--watershed"], ["'--watershed'", "behind '--'"]),
                (["run", "nosuch"], ["nosuch", "check the path"]),
                (["eval", "nosuch", "nosuch"], ["nosuch", "check the path"]),
                (["search", "--limt", "3", "x"], ["--limt", "--limit"]),
                (["search", "-n", "0", "x"], ["--limit", "1 to 100000"]),
                (["search", "-n"], ["needs a value"]),
                (["search", "--color", "blue", "x"], ["auto always never"]),
                (["search", "--json=yes", "x"], ["takes no value"]),
                (["index", "--max-memory", "1K", "."], ["512M", "32M"]),
                (["search", "--timeout", "soon", "x"], ["2s"]),
                (["get", "a", "b"], ["takes ID"]),
                (["delete"], ["--query"]),
                (["completions", "tcsh"], ["bash, zsh and fish"])]:
            self.one_line(self.quire(*args, code=USAGE)[1], *parts)

    def test_a_record_may_have_an_eighth_of_the_memory_and_html_half_of_that(self):
        mib = "walrus " * ((1 << 20) // 7)
        self.write("a.jsonl", "".join('{"id":"%d","text":"%s"}\n' % (n, mib * n) for n in (3, 5)))
        self.write("b.html", "<p>" + mib)
        self.write("c.html", "<p>" + mib * 3)
        _, err = self.quire("index", "--max-memory", "32M", "a.jsonl", "b.html", "c.html")
        self.assertIn("a.jsonl:2: longer than 4 MiB", err)
        self.assertIn("c.html: longer than 2 MiB", err)
        self.assertIn("raise --max-memory", err)
        self.assertEqual(sorted(self.ids("walrus")), ["3", "b.html"])

    def test_a_file_of_unknown_form_that_is_named_is_told(self):
        self.write("a.xyz", "walrus")
        self.one_line(self.quire("index", "a.xyz", code=USAGE)[1], "a.xyz", "--as")
        self.quire("index", "--as", "text", "a.xyz")
        self.assertEqual(self.ids("walrus"), ["a.xyz"])

    def test_a_reader_that_goes_away_is_no_fault(self):
        self.write("a.jsonl", "".join('{"id":"%d","text":"walrus"}\n' % i for i in range(20000)))
        self.quire("index", "a.jsonl")
        with subprocess.Popen([QUIRE, "search", "-n", "20000", "walrus"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.dir, env=ENV) as running:
            running.stdout.readline()
            running.stdout.close()
            self.assertEqual(running.stderr.read(), b"")
        self.assertIn(running.returncode, (0, -signal.SIGPIPE))

    def test_output_that_cannot_be_written_is_an_error(self):
        self.sample()
        with open("/dev/full", "wb") as full:
            done = subprocess.run([QUIRE, "search", "lock"], stdout=full, stderr=subprocess.PIPE,
                                  cwd=self.dir, env=ENV, check=False)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn(b"standard output", done.stderr)

    def test_markup_made_to_hurt_is_a_bad_record(self):
        self.write("d/deep.html", "<div>" * 100000 + "walrus")
        self.write("d/fine.html", "walrus")
        _, err = self.quire("index", "d")
        self.assertIn("d/deep.html: ", err)
        self.assertIn("deep", err)
        self.assertEqual(self.ids("walrus"), ["d/fine.html"])


main()
