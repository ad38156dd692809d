#!/bin/sh
# SPDX-License-Identifier: MIT
# Every module index/LAYER/MODULE.c has a suite: tests/LAYER/test_MODULE.c, or one in that folder or in
# tests/cross whose opening comment says "Covers: MODULE ...".
# usage: suites.sh ROOT
set -eu
cd "$1"
missing=0 modules=0
for source in index/*/*.c; do
    modules=$((modules + 1))
    layer=$(basename "$(dirname "$source")")
    module=$(basename "$source" .c)
    [ -f "tests/$layer/test_$module.c" ] && continue
    sed -n '1,/\*\//p' tests/"$layer"/test_*.c | tr '\n' ' ' | grep -o 'Covers:[^.]*\.' | grep -qw -- "$module" && continue
    echo "$source has no suite: tests/$layer/test_$module.c, or one that covers it"
    missing=$((missing + 1))
done
echo "$modules modules, $missing without a suite"
[ "$modules" -gt 0 ] && [ "$missing" -eq 0 ]
