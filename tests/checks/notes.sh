#!/bin/sh
# SPDX-License-Identifier: MIT
# quire-query(7) lists every code of a note, and no other.
# usage: notes.sh ROOT
set -eu
cd "$1"
codes=$(tr '\n' ' ' <index/search/note.c | grep -oE '\[QI_NOTE_[A-Z_]+\] = +\{ *"[a-z-]+"' | cut -d'"' -f2 | sort -u)
listed=$(sed -n '/^\.SH NOTES/,/^\.SH SEE ALSO/p' index/package/quire-query.7 | grep -E '^\.BR? [a-z]+-' |
    grep -oE '[a-z]+-[a-z-]+' | sort -u)
echo "$(echo "$codes" | wc -l) codes"
[ -n "$codes" ] && [ "$codes" = "$listed" ] || {
    echo "index/search/note.c has: " $codes
    echo "quire-query(7) lists:    " $listed
    exit 1
}
