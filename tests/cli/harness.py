# SPDX-License-Identifier: MIT
"""What the tests of the command line share: a folder of their own, and a way to run quire in it.

usage of each: TEST.py QUIRE SAMPLE     the binary, and the folder of the sample articles
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

QUIRE = os.path.abspath(sys.argv[1])
SAMPLE = os.path.abspath(sys.argv[2])
ENV = {k: v for k, v in os.environ.items() if k not in ("QUIRE_INDEX", "NO_COLOR")}


class Case(unittest.TestCase):
    """Each test works in an empty folder."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="quire-cli-")
        os.chmod(self.dir, 0o755)

    def tearDown(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def quire(self, *args, stdin=b"", code=0, env=None, program=QUIRE, **more):
        """Run quire; its exit code must be `code`. Returns standard output and error as text."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        done = subprocess.run([program, *args], input=stdin, capture_output=True, cwd=self.dir,
                              env={**ENV, **(env or {})}, timeout=120, **more)
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        self.assertEqual(done.returncode, code, f"quire {args}\n{out}\n{err}")
        return out, err

    def write(self, path, text):
        path = os.path.join(self.dir, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def sample(self):
        """The sample articles, copied to articles/ and indexed."""
        shutil.copytree(SAMPLE, os.path.join(self.dir, "articles"))
        return self.quire("index", "articles")

    def ids(self, *query):
        done = subprocess.run([QUIRE, "search", "-q", "-n", "1000", "--format", "{id}", *query],
                              capture_output=True, cwd=self.dir, env=ENV, check=False)
        self.assertEqual(done.returncode, 0 if done.stdout else 1, done.stderr)
        return done.stdout.decode().split()

    def hits(self, *query):
        """The objects of --json: hits, and the summary."""
        out, _ = self.quire("search", "--json", *query)
        objects = [json.loads(line) for line in out.splitlines()]
        self.assertTrue(all(o["form"] == 1 for o in objects))
        return objects[:-1], objects[-1]

    def one_line(self, err, *parts):
        """`err` is one line that starts with "quire: " and holds each part."""
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("quire: "), err)
        for part in parts:
            self.assertIn(part, err)


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
