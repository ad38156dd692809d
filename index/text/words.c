/* SPDX-License-Identifier: MIT
 * Word boundaries, in one pass. A segment needs no context from before its start, so a walk can
 * begin at any boundary; within it, the class of the last character that is not Extend, Format or
 * ZWJ decides, with one character looked ahead behind a sign that may stand between two letters or
 * two digits. Runs of ASCII go through a table of bytes alone. Invariant: both ways give the same
 * words (but where a space, a joiner and a letter that is a picture are one segment, the word
 * leaves out the space). */
#include "text/words.h"

#include "base/bits.h"
#include "text/unicode.h"
#include "text/words_table.inc"

#define SET(class) (1u << WB_##class)
#define LETTERS (SET(ALETTER) | SET(HEBREW_LETTER))
#define IGNORED (SET(EXTEND) | SET(FORMAT) | SET(ZWJ))
#define LINES (SET(CR) | SET(LF) | SET(NEWLINE))
#define SIGNS (SET(SINGLE_QUOTE) | SET(MIDNUMLET))

/* After a character of a class: which classes join it; and which do, if one of `after` follows
 * them. */
static const struct {
    uint32_t joins, between, after;
} rules[WB_CLASS + 1] = {
    [WB_ALETTER] = {LETTERS | SET(NUMERIC) | SET(EXTENDNUMLET), SIGNS | SET(MIDLETTER), LETTERS},
    [WB_HEBREW_LETTER] = {LETTERS | SET(NUMERIC) | SET(EXTENDNUMLET) | SET(SINGLE_QUOTE),
                          SIGNS | SET(MIDLETTER) | SET(DOUBLE_QUOTE), LETTERS},
    [WB_NUMERIC] = {LETTERS | SET(NUMERIC) | SET(EXTENDNUMLET), SIGNS | SET(MIDNUM), SET(NUMERIC)},
    [WB_KATAKANA] = {SET(KATAKANA) | SET(EXTENDNUMLET), 0, 0},
    [WB_EXTENDNUMLET] = {LETTERS | SET(NUMERIC) | SET(KATAKANA) | SET(EXTENDNUMLET), 0, 0},
};

/* A walk within one segment. */
typedef struct cursor {
    const uint8_t *at, *end;
    unsigned last;   /* class of the last character that counts */
    unsigned before; /* class of the character before `at` */
    bool pair;       /* the last two regional indicators are a pair */
    unsigned seen;   /* flags of all characters */
} cursor;

enum { WINDOW = 64 };

static unsigned value_of(uint32_t c)
{
    size_t block = c / WB_BLOCK, last = sizeof wb_blocks / sizeof *wb_blocks - 1;
    return wb_values[(size_t)wb_blocks[block < last ? block : last] * WB_BLOCK + c % WB_BLOCK];
}

/* The value of the character at `p`, and where the next one begins. */
static unsigned read_value(const uint8_t *p, const uint8_t *end, const uint8_t **next)
{
    uint32_t c;
    *next = p + qi_unicode_decode(p, end, &c);
    return value_of(c);
}

static void take(cursor *c, unsigned value, const uint8_t *next)
{
    unsigned class = value & WB_CLASS;
    c->seen |= value;
    c->before = class;
    c->at = next;
    if ((1u << class & IGNORED) == 0) {
        c->pair = class == WB_REGIONAL_INDICATOR && c->last == class && !c->pair;
        c->last = class;
    }
}

/* Take a sign and what follows it, if that is one of `after`. */
static bool take_between(cursor *c, unsigned value, const uint8_t *next, uint32_t after)
{
    cursor ahead = *c;
    take(&ahead, value, next);
    while (ahead.at < ahead.end) {
        value = read_value(ahead.at, ahead.end, &next);
        unsigned class = value & WB_CLASS;
        take(&ahead, value, next);
        if ((1u << class & after) != 0) {
            *c = ahead;
            return true;
        }
        if ((1u << class & IGNORED) == 0)
            return false;
    }
    return false;
}

