# SPDX-License-Identifier: MIT
"""What changing an index costs: the runs of `quire-bench updates`, and a folder that did not change, looked at again."""
import json
import os
import resource
import shutil
import subprocess
import time

FILES, FILES_A_FOLDER, REFRESHES = 15000, 100, 5


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rows(harness, corpus, folder, settings):
    """One row for each run of the harness; an error is raised if it fails."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    done = subprocess.run([harness, "updates", corpus, folder, *settings], stdout=subprocess.PIPE, text=True, check=True)
    shutil.rmtree(folder)
    return [json.loads(line) for line in done.stdout.splitlines()]


def write_files(corpus, folder):
    """The first documents of a corpus as files; how many."""
    shutil.rmtree(folder, ignore_errors=True)
    count = 0
    with open(corpus, encoding="utf-8") as lines:
        for count, line in enumerate(lines):
            if count == FILES:
                return count
            part = os.path.join(folder, str(count // FILES_A_FOLDER))
            os.makedirs(part, exist_ok=True)
            with open(os.path.join(part, f"{count}.txt"), "w", encoding="utf-8") as out:
                out.write(json.loads(line)["text"])
    return count + 1


def refresh(harness, corpus, folder):
    """`quire index FOLDER`, once to build and then on what did not change; None without the program beside the harness."""
    program = os.path.join(os.path.dirname(os.path.dirname(harness)), "cli", "quire")
    if not os.path.exists(program):
        return None
    texts, index = os.path.join(folder, "texts"), os.path.join(folder, "index")
    files = write_files(corpus, texts)
    command = [program, "index", "--quiet", "--index", index, texts]
    times = []
    for _ in range(1 + REFRESHES):
        wall, cpu = time.monotonic(), children_cpu()
        subprocess.run(command, check=True)
        times.append((time.monotonic() - wall, children_cpu() - cpu))
    shutil.rmtree(folder)
    best = [round(min(column), 4) for column in zip(*times[1:])]
    return {"engine": "quire", "run": "unchanged folder", "files": files, "cpu_seconds": best[1], "wall_seconds": best[0],
            "first_cpu_seconds": round(times[0][1], 4)}
