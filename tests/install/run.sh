#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the package into a folder of its own, moves it, and builds the five examples against it as somebody
# else would: with CMake and with pkg-config, shared and static. Runs each and compares what it prints.
# usage: run.sh SOURCE_DIR BUILD_DIR WORK_DIR CC
set -eu
source=$1 build=$2 work=$3 cc=$4
names="quickstart fields snippet readers memory"
programs=0
fail() {
    echo "$1" >&2
    exit 1
}

rm -rf "$work"
mkdir -p "$work/pkg"
cmake --install "$build" --prefix "$work/first" >"$work/install.log"
mv "$work/first" "$work/prefix"
prefix=$work/prefix
lib=$(dirname "$(find "$prefix" -name libquire.a)")
[ -f "$prefix/include/quire.h" ] || fail "quire.h is not installed"
[ -f "$lib/libquire.so.0.1" ] || fail "the shared library is not installed under its SONAME"

# run PROGRAM NAME: in an empty folder; prints what NAME.expected holds.
run() {
    rm -rf "$work/here"
    mkdir "$work/here"
    (cd "$work/here" && LD_LIBRARY_PATH="$lib" "$1") >"$work/out" 2>&1 || { cat "$work/out"; fail "$1 failed"; }
    diff -u "$source/tests/examples/$2.expected" "$work/out" || fail "$1 printed something else"
    programs=$((programs + 1))
}

quiet() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "failed: $*"; }
}
quiet cmake -S "$source/tests/examples" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="-Wall -Wextra -pedantic -Werror"
quiet cmake --build "$work/cmake"
for name in $names; do
    run "$work/cmake/$name" "$name"
    run "$work/cmake/${name}_static" "$name"
done

export PKG_CONFIG_PATH="$lib/pkgconfig"
wanted=$(sed -n 's/^project(quire VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")
[ "$(pkg-config --modversion quire)" = "$wanted" ] || fail "quire.pc is not of version $wanted"
for name in $names; do
    example=$source/tests/examples/$name.c
    quiet $cc -std=c11 -pthread "$example" -o "$work/pkg/$name" $(pkg-config --cflags --libs quire)
    run "$work/pkg/$name" "$name"
    # What --static adds must be enough for libquire.a.
    quiet $cc -std=c11 -pthread $(pkg-config --cflags quire) "$example" -o "$work/pkg/${name}_static" \
        "$lib/libquire.a" $(pkg-config --static --libs quire | sed 's/-lquire//')
    readelf -d "$work/pkg/${name}_static" | grep -q 'NEEDED.*libquire' && fail "$name is linked to libquire.so"
    run "$work/pkg/${name}_static" "$name"
done
echo "$programs programs ran as expected"
