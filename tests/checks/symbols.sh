#!/bin/sh
# SPDX-License-Identifier: MIT
# What the built library shows and holds:
#  - the shared library exports the functions that quire.h declares, and nothing else;
#  - every other global symbol of the static library begins with qi_;
#  - no object has writable data, but for the table that lets a fork drop its locks (store/dir_posix*);
#  - nothing prints, exits or aborts; the heap is reached from base/mem alone, the system from store alone.
# usage: symbols.sh ROOT libquire.a libquire.so
set -eu
header=$1/include/quire.h static=$2 shared=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0
complain() {
    echo "$1"
    sed 's/^/    /' "$2"
    faults=$((faults + 1))
}

tr '\n' ' ' <"$header" | grep -o 'QUIRE_API[^;(]*quire_[a-z_0-9]* *(' |
    sed 's/ *($//; s/.*[ *]//' | sort >"$work/declared"
nm -D --defined-only "$shared" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
[ -s "$work/declared" ] || { echo "no function found in $header"; exit 1; }
comm -3 "$work/declared" "$work/exported" >"$work/differ"
[ -s "$work/differ" ] && complain "declared in quire.h alone, or (indented) exported alone:" "$work/differ"

nm -g --defined-only "$static" | awk 'NF == 3 { print $3 }' | sort |
    comm -23 - "$work/declared" | grep -v '^qi_' >"$work/strangers" || :
[ -s "$work/strangers" ] && complain "global symbols without qi_:" "$work/strangers"

# Objects with bytes in .data, .bss or thread-local storage. (.data.rel.ro is constant after loading.)
objdump -t "$static" | awk -F '\t' '
    / file format / { object = $1; sub(/:.*/, "", object) }
    NF == 2 {
        n = split($1, left, " ")
        section = left[n]
        m = split($2, right, " ")
        if (section ~ /^[.](data|bss|tdata|tbss)([.]|$)/ && section !~ /^[.]data[.]rel[.]ro/ &&
            right[1] !~ /^0*$/ && object !~ /^dir_posix/)
            print object ": " right[m] " in " section
    }' >"$work/writable"
[ -s "$work/writable" ] && complain "writable data:" "$work/writable"

nm -A -u "$static" | sed 's/.*:\([^:]*\): *U /\1 /; s/@.*//' >"$work/used"
for source in "$1"/index/store/*.c; do basename "$source"; done | tr '\n' ' ' >"$work/store"
awk -v store="$(cat "$work/store")" '
    BEGIN {
        split(store, names)
        for (i in names) of_store[names[i] ".o"]
        split("printf vprintf fprintf vfprintf puts putchar fputs fputc putc fwrite perror exit _exit abort " \
              "raise signal sigaction atexit system popen __printf_chk __fprintf_chk", never)
        split("malloc calloc realloc free strdup strndup aligned_alloc posix_memalign", heap)
        split("open openat close read write pread pwrite mmap munmap fsync fdatasync rename renameat unlink " \
              "unlinkat mkdir fstat stat fstatat lseek fcntl flock opendir fdopendir readdir closedir fopen " \
              "getenv pthread_create pthread_atfork fork nanosleep usleep sysconf getrandom", door)
        for (i in never) forbidden[never[i]] = "nothing of the library"
        for (i in heap) forbidden[heap[i]] = "base/mem alone"
        for (i in door) forbidden[door[i]] = "store alone"
    }
    $2 in forbidden {
        if (forbidden[$2] == "base/mem alone" && $1 == "mem.c.o")
            next
        if (forbidden[$2] == "store alone" && $1 in of_store)
            next
        print $1 ": " $2 " (" forbidden[$2] " may call it)"
    }' "$work/used" >"$work/calls"
[ -s "$work/calls" ] && complain "calls that the library must not make:" "$work/calls"

echo "$(wc -l <"$work/exported") symbols exported, $faults faults"
[ "$faults" -eq 0 ]
