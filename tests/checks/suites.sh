#!/bin/sh
# SPDX-License-Identifier: MIT
# Every module index/LAYER/MODULE.c has a suite: tests/LAYER/test_MODULE.c, or one in that folder whose opening
# comment says "Covers: MODULE ...". A part shares the suite of its whole: rice_avx2.c that of rice.c.
# usage: suites.sh ROOT
set -eu
cd "$1"
missing=0 modules=0
for source in index/*/*.c; do
    modules=$((modules + 1))
    layer=$(basename "$(dirname "$source")")
    module=$(basename "$source" .c)
    covered=$(awk 'FNR == 1 { on = 1 } on { print } /\*\// { on = 0 }' tests/"$layer"/test_*.c | tr -d '*\n' | grep -o 'Covers:[^.]*\.' || :)
    while ! [ -f "tests/$layer/test_$module.c" ] && ! echo "$covered" | grep -qw -- "$module"; do
        case $module in
        *_*) module=${module%_*} ;;
        *) module= && break ;;
        esac
    done
    [ -z "$module" ] || continue
    echo "$source has no suite: tests/$layer/test_$(basename "$source"), or one that covers it"
    missing=$((missing + 1))
done
echo "$modules modules, $missing without a suite"
[ "$modules" -gt 0 ] && [ "$missing" -eq 0 ]
