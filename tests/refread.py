#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads an index from what index/FORMAT.md says of it, and nothing else: standard library only.

usage: refread.py FOLDER

Prints every document, term, occurrence, value and bound, one fact a line, as
tests/cross/test_refread.c prints them through the library; the two must agree. Stored documents are
compressed, for which the standard library has no means before Python 3.14: of them it prints how
long they are.
"""

import os
import struct
import sys

M64 = (1 << 64) - 1
M32 = (1 << 32) - 1
BLOCK = 256

class Damage(Exception):
    """An invariant of FORMAT.md is broken."""

def claim(fact, what):
    if not fact:
        raise Damage(what)

# ---- XXH3, 64 bits, no seed ----
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578"
    "825ad07dccff7221b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea3"
    "71644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931"
    "c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)
P32 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P64 += 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5

def secret(at):
    return int.from_bytes(SECRET[at : at + 8], "little")

def fold(a, b):
    return (a * b ^ a * b >> 64) & M64

def avalanche(h):
    h ^= h >> 37
    h = h * 0x165667919E3779F9 & M64
    return h ^ h >> 32

def mix(data, at, key):
    low, high = struct.unpack_from("<QQ", data, at)
    return fold(low ^ secret(key), high ^ secret(key + 8))

def hash_middle(data):
    n = len(data)
    acc = n * P64[0]
    if n <= 128:
        for i in range((n - 1) // 32 + 1):
            acc += mix(data, 16 * i, 32 * i) + mix(data, n - 16 * (i + 1), 32 * i + 16)
        return avalanche(acc & M64)
    for i in range(8):
        acc += mix(data, 16 * i, 16 * i)
    acc = avalanche(acc & M64)
    for i in range(8, n // 16):
        acc += mix(data, 16 * i, 16 * (i - 8) + 3)
    return avalanche((acc + mix(data, n - 16, 119)) & M64)

def accumulate(acc, data, at, key):
    for i, value in enumerate(struct.unpack_from("<8Q", data, at)):
        mixed = value ^ secret(key + 8 * i)
        acc[i ^ 1] += value
        acc[i] += (mixed & M32) * (mixed >> 32)
    for i in range(8):
        acc[i] &= M64

def hash_of(data):
    n = len(data)
    claim(n > 16, "hashes of fewer than 17 bytes are not needed")
    if n <= 240:
        return hash_middle(data)
    acc = [P32[2], P64[0], P64[1], P64[2], P64[3], P32[1], P64[4], P32[0]]
    for stripe in range((n - 1) // 64):
        accumulate(acc, data, 64 * stripe, 8 * (stripe % 16))
        if stripe % 16 == 15:
            acc = [((a ^ a >> 47 ^ secret(128 + 8 * i)) * P32[0]) & M64 for i, a in enumerate(acc)]
    accumulate(acc, data, n - 64, 121)
    h = n * P64[0]
    for i in range(0, 8, 2):
        h += fold(acc[i] ^ secret(11 + 8 * i), acc[i + 1] ^ secret(19 + 8 * i))
    return avalanche(h & M64)

class Cursor:
    def __init__(self, data):
        self.data = bytes(data)
        self.at = 0

    def take(self, n):
        claim(n <= self.left(), "bytes are cut short")
        self.at += n
        return self.data[self.at - n : self.at]

    def left(self):
        return len(self.data) - self.at

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def unpack(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    u8, u16, u32, u64, i64, f32 = (lambda self, f=f: self.unpack(f)[0] for f in "BHIQqf")

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.u8()
            value |= (byte & 127) << shift
            if byte < 128:
                break
        claim(byte < 128 and value <= M64, "a varint has more than 64 bits")
        return value

    def array(self, count):
        return self.unpack("%dI" % count)

def bits_of(data):
    """A bitmap as text, the first bit first."""
    return format(int.from_bytes(data, "little"), "b")[::-1]

def members_of(data):
    return [i for i, bit in enumerate(bits_of(data)) if bit == "1"]

# ---- Blocks of numbers ----
def low_bits(data, n, k):
    whole = int.from_bytes(data, "little")
    mask = (1 << k) - 1
    if n < BLOCK:
        return [whole >> i * k & mask for i in range(n)]
    words = struct.unpack("<%dI" % (8 * k), data)
    values = []
    for lane in range(8):
        stream = sum(words[8 * w + lane] << 32 * w for w in range(k))
        values += [stream >> row * k & mask for row in range(32)]
    return values

def block(data, n):
    """The values of a block of n."""
    cursor = Cursor(data[:1057])
    tag = cursor.u8()
    if tag == 128:
        return [cursor.varint()] * n
    claim(tag < 64, "R-2")
    k, last, values = tag & 31, -1, [0] * n
    for _ in range(cursor.u8() + 1 if tag & 32 else 0):
        index = cursor.u8()
        claim(last < index < n, "R-3")
        values[index] = cursor.varint() << k
        last = index
    for i, low in enumerate(low_bits(cursor.take((n * k + 7) // 8), n, k)):
        values[i] += low
    ones = bits_of(cursor.take(cursor.left()))
    at = -1
    for i in range(n):
        one = ones.find("1", at + 1)
        claim(one >= 0, "R-1")
        values[i] += one - at - 1 << k
        at = one
    claim(max(values) <= M32, "R-4")
    return values

def gaps(data, n, before):
    """Strictly increasing numbers after `before`, which is -1 for none."""
    numbers = []
    for value in block(data, n):
        before += value + 1
        numbers.append(before)
    claim(before < M32, "R-4")
    return numbers

def chained(data, offsets, count):
    """Blocks of gaps that go on from one to the next."""
    numbers = []
    for i, offset in enumerate(offsets):
        n = min(BLOCK, count - BLOCK * i)
        numbers += gaps(data[offset:], n, numbers[-1] if numbers else -1)
    claim(len(numbers) == count, "a list has %d numbers instead of %d" % (len(numbers), count))
    return numbers

# ---- Files ----
def sections_of(path, kind, uuid, seq, length, trailer):
    with open(path, "rb") as file:
        data = file.read()
    claim(len(data) == length, "E-1: length")
    head = Cursor(data[:64])
    claim(head.take(8) == b"QUIRE\0\r\n", "not a file of an index")
    found, version, needed = head.u32(), head.u32(), head.u32()
    claim(version == 1 and needed == 0, "a newer format")
    head.take(12)
    claim(found == kind and head.take(16) == uuid and head.u64() == seq, "E-1: another file")
    claim(head.u64() == hash_of(data[:56]), "E-1: header")
    foot = Cursor(data[-40:])
    count, zero, body, size, table = foot.u32(), foot.u32(), foot.u64(), foot.u64(), foot.u64()
    claim(zero == 0 and size == len(data), "E-1: footer")
    claim(foot.u64() == trailer == hash_of(data[-40:-8]), "E-1: hash of the footer")
    claim(hash_of(data[body:-40]) == table, "E-2")
    rest = Cursor(data[body:-40])
    for start in range(0, body, 16384):
        claim(rest.u64() == hash_of(data[start : min(start + 16384, body)]), "E-4")
    sections, end = {}, 64
    for _ in range(count):
        name, offset, size = rest.take(8).rstrip(b"\0").decode(), rest.u64(), rest.u64()
        claim(offset % 64 == 0 and offset >= end and offset + size + 64 <= body, "E-3")
        sections[name], end = data[offset : offset + size], offset + size + 64
    claim(rest.left() == 0, "E-2")
    return sections

def read_schema(data):
    cursor = Cursor(data)
    k1, b, unicode = cursor.f32(), cursor.f32(), cursor.take(cursor.u8())
    claim(0 <= k1 <= 1000 and 0 <= b <= 1, "H-1")
    claim(len(unicode) < 12 and not unicode.strip(b"0123456789."), "H-5")
    fields = []
    for _ in range(cursor.u8()):
        field = {"name": cursor.take(cursor.u8()).decode(), "type": cursor.u8()}
        flags = cursor.u8()
        field.update(stored=flags & 2, exact=flags & 8, indexed=not flags & 16, weight=cursor.f32())
        claim(flags < 32 and cursor.u8() < 16, "H-3")
        field["language"] = cursor.take(cursor.u8()).decode()
        fields.append(field)
    claim(cursor.left() == 0, "G-1")
    return fields

def read_commit(cursor):
    generation = cursor.u64()
    payload = cursor.take(cursor.u32())
    names = "seq length hash documents deleted deletes deletes_length deletes_hash".split()
    count = cursor.u32()
    return generation, payload, [dict(zip(names, cursor.unpack("QQQIIQQQ"))) for _ in range(count)]

def read_manifest(folder):
    with open(os.path.join(folder, "MANIFEST"), "rb") as file:
        data = file.read()
    cursor = Cursor(data[:-8])
    claim(cursor.take(8) == b"QUIRE-IX" and cursor.u32() == 1 and cursor.u32() == 0, "format")
    claim(hash_of(data[:-8]) == int.from_bytes(data[-8:], "little"), "G-7")
    uuid = cursor.take(24)[8:]
    following = cursor.u64()
    fields = read_schema(cursor.take(cursor.u32()))
    commit, before = read_commit(cursor), read_commit(cursor)
    claim(cursor.left() == 0 and before[0] == commit[0] - 1, "G-1, G-3")
    for entry in commit[2]:
        claim(entry["seq"] < following, "G-4")
    return uuid, fields, commit

# ---- Parts of a segment ----
def read_set(data, documents):
    cursor = Cursor(data)
    claim(cursor.u32() == documents, "S-1")
    count = cursor.u32()
    members = members_of(cursor.take((documents + 63) // 64 * 8))
    claim(len(members) == count, "S-2")
    claim(not members or members[-1] < documents, "S-3")
    return members

def read_column(data, documents):
    """Pairs of document and value."""
    cursor = Cursor(data)
    claim(cursor.u32() == documents, "C-1")
    width, some, zero = cursor.u8(), cursor.u8(), cursor.u16()
    least, step = cursor.i64(), cursor.u64()
    claim(width <= 56 or width == 64, "C-2")
    claim(some < 2 and zero == 0, "C-4")
    present = members_of(cursor.take((documents + 63) // 64 * 8)) if some else range(documents)
    packed = int.from_bytes(cursor.take((documents * width + 7) // 8), "little")
    for doc in present:
        value = least + step * (packed >> doc * width & ((1 << width) - 1))
        yield doc, (value + (1 << 63)) % (1 << 64) - (1 << 63)

def read_terms(data):
    """Terms with df, cf, first, offset and length."""
    tail = Cursor(data[-24:])
    count, size, width = tail.u64(), tail.u64(), tail.u64()
    blocks = (count + 31) // 32
    start = (size + 7) // 8 * 8
    claim(start + blocks * (8 + width) + 24 == len(data), "T-3")
    rest = Cursor(data[start:-24])
    prefixes = [rest.u64() for _ in range(blocks)]
    offsets = [rest.number(width) for _ in range(blocks)] + [size]
    term, terms = None, []
    for i in range(blocks):
        cursor = Cursor(data[offsets[i] : offsets[i + 1]])
        following, before = cursor.varint(), b""
        for j in range(min(32, count - 32 * i)):
            sizes = cursor.u8()
            shared = 15 + cursor.varint() if sizes & 15 == 15 else sizes & 15
            more = 15 + cursor.varint() if sizes >> 4 == 15 else sizes >> 4
            claim(shared <= len(before), "T-2")
            text = before[:shared] + cursor.take(more)
            claim(term is None or text > term, "T-1")
            claim(j or int.from_bytes(text[:8].ljust(8, b"\0"), "big") == prefixes[i], "T-6")
            tag = cursor.varint()
            cf = tag >> 2
            df = cf - cursor.varint() if tag & 1 else cf
            claim(1 <= df <= cf and len(text) < 256, "T-5")
            first = offset = length = 0
            if cf == 1:
                first = cursor.varint()
            else:
                length = cursor.varint()
                offset = cursor.varint() if tag & 2 else following
                following += 0 if tag & 2 else length
            terms.append((text, df, cf, first, offset, length))
            term = before = text
        claim(cursor.left() == 0, "T-3")
    return terms

class Segment:
    def __init__(self, sections, fields):
        self.sections, self.fields = sections, fields
        meta = Cursor(sections["meta"])
        self.documents = meta.u32()
        claim(meta.u32() == len(fields), "M-1")
        meta.take(8 + 12 * 8)
        for field in fields:
            field.update(sum=meta.u64(), documents=meta.u32(), words=meta.u32(), average=meta.f32())
            field["flags"] = meta.u32()
            claim(field["flags"] < 4 and field["documents"] <= self.documents, "M-2")
        claim(meta.left() == 0, "M-3")

    def starts(self, number):
        cursor = Cursor(self.sections["word.%d" % number])
        bases = cursor.array((self.documents + 63) // 64)
        size = 4 if self.fields[number]["flags"] & 1 else 2
        starts = [bases[doc // 64] + cursor.number(size) for doc in range(self.documents)]
        claim(cursor.left() == 0, "M-3")
        return starts

    def links(self, lane, count):
        """Of each form: the ordinal of its stem plus one, or 0."""
        cursor = Cursor(self.sections["stem.%d" % lane])
        heads = [(cursor.u32(), cursor.u32()) for _ in range((count + BLOCK - 1) // BLOCK)]
        data, links = cursor.take(cursor.left()), []
        for i, (before, offset) in enumerate(heads):
            for folded in block(data[offset:], min(BLOCK, count - BLOCK * i)):
                before = (before + (folded >> 1 ^ -(folded & 1))) & M32
                links.append(before)
        return links

    def blocked(self, cursor, df, cf, text):
        """Documents, frequencies, word numbers and bounds of a list in blocks."""
        sizes = cursor.u32(), cursor.u32()
        bounds = [cursor.u32(), cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16()]
        count = (df + BLOCK - 1) // BLOCK
        last = cursor.array(count)
        records = [cursor.array(3) for _ in range(count)]
        if 8 * df >= self.documents:
            docs = members_of(cursor.take((self.documents + 63) // 64 * 8))
        else:
            docs = chained(cursor.take(sizes[0]), [r[0] for r in records], df)
        claim(len(docs) == df and list(last) == docs[255::256] + docs[-1:][: df % 256 != 0], "L-5")
        data, freqs = cursor.take(sizes[1]), [1] * df
        if not text:
            return docs, freqs, [], []
        freqs = []
        for i, record in enumerate(records):
            freqs += [v + 1 for v in block(data[record[1] :], min(BLOCK, df - BLOCK * i))]
        ranges = cursor.take((self.documents + 63) // 64) if 64 * df >= self.documents else b""
        count = (cf + BLOCK - 1) // BLOCK
        last, offsets = cursor.array(count), cursor.array(count)
        words = chained(cursor.take(cursor.left()), offsets, cf)
        claim(list(last) == words[255::256] + words[-1:][: cf % 256 != 0], "L-7")
        return docs, freqs, words, bounds[:4] + [sum(ranges)]

    def ordinals(self, data, cf):
        if cf < BLOCK:
            return gaps(data, cf, -1)
        cursor = Cursor(data)
        heads = [cursor.array(3) for _ in range((cf + BLOCK - 1) // BLOCK)]
        return chained(cursor.take(cursor.left()), [head[2] for head in heads], cf)

    def numbers(self, info, text):
        """Word numbers, or documents, of a list; documents, frequencies and bounds if it says."""
        _, df, cf, first, offset, length = info
        area = self.sections["post"][offset : offset + length]
        claim(len(area) == length, "L-1")
        if cf == 1:
            return [first], None
        if cf < BLOCK:
            return gaps(area, cf, -1), None
        docs, freqs, words, bounds = self.blocked(Cursor(area), df, cf, text)
        return words if text else docs, (docs, freqs, bounds)

    def lane(self, lane, text):
        """For each term: info, numbers, documents, frequencies, bounds."""
        terms = read_terms(self.sections["term.%d" % lane])
        starts = self.starts(lane // 2) if text else []
        exact = lane % 2 == 1
        links = self.links(lane, len(terms)) if exact else [0] * len(terms)
        stems = read_terms(self.sections["term.%d" % (lane - 1)]) if exact else []
        for info, link in zip(terms, links):
            if link and info[2] > 1:
                of_stem = self.numbers(stems[link - 1], True)[0]
                ordinals = range(len(of_stem))
                if info[5]:
                    area = self.sections["post"][info[4] : info[4] + info[5]]
                    ordinals = self.ordinals(area, info[2])
                numbers, said = [of_stem[i] for i in ordinals], None
            else:
                numbers, said = self.numbers(info, text)
            claim(len(numbers) == info[2], "L-3: occurrences")
            docs, freqs = postings(numbers, starts) if text else (numbers, [1] * len(numbers))
            claim(len(docs) == info[1], "L-3: documents")
            if said and text:
                claim((docs, freqs) == said[:2], "documents do not follow from word numbers")
            yield info, numbers, docs, freqs, said[2] if said and text and not exact else None

def postings(words, starts):
    """Documents, each the last that starts at or before a word, and how many words each has."""
    counts, doc = {}, 0
    for word in words:
        while doc + 1 < len(starts) and starts[doc + 1] <= word:
            doc += 1
        counts[doc] = counts.get(doc, 0) + 1
    return list(counts), list(counts.values())

def frame_size(frame):
    """What a frame of Zstandard says of its content."""
    cursor = Cursor(frame)
    claim(cursor.u32() == 0xFD2FB528, "V-1")
    descriptor = cursor.u8()
    single, kind = descriptor >> 5 & 1, descriptor >> 6
    cursor.take((0 if single else 1) + (0, 1, 2, 4)[descriptor & 3])
    size = cursor.number((single, 2, 4, 8)[kind])
    return size + 256 if kind == 1 else size

def stored(segment):
    """The size of each document's record; 0: it has none."""
    index = Cursor(segment.sections["stix"])
    bases = [index.u64() for _ in range((segment.documents + 63) // 64)]
    data, at = segment.sections["stor"], 0
    for doc, length in enumerate(index.array(segment.documents)):
        at = bases[doc // 64] if doc % 64 == 0 else at
        yield frame_size(data[at + 1 : at + length]) if length else 0
        at += length

# ---- Printing ----
def show(label, numbers):
    print(label, *numbers)

def dump_lane(segment, lane, text):
    for info, numbers, docs, freqs, bounds in segment.lane(lane, text):
        show("term", [lane, info[0].hex(), info[1], info[2]])
        show("docs", ["%d:%d" % pair for pair in zip(docs, freqs)])
        if text:
            show("words", numbers)
        if bounds:
            show("bounds", bounds)

def dump_segment(segment):
    for number, field in enumerate(segment.fields):
        text = field["type"] == 1
        terms = field["type"] == 2 or (text and field["indexed"])
        show("field", [number, field["name"], field["sum"], field["documents"], field["words"]])
        if text and terms:
            show("norms", [segment.sections["norm.%d" % number].hex()])
        for lane in (2 * number, 2 * number + 1):
            if terms and "term.%d" % lane in segment.sections:
                dump_lane(segment, lane, text)
        if field["flags"] & 2:
            for doc, value in read_column(segment.sections["col.%d" % number], segment.documents):
                show("value", [doc, value])
    show("stored", stored(segment))

def main():
    folder = sys.argv[1]
    uuid, fields, (generation, payload, entries) = read_manifest(folder)
    show("generation", [generation, payload.hex()])
    for entry in entries:
        seq, length, trailer = entry["seq"], entry["length"], entry["hash"]
        path = os.path.join(folder, "s-%d.seg" % seq)
        sections = sections_of(path, 0x4D474553, uuid, seq, length, trailer)
        segment = Segment(sections, [dict(field) for field in fields])
        claim(segment.documents == entry["documents"], "G-5")
        show("segment", ["s-%d.seg" % seq, segment.documents, entry["deleted"]])
        number = entry["deletes"]
        if number:
            path = os.path.join(folder, "d-%d-%d.del" % (seq, number))
            length, trailer = entry["deletes_length"], entry["deletes_hash"]
            sections = sections_of(path, 0x534C4544, uuid, number, length, trailer)
            members = read_set(sections["deleted"], segment.documents)
            claim(len(members) == entry["deleted"], "G-5")
            show("deleted", members)
        dump_segment(segment)

if __name__ == "__main__":
    try:
        main()
    except Damage as damage:
        sys.exit("refread: %s" % damage)