/* Take the next character if there is no boundary before it. */
static bool take_next(cursor *c)
{
    const uint8_t *next;
    unsigned value = read_value(c->at, c->end, &next);
    unsigned class = value & WB_CLASS, set = 1u << class;
    bool joins = (set & (rules[c->last].joins | IGNORED)) != 0 ||
                 (c->before == WB_ZWJ && (value & WB_PICTURE) != 0) ||
                 (c->before == WB_WSEGSPACE && class == WB_WSEGSPACE) ||
                 (c->last == WB_REGIONAL_INDICATOR && class == c->last && !c->pair);
    if ((set & rules[c->last].between) != 0 &&
        take_between(c, value, next,
                     class == WB_DOUBLE_QUOTE ? SET(HEBREW_LETTER) : rules[c->last].after))
        return true;
    if (joins)
        take(c, value, next);
    return joins;
}

/* Take the letters that follow a letter. */
static void take_letters(cursor *c)
{
    const uint8_t *next;
    while (c->at < c->end && c->last == WB_ALETTER) {
        unsigned value = read_value(c->at, c->end, &next);
        if ((value & WB_CLASS) != WB_ALETTER)
            break;
        c->seen |= value;
        c->before = WB_ALETTER;
        c->at = next;
    }
}

/* Go on to the end of the segment and put it into `out`. */
static void finish(qi_words *words, cursor *c, qi_word *out)
{
    take_letters(c);
    while (c->at < c->end && take_next(c))
        take_letters(c);
    *out = (qi_word){words->at, (size_t)(c->at - words->text), (c->seen & WB_WORD) != 0,
                     (c->seen & WB_IDEOGRAPH) != 0};
    words->at = out->end;
}

qi_words qi_words_of(quire_str text)
{
    return (qi_words){.text = (const uint8_t *)text.ptr, .len = text.len};
}

bool qi_words_segment(qi_words *words, qi_word *out)
{
    if (words->at >= words->len)
        return false;
    const uint8_t *at = words->text + words->at, *end = words->text + words->len;
    uint32_t first;
    unsigned len = qi_unicode_decode(at, end, &first);
    if (first == QI_UNICODE_BAD && len == 1)
        words->invalid++;
    const uint8_t *next = at + len;
    unsigned value = value_of(first), class = value & WB_CLASS;
    if (class == WB_CR && next < end && *next == '\n')
        next++;
    cursor c = {next, end, class, class, false, value};
    if ((1u << class & LINES) != 0)
        c.end = next;
    finish(words, &c, out);
    return true;
}

#if defined(__SSE2__) && !defined(QI_NO_SIMD)
#include <immintrin.h>

/* Which of 16 bytes are letters, digits and low lines. */
static __m128i runs_of(__m128i bytes)
{
    __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
                                   _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
    __m128i digit = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
                                  _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
    __m128i line = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
    return _mm_or_si128(_mm_or_si128(letter, digit), line);
}

/* Look at the next WINDOW bytes, if there are as many. */
static bool look(qi_words *words)
{
    if (words->len - words->at < WINDOW)
        return false;
    words->runs = words->longs = 0;
    for (unsigned i = 0; i < WINDOW; i += 16) {
        const void *from = words->text + words->at + i;
        __m128i bytes = _mm_loadu_si128(from);
        words->runs |= (uint64_t)(unsigned)_mm_movemask_epi8(runs_of(bytes)) << i;
        words->longs |= (uint64_t)(unsigned)_mm_movemask_epi8(bytes) << i;
    }
    words->window = words->at + WINDOW;
    return true;
}

/* Step over letters, digits and low lines, while 16 bytes are left. */
static const uint8_t *skip_wide(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned others = (unsigned)_mm_movemask_epi8(runs_of(bytes)) ^ 0xFFFF;
        if (others != 0)
            return at + qi_ctz(others);
    }
    return at;
}
#else
static bool look(qi_words *words)
{
    (void)words;
    return false;
}

static const uint8_t *skip_wide(const uint8_t *at, const uint8_t *end)
{
    (void)end;
    return at;
}
#endif

static const uint8_t *skip_run(const uint8_t *at, const uint8_t *end)
{
    at = skip_wide(at, end);
    while (at < end && (unsigned)(wb_bytes[*at] - BYTE_WORD) <= BYTE_LINK - BYTE_WORD)
        at++;
    return at;
}

/* The end of the word of ASCII that begins at `at`, or NULL if a longer character has a say in it.
 */
