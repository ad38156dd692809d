/* SPDX-License-Identifier: MIT
 * A block starts with the offset of its first list that is in sequence; then an entry a term:
 *
 *   | sizes | suffix | numbers |
 *
 * sizes: one byte, the bytes shared with the term before in the low half and those of the suffix in
 * the high half; a half of 15 is followed by a varint of what is above 15. numbers: varint (cf * 4
 * + apart * 2 + (df != cf)), varint cf - df if they differ; then, with cf == 1, varint of the
 * occurrence; else varint length of the list and, if it stands apart from the one before, varint
 * offset. Everything that reads is one step, read_entry, under an iterator whose cursor cannot
 * leave the block. */
#include "codec/termdict.h"

#include <assert.h>
#include <string.h>

#include "base/bits.h"

static const char SECTION[] = "terms";

enum { APART = 2, DF_DIFFERS = 1, NIBBLE = 15, TRAILER = 24 };

/* ---- Writing ---- */

void qi_termdict_builder_init(qi_termdict_builder *builder, qi_buf *out, uint64_t lists)
{
    *builder = (qi_termdict_builder){.out = out, .next = lists};
}

/* The first 8 bytes as a number that orders as the bytes do. */
static uint64_t prefix_of(const uint8_t *term, size_t len)
{
    uint8_t bytes[8] = {0};
    memcpy(bytes, term, len < sizeof bytes ? len : sizeof bytes);
    return __builtin_bswap64(qi_load64(bytes));
}

static size_t shared_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t n = a_len < b_len ? a_len : b_len, i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

static void put_term(qi_buf *out, size_t shared, const uint8_t *suffix, size_t len)
{
    size_t low = shared < NIBBLE ? shared : NIBBLE, high = len < NIBBLE ? len : NIBBLE;
    qi_buf_u8(out, (uint8_t)(low | high << 4));
    if (low == NIBBLE)
        qi_buf_varint(out, shared - NIBBLE);
    if (high == NIBBLE)
        qi_buf_varint(out, len - NIBBLE);
    qi_buf_add(out, suffix, len);
}

static void put_numbers(qi_termdict_builder *builder, const qi_term_info *info)
{
    qi_buf *out = builder->out;
    bool apart = info->cf != 1 && info->offset != builder->next;
    qi_buf_varint(out,
                  info->cf << 2 | (apart ? APART : 0) | (info->df != info->cf ? DF_DIFFERS : 0));
    if (info->df != info->cf)
        qi_buf_varint(out, info->cf - info->df);
    if (info->cf == 1) {
        qi_buf_varint(out, info->first);
        return;
    }
    qi_buf_varint(out, info->length);
    if (apart)
        qi_buf_varint(out, info->offset);
    else
        builder->next += info->length;
}

quire_status qi_termdict_add(qi_termdict_builder *builder, const void *term, size_t len,
                             const qi_term_info *info, quire_error *err)
{
    assert(len <= QI_TERM_MAX && info->df >= 1 && info->df <= info->cf && info->cf >> 62 == 0);
    size_t before = builder->out->len, shared = 0;
    if (builder->count % QI_TERM_BLOCK == 0) {
        if (!QI_VEC_PUSH(&builder->prefixes, prefix_of(term, len)) ||
            !QI_VEC_PUSH(&builder->offsets, builder->written))
            return qi_no_memory(err);
        qi_buf_varint(builder->out, builder->next);
    } else {
        shared = shared_bytes(builder->last, builder->last_len, term, len);
        assert(shared < len && (shared == builder->last_len ||
                                builder->last[shared] < ((const uint8_t *)term)[shared]));
    }
    put_term(builder->out, shared, (const uint8_t *)term + shared, len - shared);
    put_numbers(builder, info);
    if (builder->out->failed)
        return qi_no_memory(err);
    builder->written += builder->out->len - before;
    memcpy(builder->last + shared, (const uint8_t *)term + shared, len - shared);
    builder->last_len = len;
    builder->count++;
    return QUIRE_OK;
}

