# SPDX-License-Identifier: MIT
"""Sizes that keep a reader: prints every function, file and header above its ceiling. No exceptions.

usage: sizes.py ROOT     (needs universal-ctags for where a function begins and ends)

A function: 60 lines; in index/ and cli/ also 6 parameters (err does not count in a public one), nesting of
3, cyclomatic complexity of 12 (a switch counts as one decision, whatever its cases). A .c file: 800 lines;
a header: 200; quire.h: 700, and 45 functions. Preprocessor conditionals: 3 per 1,000 lines, outside the
places made for them.
"""
import glob
import json
import os
import re
import subprocess
import sys

FUNCTION_LINES, PARAMETERS, NESTING, COMPLEXITY = 60, 6, 3, 12
SOURCE_LINES, HEADER_LINES, PUBLIC_LINES, PUBLIC_FUNCTIONS = 800, 200, 700, 45
CONDITIONALS = 3
PLATFORM = re.compile(r"index/(store/|base/cpu\.|codec/pack_|codec/rice_)")
TOKEN = re.compile(r"[A-Za-z_]\w*|&&|\|\||[^\s\w]|\d\w*")
NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
LOOPS = ("for", "while", "switch")


class Body:
    """Walks the statements of a function's body, counting decisions and the depth of nesting."""

    def __init__(self, text):
        self.tokens = TOKEN.findall(text)
        self.at = 0
        self.deepest = 0
        self.decisions = sum(t in ("if", "for", "while", "switch", "&&", "||", "?") for t in self.tokens)

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def skip_group(self, opening, closing):
        depth = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            depth += (token == opening) - (token == closing)
            if depth == 0:
                return

    def skip_simple(self):
        while self.peek() not in (";", ""):
            if self.peek() in "({[":
                self.skip_group(self.peek(), {"(": ")", "{": "}", "[": "]"}[self.peek()])
            elif self.peek() == "}":
                return
            else:
                self.at += 1
        self.at += 1

    def block(self, depth):
        self.at += 1
        while self.peek() not in ("}", ""):
            self.statement(depth)
        self.at += 1

    def statement(self, depth):
        self.deepest = max(self.deepest, depth)
        token = self.peek()
        if token == "{":
            self.block(depth)
        elif token in LOOPS or token == "if":
            self.at += 1
            self.skip_group("(", ")")
            self.statement(depth + 1)
            if token == "if" and self.peek() == "else":
                self.at += 1
                self.statement(depth if self.peek() == "if" else depth + 1)
        elif token == "do":
            self.at += 1
            self.statement(depth + 1)
            self.skip_simple()
        elif token in ("case", "default"):
            while self.peek() not in (":", ""):
                self.at += 1
            self.at += 1
        else:
            self.skip_simple()


def functions(paths):
    command = ["ctags", "--fields=+neS", "--kinds-c=f", "--output-format=json", "--languages=C",
               "--langmap=C:.c.h", "-o", "-"]
    out = subprocess.run(command + paths, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def parameters(signature):
    inner = signature.strip()[1:-1].strip()
    if inner in ("", "void"):
        return 0
    depth = 0
    commas = 0
    for c in inner:
        depth += (c == "(") - (c == ")")
        commas += c == "," and depth == 0
    return commas + 1


def blank(match):
    text = match.group(0)
    return "0" + "\n" * text.count("\n") if text[0] in "\"'" else "\n" * text.count("\n")


def check_function(tag, text, root):
    place = f"{os.path.relpath(tag['path'], root)}:{tag['line']}: {tag['name']}"
    lines = tag["end"] - tag["line"] + 1
    if lines > FUNCTION_LINES:
        yield f"{place}: {lines} lines, {FUNCTION_LINES} allowed"
    if not re.match(r"(index|cli)/", os.path.relpath(tag["path"], root)):
        return
    count = parameters(tag.get("signature", "()"))
    if count > PARAMETERS + tag["name"].startswith("quire_"):
        yield f"{place}: {count} parameters, {PARAMETERS} allowed"
    whole = "\n".join(text.split("\n")[tag["line"] - 1:tag["end"]])
    body = Body(whole[whole.index("{"):] if "{" in whole else "")
    if body.tokens:
        body.statement(0)
    if body.deepest > NESTING:
        yield f"{place}: nesting of {body.deepest}, {NESTING} allowed"
    if body.decisions + 1 > COMPLEXITY:
        yield f"{place}: complexity of {body.decisions + 1}, {COMPLEXITY} allowed"


def check_lines(path, text, root):
    short = os.path.relpath(path, root)
    lines = text.count("\n")
    allowed = PUBLIC_LINES if short == "include/quire.h" else HEADER_LINES if path.endswith(".h") else SOURCE_LINES
    if lines > allowed:
        yield f"{short}: {lines} lines, {allowed} allowed"
    if short == "include/quire.h":
        public = len(re.findall(r"^QUIRE_API", text, re.M))
        if public > PUBLIC_FUNCTIONS:
            yield f"{short}: {public} functions, {PUBLIC_FUNCTIONS} allowed"


def check_conditionals(sources, root):
    lines = conditionals = 0
    for path, text in sources.items():
        short = os.path.relpath(path, root)
        if not short.startswith("index/") or PLATFORM.match(short):
            continue
        lines += text.count("\n")
        found = len(re.findall(r"^\s*#\s*if", text, re.M))
        conditionals += found - (1 if path.endswith(".h") else 0)  # the guard of a header is none
    if conditionals * 1000 > CONDITIONALS * lines:
        yield f"index/: {conditionals} #if in {lines} lines, {CONDITIONALS} per 1,000 allowed"


def main(root):
    paths = [p for folder in ("include", "index", "cli", "bench", "tests")
             for p in glob.glob(os.path.join(root, folder, "**", "*.[ch]"), recursive=True)]
    if not paths:
        sys.exit("no source found")
    sources = {p: NOISE.sub(blank, open(p, encoding="utf-8").read()) for p in paths}
    tags = functions(paths)
    faults = [f for p, text in sources.items() for f in check_lines(p, text, root)]
    faults += [f for tag in tags if "end" in tag for f in check_function(tag, sources[tag["path"]], root)]
    faults += list(check_conditionals(sources, root))
    print("\n".join(sorted(faults)))
    lengths = sorted(t["end"] - t["line"] + 1 for t in tags
                     if "end" in t and "/index/" in t["path"].replace(root, "/"))
    if lengths:
        print(f"index/: {len(lengths)} functions, median {lengths[len(lengths) // 2]} lines, "
              f"p90 {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}")
    print(f"{len(paths)} files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