static const uint8_t *run_end(const uint8_t *at, const uint8_t *end)
{
    for (;;) {
        at = skip_run(at, end);
        if (at == end || (wb_bytes[*at] == BYTE_NONE && at + 1 == end))
            return at;
        if (wb_bytes[*at] == BYTE_LONG || wb_bytes[at[1]] == BYTE_LONG)
            return NULL;
        unsigned last = at[-1] == '_' ? WB_EXTENDNUMLET : wb_values[at[-1]] & WB_CLASS;
        if ((1u << (wb_values[*at] & WB_CLASS) & rules[last].between) == 0 ||
            (1u << (wb_values[at[1]] & WB_CLASS) & rules[last].after) == 0)
            return at;
        at++;
    }
}

/* Whether a word of ASCII that ends at bit `end` of the window ends there for certain: no longer
 * character follows, and no sign that may stand between two letters or digits and is followed by
 * one. */
static bool is_end(const qi_words *words, unsigned end)
{
    const uint64_t signs = UINT64_C(1) << '.' | UINT64_C(1) << ',' | UINT64_C(1) << ':' |
                           UINT64_C(1) << ';' | UINT64_C(1) << '\'';
    unsigned byte = words->text[words->window - WINDOW + end];
    if (byte >= 64 || (signs >> byte & 1) == 0)
        return byte < 0x80;
    return end + 1 < WINDOW && ((words->runs | words->longs) >> (end + 1) & 1) == 0;
}

/* Take up to `max` words that begin and end in the window for certain. False if there is one that
 * takes a longer look, at which `words` stands then. */
static bool take_words(qi_words *words, qi_word *out, size_t max, size_t *count)
{
    size_t base = words->window - WINDOW;
    uint64_t left = (words->runs | words->longs) >> (words->at - base) << (words->at - base);
    for (; left != 0 && *count < max; *count += 1) {
        unsigned start = qi_ctz(left);
        uint64_t others = ~words->runs >> start;
        words->at = base + start;
        if ((words->longs >> start & 1) != 0 || words->text[words->at] == '_')
            return false;
        if (others == 0) /* it may go on past the window */
            return start != 0 && look(words);
        unsigned end = start + qi_ctz(others);
        if (!is_end(words, end))
            return false;
        out[*count] = (qi_word){base + start, base + end, true, false};
        left = left >> end << end;
        words->at = base + end;
    }
    if (left == 0)
        words->at = words->window;
    return true;
}

size_t qi_words_some(qi_words *words, qi_word *out, size_t max)
{
    size_t count = 0;
    while (count < max && (words->at < words->window || look(words)) &&
           take_words(words, out, max, &count))
        continue;
    return count;
}

bool qi_words_next(qi_words *words, qi_word *out)
{
    if (qi_words_some(words, out, 1) == 1)
        return true;
    if (words->at >= words->len) /* an empty text may be NULL */
        return false;
    const uint8_t *end = words->text + words->len;
    for (;;) {
        const uint8_t *at = words->text + words->at;
        while (at < end && wb_bytes[*at] == BYTE_NONE)
            at++;
        words->at = (size_t)(at - words->text);
        const uint8_t *stop = at < end && wb_bytes[*at] == BYTE_WORD ? run_end(at, end) : NULL;
        if (stop != NULL) {
            *out = (qi_word){words->at, (size_t)(stop - words->text), true, false};
            words->at = out->end;
            return true;
        }
        if (!qi_words_segment(words, out))
            return false;
        if (out->word)
            return true;
    }
}

/* Whether the character continues an ideograph: a mark, or a vowel or final consonant of Hangul. */
static bool continues(uint32_t c, unsigned value)
{
    return (1u << (value & WB_CLASS) & IGNORED) != 0 || (c >= 0x1160 && c <= 0x11FF) ||
           (c >= 0xD7B0 && c <= 0xD7FF);
}

bool qi_words_split(const uint8_t *text, size_t *at, size_t end, qi_word *out)
{
    *out = (qi_word){*at, *at, false, false};
    while (*at < end) {
        uint32_t c;
        unsigned len = qi_unicode_decode(text + *at, text + end, &c), value = value_of(c);
        bool ideograph = (value & WB_IDEOGRAPH) != 0, word = (value & WB_WORD) != 0;
        bool joins = out->ideograph ? continues(c, value) : !ideograph;
        if (out->word && !joins)
            break;
        if (!out->word && ideograph)
            out->start = *at;
        *at += len;
        out->end = *at;
        out->word = out->word || word;
        out->ideograph = out->ideograph || ideograph;
    }
    return out->word;
}

const char *qi_words_version(void)
{
    return QI_WORDS_UNICODE;
}