quire_status qi_termdict_finish(qi_termdict_builder *builder, quire_error *err)
{
    qi_buf *out = builder->out;
    unsigned width = builder->written > UINT32_MAX ? 8 : 4;
    for (uint64_t i = builder->written; i % 8 != 0; i++)
        qi_buf_u8(out, 0);
    for (size_t i = 0; i < builder->prefixes.count; i++)
        qi_buf_u64(out, builder->prefixes.items[i]);
    for (size_t i = 0; i < builder->offsets.count; i++)
        if (width == 4)
            qi_buf_u32(out, (uint32_t)builder->offsets.items[i]);
        else
            qi_buf_u64(out, builder->offsets.items[i]);
    qi_buf_u64(out, builder->count);
    qi_buf_u64(out, builder->written);
    qi_buf_u64(out, width);
    return out->failed ? qi_no_memory(err) : QUIRE_OK;
}

void qi_termdict_builder_free(qi_termdict_builder *builder)
{
    QI_VEC_FREE(&builder->prefixes);
    QI_VEC_FREE(&builder->offsets);
}

/* ---- Reading ---- */

quire_status qi_termdict_open(qi_termdict *out, const uint8_t *bytes, size_t len, const char *file,
                              quire_error *err)
{
    *out = (qi_termdict){0};
    if (len < TRAILER)
        return qi_corrupt(err, file, SECTION, 0, "T-3: a dictionary of %zu bytes", len);
    qi_view trailer = qi_view_of(bytes + len - TRAILER, TRAILER);
    uint64_t terms = qi_view_u64(&trailer), size = qi_view_u64(&trailer);
    uint64_t width = qi_view_u64(&trailer), left = len - TRAILER;
    uint64_t count = terms / QI_TERM_BLOCK + (terms % QI_TERM_BLOCK != 0);
    if ((width != 4 && width != 8) || size > left || count > left / (8 + width) ||
        (size + 7) / 8 * 8 + count * (8 + width) != left)
        return qi_corrupt(err, file, SECTION, left, "T-3: the parts of a dictionary do not fit");
    out->blocks = bytes;
    out->prefixes = bytes + (size + 7) / 8 * 8;
    out->offsets = out->prefixes + 8 * count;
    out->blocks_size = size;
    out->block_count = count;
    out->term_count = terms;
    out->offset_width = (unsigned)width;
    out->file = file;
    return QUIRE_OK;
}

static bool fail(qi_termdict_iter *iter, const char *what)
{
    const qi_termdict *dict = iter->dict;
    uint64_t at = iter->block.at == NULL ? 0 : (uint64_t)(iter->block.at - dict->blocks);
    iter->status = qi_corrupt(iter->err, dict->file, SECTION, at, "%s", what);
    iter->ordinal = dict->term_count;
    return false;
}

static uint64_t block_offset(const qi_termdict *dict, uint64_t block)
{
    if (block == dict->block_count)
        return dict->blocks_size;
    return dict->offset_width == 4 ? qi_load32(dict->offsets + 4 * block)
                                   : qi_load64(dict->offsets + 8 * block);
}

/* Put the cursor before the first term of a block. */
static bool open_block(qi_termdict_iter *iter, uint64_t block)
{
    const qi_termdict *dict = iter->dict;
    uint64_t start = block_offset(dict, block), end = block_offset(dict, block + 1);
    iter->block = (qi_view){0};
    if (start >= end || end > dict->blocks_size)
        return fail(iter, "T-3: blocks do not follow one another");
    const uint8_t *at = dict->blocks + start;
    if (dict->touch != NULL) {
        iter->status = dict->touch(dict->owner, at, (size_t)(end - start), iter->err);
        if (iter->status != QUIRE_OK) {
            iter->ordinal = dict->term_count;
            return false;
        }
    }
    iter->block = qi_view_of(at, (size_t)(end - start));
    iter->next = qi_view_varint(&iter->block);
    iter->len = 0;
    return true;
}

static uint64_t read_size(qi_view *in, unsigned nibble)
{
    return nibble < NIBBLE ? nibble : NIBBLE + qi_view_varint(in);
}

/* What an entry says of its term: bytes of the one before, then bytes of its own. */
typedef struct {
    const uint8_t *suffix;
    size_t shared, more;
} parts;

