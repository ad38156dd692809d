#!/bin/sh
# SPDX-License-Identifier: MIT
# quire.h alone compiles, without a warning, in every dialect it promises.
# usage: header.sh INCLUDE_DIR CC CXX
set -eu
include=$1 cc=$2 cxx=$3
strict="-I$include -pedantic -pedantic-errors -Werror -Wall -Wextra -Wconversion -Wshadow -fsyntax-only"
for std in c99 c11 c17; do
    echo '#include "quire.h"' | $cc -std=$std $strict -Wstrict-prototypes -x c -
    echo "$std: fine"
done
if command -v "$cxx" >/dev/null; then
    for std in c++11 c++17; do
        echo '#include "quire.h"' | $cxx -std=$std $strict -x c++ -
        echo "$std: fine"
    done
else
    echo "no C++ compiler: $cxx" && exit 1
fi
