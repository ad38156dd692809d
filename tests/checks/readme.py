# SPDX-License-Identifier: MIT
"""The README does what it says.

usage: readme.py ROOT BIN_DIR

- Its first block of C is tests/examples/quickstart.c, to the byte.
- Its blocks of sh run, in order, in one folder that holds a copy of the sample articles, with the built
  `quire` in the path; a block of text right behind a block of sh is what that prints. Lines that begin with
  `make` must be targets of the Makefile; what they do is run by .ci/run.
- It has at most 150 lines.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

LINES = 150
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n?```text\n(.*?)^```\n)?", re.S | re.M)


def run(script, folder, path):
    env = dict(os.environ, PATH=path + os.pathsep + os.environ["PATH"], NO_COLOR="1", LC_ALL="C.UTF-8")
    env.pop("QUIRE_INDEX", None)
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=folder, env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def check_shell(script, wanted, folder, path, targets):
    lines = script.splitlines()
    made = [line.split("#")[0].split()[1:] for line in lines if line.startswith("make")]
    for target in (t for words in made for t in words):
        if target not in targets:
            yield f"the Makefile has no target '{target}'"
    script = "\n".join(line for line in lines if not line.startswith("make"))
    if not script.strip():
        return
    code, out = run(script, folder, path)
    if code != 0:
        yield f"exit code {code}:\n{script}\n{out}"
    elif wanted is not None and out != wanted:
        yield f"printed otherwise:\n{script}\n--- README\n{wanted}--- printed\n{out}"


def main(root, path):
    text = open(os.path.join(root, "README.md"), encoding="utf-8").read()
    faults = []
    if text.count("\n") > LINES:
        faults.append(f"{text.count(chr(10))} lines, {LINES} allowed")
    blocks = BLOCK.findall(text)
    code = [body for kind, body, _ in blocks if kind == "c"]
    quickstart = open(os.path.join(root, "tests", "examples", "quickstart.c"), encoding="utf-8").read()
    if not code or code[0] != quickstart:
        faults.append("the first block of C is not tests/examples/quickstart.c")
    targets = re.findall(r"^([\w-]+):", open(os.path.join(root, "Makefile")).read(), re.M)
    ran = 0
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(root, "cli", "sample"), os.path.join(folder, "articles"))
        for kind, body, wanted in blocks:
            if kind == "sh":
                ran += 1
                faults += check_shell(body, wanted or None, folder, path, targets)
    if ran == 0:
        faults.append("no command stands in the README")
    print("\n".join(faults))
    print(f"{ran} blocks of commands, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