static bool read_parts(qi_termdict_iter *iter, parts *out)
{
    qi_view *in = &iter->block;
    uint8_t sizes = qi_view_u8(in);
    if ((sizes & NIBBLE) <= iter->len && (sizes & NIBBLE) < NIBBLE && sizes >> 4 < NIBBLE &&
        qi_view_left(in) >= NIBBLE) {
        *out = (parts){in->at, sizes & NIBBLE, sizes >> 4};
        in->at += sizes >> 4;
        return true;
    }
    uint64_t shared = read_size(in, sizes & NIBBLE), more = read_size(in, sizes >> 4);
    if (shared > iter->len)
        return fail(iter, "T-2: a term shares more bytes than there are");
    if (more > QI_TERM_MAX - shared)
        return fail(iter, "T-4: a term is longer than 255 bytes");
    *out = (parts){qi_view_take(in, (size_t)more), (size_t)shared, (size_t)more};
    return !in->overrun || fail(iter, "T-3: a block is cut short");
}

/* Read the next term over the one before. */
static bool read_term(qi_termdict_iter *iter, bool first)
{
    parts p;
    if (!read_parts(iter, &p))
        return false;
    bool greater = p.shared == iter->len ? p.more > 0 || first
                                         : p.more > 0 && p.suffix[0] > iter->term[p.shared];
    if (!greater)
        return fail(iter, "T-1: terms do not increase");
    memcpy(iter->term + p.shared, p.suffix, p.more);
    iter->len = p.shared + p.more;
    return true;
}

static bool read_numbers(qi_termdict_iter *iter)
{
    qi_view *in = &iter->block;
    qi_term_info *info = &iter->info;
    uint64_t tag = qi_view_varint(in);
    info->cf = tag >> 2;
    info->df = info->cf - ((tag & DF_DIFFERS) != 0 ? qi_view_varint(in) : 0);
    info->first = 0;
    info->offset = info->length = 0;
    info->ordinal = iter->ordinal;
    uint64_t first = 0;
    if (info->cf == 1) {
        first = qi_view_varint(in);
        info->first = (uint32_t)first;
    } else {
        info->length = qi_view_varint(in);
        info->offset = (tag & APART) != 0 ? qi_view_varint(in) : iter->next;
        iter->next += (tag & APART) != 0 ? 0 : info->length;
    }
    if (in->overrun)
        return fail(iter, "T-3: a block is cut short");
    if (info->df == 0 || info->df > info->cf || first > UINT32_MAX ||
        info->offset > UINT64_MAX - info->length)
        return fail(iter, "T-5: the numbers of a term are impossible");
    return true;
}

static bool read_entry(qi_termdict_iter *iter, bool first)
{
    return read_term(iter, first) && read_numbers(iter);
}

static int compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t n = a_len < b_len ? a_len : b_len;
    int order = n == 0 ? 0 : memcmp(a, b, n);
    return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

/* How many blocks have a prefix below `limit`. No branch depends on what is read. */
static uint64_t count_below(const qi_termdict *dict, uint64_t limit)
{
    uint64_t base = 0;
    for (uint64_t n = dict->block_count; n > 0;) {
        uint64_t half = (n + 1) / 2;
        base += qi_load64(dict->prefixes + 8 * (base + half - 1)) < limit ? half : 0;
        n -= half;
    }
    return base;
}

/* Stand on the first term of a block. */
static bool stand_on_head(qi_termdict_iter *iter, uint64_t block)
{
    iter->ordinal = block * QI_TERM_BLOCK;
    if (!open_block(iter, block) || !read_entry(iter, true))
        return false;
    if (prefix_of(iter->term, iter->len) != qi_load64(iter->dict->prefixes + 8 * block))
        return fail(iter, "T-6: the prefix of a block is not its first term's");
    return true;
}

/* Step into the next block, whose first term must be above the last of this one. */
static bool next_block(qi_termdict_iter *iter)
{
    uint8_t last[QI_TERM_MAX];
    size_t len = iter->len;
    memcpy(last, iter->term, len);
    if (!stand_on_head(iter, iter->ordinal / QI_TERM_BLOCK))
        return false;
    return compare(last, len, iter->term, iter->len) < 0 ||
           fail(iter, "T-1: terms do not increase");
}

