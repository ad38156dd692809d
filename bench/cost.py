#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program and prints as a line of JSON what it cost, with all that it starts and waits for.

usage: cost.py CORE[,CORE]... PROGRAM [ARGUMENT]...

A process of its own, for a peak of memory counts what the process had before it became the program: that is this small
one, not a suite that holds corpora.
"""
import json
import os
import sys
import time


def cost(cores, command):
    os.sched_setaffinity(0, cores)
    started = time.monotonic()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # it has ended, and its counters can still be read
    wall = time.monotonic() - started
    with open(f"/proc/{child}/io", encoding="utf-8") as lines:
        written = next(int(line.split()[1]) for line in lines if line.startswith("wchar:"))
    _, status, used = os.wait4(child, 0)
    return {"exit": os.waitstatus_to_exitcode(status), "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
            "wall_seconds": round(wall, 3), "peak_kb": used.ru_maxrss, "bytes_written": written}


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    print(json.dumps(cost({int(core) for core in sys.argv[1].split(",")}, sys.argv[2:])))
