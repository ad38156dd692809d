#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes words_table.inc, the table behind words.c, from the files of the Unicode character database.

    gen_words.py [FOLDER] > words_table.inc       FOLDER: default /usr/share/unicode

A character's value is one byte: its Word_Break class, and three flags. The table has two stages: the first
gives the block of 128 characters, the second the values of a block; equal blocks are stored once. A third
table says of a byte, how it begins or goes on a run of ASCII.
"""
import re
import sys

LAST, BLOCK = 0x110000, 128
CLASSES = ("Other CR LF Newline Extend Format ZWJ Regional_Indicator Katakana Hebrew_Letter ALetter "
           "Single_Quote Double_Quote MidNumLet MidLetter MidNum Numeric ExtendNumLet WSegSpace").split()
PICTURE, WORD, IDEOGRAPH = 0x20, 0x40, 0x80
NONE, RUN, LINK, LONG = range(4)  # of a byte: in no word, letter or digit, low line, of a longer character
SCRIPTS = {"Han", "Hiragana", "Katakana", "Hangul"}


def ranges(path):
    """(first, last, property) of each line of a property file."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = [f.strip() for f in line.split("#")[0].split(";")]
            if len(fields) >= 2:
                first, _, last = fields[0].partition("..")
                yield int(first, 16), int(last or first, 16), fields[1]


def members(path, names):
    return {c for first, last, name in ranges(path) if name in names for c in range(first, last + 1)}


def version(path):
    with open(path, encoding="utf-8") as lines:
        return re.search(r"-([0-9.]+)\.txt", lines.readline()).group(1)


def values(folder):
    table = bytearray(LAST)
    for first, last, name in ranges(folder + "/auxiliary/WordBreakProperty.txt"):
        table[first:last + 1] = bytes([CLASSES.index(name)]) * (last + 1 - first)
    categories = folder + "/extracted/DerivedGeneralCategory.txt"
    marks = members(categories, {"Mn", "Mc", "Me"})
    letters = members(categories, {"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Nd"})
    letters |= members(folder + "/DerivedCoreProperties.txt", {"Alphabetic"}) - marks
    pictures = members(folder + "/emoji/emoji-data.txt", {"Extended_Pictographic"})
    ideographs = members(folder + "/Scripts.txt", SCRIPTS)
    ideographs |= {c for c in range(LAST) if table[c] == CLASSES.index("Katakana")}
    for flag, chosen in ((PICTURE, pictures), (WORD, letters), (IDEOGRAPH, ideographs & letters)):
        for c in chosen:
            table[c] |= flag
    return bytes(table)


def kind(table, byte):
    if byte > 127:
        return LONG
    if table[byte] & WORD:
        return RUN
    return LINK if table[byte] == CLASSES.index("ExtendNumLet") else NONE


def declare(kind, name, numbers):
    print(f"static const {kind} {name}[{len(numbers)}] = {{")
    line = "   "
    for n in numbers:
        if len(line) + len(str(n)) + 2 > 100:
            print(line)
            line = "   "
        line += f" {n},"
    print(line + "\n};")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
    table = values(folder)
    blocks, index = {}, []
    for first in range(0, LAST, BLOCK):
        index.append(blocks.setdefault(table[first:first + BLOCK], len(blocks)))
    while index[-1] == index[-2]:
        index.pop()
    print("/* SPDX-License-Identifier: MIT")
    print(" * Written by gen_words.py from the Unicode character database. Characters past the end of the")
    print(" * first stage have the values of its last block. */")
    print(f'#define QI_WORDS_UNICODE "{version(folder + "/auxiliary/WordBreakProperty.txt")}"')
    print("enum {")
    for number, name in enumerate(CLASSES):
        print(f"    WB_{name.upper()} = {number},")
    print(f"    WB_CLASS = 0x1F,\n    WB_PICTURE = {PICTURE:#x},\n    WB_WORD = {WORD:#x},")
    print(f"    WB_IDEOGRAPH = {IDEOGRAPH:#x},")
    print(f"    WB_BLOCK = {BLOCK}\n}};")
    print(f"enum {{\n    BYTE_NONE = {NONE},\n    BYTE_WORD = {RUN},\n    BYTE_LINK = {LINK},")
    print(f"    BYTE_LONG = {LONG}\n}};")
    declare("uint8_t", "wb_bytes", [kind(table, b) for b in range(256)])
    declare("uint8_t" if len(blocks) < 257 else "uint16_t", "wb_blocks", index)
    declare("uint8_t", "wb_values", b"".join(blocks))


main()
