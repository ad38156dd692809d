# SPDX-License-Identifier: MIT
"""The engines of the benchmark: how their harnesses are built, run, and asked."""
import dataclasses
import hashlib
import json
import math
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PEERS = ["tantivy", "lucene", "fts5", "xapian"]
UNSUPPORTED = 3


@dataclasses.dataclass
class Engine:
    name: str
    harness: str
    identity: str  # changes when the program does
    about: dict


def digest(*parts):
    state = hashlib.blake2b(digest_size=8)
    for part in parts:
        state.update(part if isinstance(part, bytes) else str(part).encode())
        state.update(b"\0")
    return state.hexdigest()


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def cache_value(build, name):
    """A variable of CMake's cache, "" if it has none."""
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as lines:
        values = [line.split("=", 1)[1].strip() for line in lines if line.startswith(name + ":")]
    return values[0] if values else ""


def first_line(*command):
    """What a program says first; "unknown" if it is not there."""
    if shutil.which(command[0]) is None:
        return "unknown"
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return (done.stdout.splitlines() or ["unknown"])[0]


def build_quire(folder, compiler=None, options=(), targets=("quire-bench",)):
    """The release build of quire-bench, and of other targets, in `folder`; path of quire-bench."""
    environment = dict(os.environ, **({"CC": compiler} if compiler else {}))
    if os.path.exists(os.path.join(folder, "CMakeCache.txt")) and cache_value(folder, "CMAKE_HOME_DIRECTORY") != ROOT:
        shutil.rmtree(folder)  # another checkout built there
    commands = [["cmake", "-S", ROOT, "-B", folder, "--preset", "release", "-DQUIRE_TESTS=OFF", "-DQUIRE_BENCH=ON",
                 *options],
                ["cmake", "--build", folder, "--target", *targets, "-j", str(os.cpu_count() or 1)]]
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"run: {' '.join(command)} failed:\n{done.stdout[-4000:]}")
    return os.path.join(folder, "bench", "quire-bench")


def quire(program):
    build = os.path.dirname(os.path.dirname(program))
    about = {"compiler": "unknown", "flags": "unknown"}
    if os.path.exists(os.path.join(build, "CMakeCache.txt")):
        about["compiler"] = first_line(cache_value(build, "CMAKE_C_COMPILER"), "--version")
        kind = cache_value(build, "CMAKE_BUILD_TYPE").upper()
        flags = [cache_value(build, name) for name in ("CMAKE_C_FLAGS", "CMAKE_C_FLAGS_" + kind)]
        about["flags"] = " ".join(flags).strip()
    return Engine("quire", program, digest(contents(program)), about)


def build_peer(name, work):
    """The engine, built in work/peers/NAME if its sources changed; or a line that says why not."""
    source, target = os.path.join(HERE, "peers", name), os.path.join(work, "peers", name)
    if not os.path.exists(os.path.join(source, "build")):
        return f"no bench/peers/{name}"
    files = sorted(os.path.join(at, file) for folder in (source, os.path.join(HERE, "peers", "common"))
                   for at, _, names in os.walk(folder) for file in names)
    identity = digest(*(contents(path) for path in files))
    stamp, harness = os.path.join(target, "identity"), os.path.join(target, "harness")
    if not (os.path.exists(harness) and os.path.exists(stamp) and contents(stamp).decode() == identity):
        os.makedirs(target, exist_ok=True)
        done = subprocess.run([os.path.join(source, "build"), target], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or [f"build failed with {done.returncode}"]
            return said[-1]
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(identity)
    return Engine(name, harness, identity, {})


def run_json(command):
    """The JSON line that a program prints last, and its exit code."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    return (json.loads(lines[-1]) if lines else {}), done.returncode


class Index:
    """An engine's index of a corpus, built once for each program, corpus and settings."""

    def __init__(self, engine, corpus_path, settings, folder):
        self.engine, self.settings = engine, settings
        about = os.stat(corpus_path)
        key = digest(engine.identity, about.st_size, *settings)
        self.path = os.path.join(folder, f"{engine.name}-{key}")
        self.corpus = corpus_path

    def build(self, most_load=math.inf):
        """What the harness said; {"unsupported": why} if it cannot, {"failed": ...} if it did not. An index is kept,
        unless the machine was busier than `most_load` when it was built."""
        stamp = self.path + ".json"
        if os.path.exists(stamp):
            with open(stamp, encoding="utf-8") as file:
                said = json.load(file)
            if said.get("load", 0) <= most_load:
                return said
        self.remove_others()
        command = [self.engine.harness, "index", self.corpus, self.path] + self.settings
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        load = os.getloadavg()[0]
        said, code = run_json(command)
        if code not in (0, UNSUPPORTED):
            return {"failed": f"{self.engine.name} index ended with {code}"}
        said["load"] = round(min(load, os.getloadavg()[0]) if code == 0 else 0, 2)
        with open(stamp, "w", encoding="utf-8") as file:
            json.dump(said, file)
        return said

    def remove_others(self):
        """Indexes that other versions of the program left: all but the newest two."""
        folder, start = os.path.dirname(self.path), self.engine.name + "-"
        if not os.path.isdir(folder):
            return
        stamps = [os.path.join(folder, name) for name in os.listdir(folder)
                  if name.startswith(start) and name.endswith(".json")]
        for stamp in sorted(stamps, key=os.path.getmtime)[:-2]:
            shutil.rmtree(stamp[:-len(".json")], ignore_errors=True)
            os.remove(stamp)


@dataclasses.dataclass
class Answer:
    count: int
    median: float  # microseconds
    least: float
    top: list      # ids of up to ten hits
    error: str = ""


def parse_answer(line):
    parts = line.rstrip("\n").split("\t")
    if parts[0] == "!":
        return Answer(0, 0, 0, [], parts[1] if len(parts) > 1 else "unsupported")
    top = [hit.rsplit(":", 1)[0] for hit in parts[3].split(" ") if hit] if len(parts) > 3 else []
    return Answer(int(parts[0]), int(parts[1]) / 1000, int(parts[2]) / 1000, top)


class Server:
    """A harness that answers queries on one index."""

    def __init__(self, engine, path, settings):
        self.engine = engine
        self.process = subprocess.Popen([engine.harness, "query", path] + settings, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1 << 16)
        self.about = json.loads(self.line())

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.engine.name} query ended with {self.process.wait()}")
        return line

    def ask(self, mode, repeat, queries):
        self.process.stdin.write(f"{mode}\t{repeat}\t{len(queries)}\n" + "".join(q + "\n" for q in queries))
        self.process.stdin.flush()
        return [parse_answer(self.line()) for _ in queries]

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:  # it is gone already
            pass
        self.process.wait()
        self.process.stdout.close()
