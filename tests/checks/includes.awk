# SPDX-License-Identifier: MIT
# Who may include what. Reads index/LAYERS, then sources; prints every include that breaks a rule:
#
#  - a file of index/ includes its own folder and those that LAYERS grants, always as "layer/file.h";
#  - a library of others is included by one file alone; the system's headers by index/store alone;
#  - cli/ knows only quire.h and what stands beside it; bench/ also what it measures.
#
# usage: awk -f includes.awk index/LAYERS index/*/*.[ch] cli/*.[ch] ...
BEGIN {
    home["xxhash.h"] = "index/base/hash.c"
    home["utf8proc.h"] = "index/text/unicode.c"
    home["libstemmer.h"] = "index/text/stem.c"
    home["zstd.h"] = "index/codec/stored.c"
    home["zdict.h"] = "index/codec/stored.c"
    home["zstd_errors.h"] = "index/codec/stored.c"
    plain = "^(assert|ctype|errno|float|immintrin|inttypes|limits|locale|math|stdarg|stdbool|stddef|" \
            "stdint|stdio|stdlib|string|time|arm_neon|wchar)[.]h$"
}

function complain(text)
{
    printf "%s:%d: %s\n", FILENAME, FNR, text
    faults++
}

# The path from the project's root, whatever folder the check is run from.
function place(path,    parts, n, i)
{
    n = split(path, parts, "/")
    for (i = n; i > 0; i--)
        if (parts[i] ~ /^(index|cli|bench|tests)$/) {
            path = parts[i]
            for (i++; i <= n; i++)
                path = path "/" parts[i]
            return path
        }
    return path
}

function check_own(header,    parts, n)
{
    if (header == "quire.h")
        return
    n = split(header, parts, "/")
    if (top == "cli" && n != 1)
        complain(top " may include quire.h and its own headers alone, not \"" header "\"")
    else if (top == "index" && n != 2)
        complain("write \"layer/file.h\" instead of \"" header "\"")
    else if (top == "index" && !((layer, parts[1]) in may))
        complain(layer " may not include " parts[1] " (index/LAYERS)")
}

function check_system(header)
{
    if (top != "index")
        return
    if (header in home) {
        if (file != home[header])
            complain("<" header "> belongs to " home[header] " alone")
    } else if (layer != "store" && header !~ plain) {
        complain("<" header "> talks to the system: index/store alone does")
    }
}

FNR == NR {
    own = $1
    sub(/:$/, "", own)
    may[own, own]
    for (i = 2; i <= NF; i++)
        may[own, $i]
    next
}

FNR == 1 {
    file = place(FILENAME)
    split(file, part, "/")
    top = part[1]
    layer = part[2]
    files++
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    check_own(quoted[2])
}

/^[ \t]*#[ \t]*include[ \t]*</ {
    split($0, angled, /[<>]/)
    check_system(angled[2])
}

END {
    if (files == 0) {
        print "no source was given"
        exit 1
    }
    printf "%d files, %d faults\n", files, faults
    exit faults > 0
}