bool qi_termdict_next(qi_termdict_iter *iter)
{
    uint64_t count = iter->dict->term_count;
    if (iter->ordinal == count)
        return false;
    iter->ordinal++;
    if (iter->ordinal != count && iter->ordinal % QI_TERM_BLOCK != 0)
        return read_entry(iter, false);
    if (qi_view_left(&iter->block) != 0)
        return fail(iter, "T-3: a block goes on after its last term");
    return iter->ordinal != count && next_block(iter);
}

/* Among blocks [low, end) whose heads have an equal prefix, the last whose head is not above
 * `term`; `low` if there is none. The iterator is moved. */
static uint64_t tell_heads(qi_termdict_iter *iter, uint64_t low, uint64_t end, const uint8_t *term,
                           size_t len)
{
    while (end - low > 1) {
        uint64_t middle = low + (end - low) / 2;
        if (!stand_on_head(iter, middle))
            break;
        if (compare(iter->term, iter->len, term, len) <= 0)
            low = middle;
        else
            end = middle;
    }
    return low;
}

uint64_t qi_termdict_aim(const qi_termdict *dict, const void *term, size_t len)
{
    uint64_t prefix = len == 0 ? 0 : prefix_of(term, len);
    uint64_t aim = prefix == UINT64_MAX ? dict->block_count : count_below(dict, prefix + 1);
    if (aim != 0)
        __builtin_prefetch(dict->offsets + dict->offset_width * (aim - 1));
    return aim;
}

void qi_termdict_fetch(const qi_termdict *dict, uint64_t aim)
{
    uint64_t offset = aim == 0 ? dict->blocks_size : block_offset(dict, aim - 1);
    for (unsigned line = 0; line < 2 && offset < dict->blocks_size; line++, offset += 64)
        __builtin_prefetch(dict->blocks + offset);
}

/* The last block whose first term is not above `term`, or the first block, in a dictionary that has
 * one. Where heads have to be read for that the iterator is moved, and keeps the status. */
static uint64_t find_block(qi_termdict_iter *iter, uint64_t aim, const uint8_t *term, size_t len)
{
    const qi_termdict *dict = iter->dict;
    uint64_t prefix = len == 0 ? 0 : prefix_of(term, len);
    if (aim == 0 || qi_load64(dict->prefixes + 8 * (aim - 1)) < prefix)
        return aim - (aim != 0);
    uint64_t low = count_below(dict, prefix);
    return tell_heads(iter, low - (low > 0), aim, term, len);
}

static bool start(qi_termdict_iter *iter, const qi_termdict *dict, quire_error *err)
{
    iter->dict = dict;
    iter->ordinal = dict->term_count;
    iter->status = QUIRE_OK;
    iter->err = err;
    iter->len = 0;
    iter->info = (qi_term_info){0};
    return dict->term_count != 0;
}

bool qi_termdict_seek(qi_termdict_iter *iter, const qi_termdict *dict, const void *term, size_t len,
                      quire_error *err)
{
    if (!start(iter, dict, err))
        return false;
    uint64_t block = find_block(iter, qi_termdict_aim(dict, term, len), term, len);
    if (iter->status != QUIRE_OK || !stand_on_head(iter, block))
        return false;
    while (compare(iter->term, iter->len, term, len) < 0)
        if (!qi_termdict_next(iter))
            return false;
    return true;
}

bool qi_termdict_at(qi_termdict_iter *iter, const qi_termdict *dict, uint64_t ordinal,
                    quire_error *err)
{
    if (!start(iter, dict, err) || ordinal >= dict->term_count ||
        !stand_on_head(iter, ordinal / QI_TERM_BLOCK))
        return false;
    while (iter->ordinal < ordinal)
        if (!qi_termdict_next(iter))
            return false;
    return true;
}

/* An entry in passing, for those who look for another. */
typedef struct {
    const uint8_t *suffix;
    size_t shared, more;
    uint64_t length;    /* of the list, if it follows the one before; else 0 */
    const uint8_t *end; /* NULL: it was not read */
} passing;

/* Take in an entry whose numbers all end within 8 bytes, with as few branches as can be: it is read
 * as if there were no end, but not beyond the trailer that follows all blocks. */
