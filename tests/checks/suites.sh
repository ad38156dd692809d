#!/bin/sh
# SPDX-License-Identifier: MIT
# Every module index/LAYER/MODULE.c has its suite tests/LAYER/test_MODULE.c. Kernels of one module share the
# suite of the module: pack_scalar.c is tested by test_pack.c.
# usage: suites.sh ROOT
set -eu
cd "$1"
missing=0 modules=0
for source in index/*/*.c; do
    modules=$((modules + 1))
    layer=$(basename "$(dirname "$source")")
    module=$(basename "$source" .c)
    while [ ! -f "tests/$layer/test_$module.c" ]; do
        case $module in
        *_*) module=${module%_*} ;;
        *)
            echo "$source has no suite tests/$layer/test_$(basename "$source")"
            missing=$((missing + 1))
            break
            ;;
        esac
    done
done
echo "$modules modules, $missing without a suite"
[ "$modules" -gt 0 ] && [ "$missing" -eq 0 ]
