#!/bin/sh
# SPDX-License-Identifier: MIT
# index/README.md is the map of the sources: it names every module, and what it names exists. tests/README.md
# lists every variable that tests heed.
# usage: map.sh ROOT
set -eu
cd "$1"
faults=0
words=$(cat index/*/*.[ch] include/quire.h | tr -cs 'A-Za-z0-9_' '\n' | sort -u)
names=$(grep -o '`[^`]*`' index/README.md | tr -d '`' | sort -u)
for file in index/*/*.[ch]; do
    module=$(basename "${file%.*}")
    layer=$(basename "$(dirname "$file")")
    [ "$layer" = api ] && continue
    echo "$names" | grep -qxE "$module|$layer/$module\.[ch]" || { echo "$file is not on the map"; faults=$((faults + 1)); }
done
for name in $names $(grep -o "quire_[a-z_]*" index/package/libquire.3); do
    case $name in
    */*.[ch]) [ -f "index/$name" ] ;;
    qi_* | quire_*) echo "$words" | grep -qx -- "$name" ;;
    *[!a-z0-9_]*) true ;;
    *) ls index/*/"$name".[ch] >/dev/null 2>&1 ;;
    esac || { echo "on the map, but not there: $name"; faults=$((faults + 1)); }
done
for variable in $(grep -rhoE '(getenv|environ.get|environ)[([]"QUIRE_[A-Z_]*"' tests | grep -o 'QUIRE_[A-Z_]*' | sort -u); do
    grep -q "\`$variable\`" tests/README.md || { echo "$variable is not in tests/README.md"; faults=$((faults + 1)); }
done
echo "$(echo "$names" | wc -l) names, $faults faults"
[ "$faults" -eq 0 ]