static inline passing glance(const uint8_t *at)
{
    size_t shared = *at & NIBBLE, more = *at >> 4;
    const uint8_t *numbers = at + 1 + more;
    uint64_t bytes = qi_load64(numbers), ends = ~bytes & UINT64_C(0x8080808080808080);
    ends &= ends - 1;
    ends &= ends - (bytes & DF_DIFFERS); /* now the first is where the last number ends */
    if (shared == NIBBLE || more == NIBBLE || ends == 0 || (bytes & APART) != 0)
        return (passing){0};
    unsigned last = qi_ctz(ends);
    uint64_t tail = bytes << (63 - last) >> 40; /* its last three bytes, if it has as many */
    uint64_t length = tail >> 16;
    if ((tail & 0x8000) != 0)
        length = length << 7 | (tail >> 8 & 0x7F);
    if ((uint8_t)bytes == 1 << 2) /* it occurs once */
        length = 0;
    else if ((tail & 0x8080) == 0x8080)
        return (passing){0};
    return (passing){at + 1, shared, more, length, numbers + last / 8 + 1};
}

/* The same for any entry; nothing is read after a failure. */
static passing read_slowly(qi_termdict_iter *iter, const uint8_t *at, size_t before)
{
    parts p;
    iter->block.at = at;
    iter->len = before;
    iter->next = 0;
    if (!read_parts(iter, &p) || !read_numbers(iter))
        return (passing){0};
    return (passing){p.suffix, p.shared, p.more, iter->next, iter->block.at};
}

/* Is the term of an entry below `term` (-1), equal or above, if the one before is below and begins
 * as it in `matched` bytes? Terms are not put together: one that shares more bytes with the one
 * before than that did with `term` is below it too. */
static inline int place(const passing *e, const uint8_t *term, size_t len, size_t *matched)
{
    if (e->shared != *matched)
        return e->shared < *matched ? 1 : -1;
    size_t same = shared_bytes(e->suffix, e->more, term + *matched, len - *matched);
    *matched += same;
    if (same == e->more)
        return *matched == len ? 0 : -1;
    return *matched == len || e->suffix[same] > term[*matched] ? 1 : -1;
}

/* From the beginning of a block to its first term that is not below `term`; the ordinal after the
 * block if there is none. Returns whether it is equal. */
static bool scan(qi_termdict_iter *iter, const uint8_t *term, size_t len)
{
    const uint8_t *at = iter->block.at, *end = iter->block.end;
    uint64_t next = iter->next, left = iter->dict->term_count - iter->ordinal;
    size_t matched = 0, before = 0; /* bytes of the term before, and those that begin `term` */
    for (uint64_t n = left < QI_TERM_BLOCK ? left : QI_TERM_BLOCK; n > 0; n--, iter->ordinal++) {
        passing e = glance(at);
        if (e.end == NULL || e.end > end || e.shared > before)
            e = read_slowly(iter, at, before);
        int order = e.end == NULL ? 1 : place(&e, term, len, &matched);
        if (order == 0) {
            iter->block.at = e.suffix + e.more;
            iter->next = next;
            return read_numbers(iter);
        }
        if (order > 0)
            return false;
        before = e.shared + e.more;
        at = e.end;
        next += e.length;
    }
    return false;
}

/* The same over the whole dictionary. */
static bool find(qi_termdict_iter *iter, uint64_t aim, const uint8_t *term, size_t len)
{
    uint64_t block = find_block(iter, aim, term, len);
    if (iter->status != QUIRE_OK || !open_block(iter, block))
        return false;
    iter->ordinal = block * QI_TERM_BLOCK;
    return scan(iter, term, len);
}

quire_status qi_termdict_find_at(const qi_termdict *dict, uint64_t aim, const void *term,
                                 size_t len, qi_term_info *info, quire_error *err)
{
    qi_termdict_iter iter;
    *info = (qi_term_info){0};
    if (start(&iter, dict, err) && find(&iter, aim, term, len))
        *info = iter.info;
    return iter.status;
}

quire_status qi_termdict_find(const qi_termdict *dict, const void *term, size_t len,
                              uint64_t *ordinal, qi_term_info *info, quire_error *err)
{
    qi_termdict_iter iter;
    *info = (qi_term_info){0};
    if (start(&iter, dict, err) && find(&iter, qi_termdict_aim(dict, term, len), term, len))
        *info = iter.info;
    *ordinal = iter.ordinal;
    return iter.status;
}
