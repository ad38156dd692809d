/* SPDX-License-Identifier: MIT
 * UTF-8 and folding. A text is folded in stretches that fit a small array: each character is
 * decomposed into it, the marks are put in order, and the stretch is composed again. A stretch ends
 * where no character can compose with one before it, so that the result is that of the whole text;
 * only a run of hundreds of marks is cut elsewhere. Memory is bounded whatever the text. */
#include "text/unicode.h"

#include <string.h>
#include <utf8proc.h>

enum {
    STRETCH = 256,
    LONGEST = 32
}; /* characters of a stretch; of one character's decomposition */

unsigned qi_unicode_decode_long(const uint8_t *p, const uint8_t *end, uint32_t *out)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned len = *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2;
    *out = QI_UNICODE_BAD;
    if (*p < 0xC2 || *p > 0xF4 || len > (size_t)(end - p))
        return 1;
    uint32_t c = *p & (0x7Fu >> len);
    for (unsigned i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 1;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 1;
    *out = c;
    return len;
}

size_t qi_unicode_cut(quire_str text, size_t max)
{
    if (text.len <= max)
        return text.len;
    size_t len = max;
    while (len > 0 && max - len < 3 && (text.ptr[len] & 0xC0) == 0x80)
        len--;
    return (text.ptr[len] & 0xC0) == 0x80 ? max : len;
}

uint64_t qi_unicode_invalid(quire_str text)
{
    const uint8_t *at = (const uint8_t *)text.ptr, *end = text.len == 0 ? at : at + text.len;
    uint64_t invalid = 0;
    while (at < end) {
        uint32_t c;
        unsigned len = qi_unicode_decode(at, end, &c);
        invalid += c == QI_UNICODE_BAD && len == 1;
        at += len;
    }
    return invalid;
}

/* Append a character, unless it would be more than `left` bytes. */
static bool put(qi_buf *out, uint32_t c, size_t *left)
{
    uint8_t bytes[4];
    size_t len = (size_t)utf8proc_encode_char((utf8proc_int32_t)c, bytes);
    if (len > *left)
        return false;
    *left -= len;
    qi_buf_add(out, bytes, len);
    return !out->failed;
}

/* Put the marks that follow a letter in their canonical order. */
static void order_marks(utf8proc_int32_t *c, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        utf8proc_int32_t moved = c[i];
        utf8proc_propval_t class = utf8proc_get_property(moved)->combining_class;
        size_t j = i;
        for (; class != 0 && j > 0 && utf8proc_get_property(c[j - 1])->combining_class > class; j--)
            c[j] = c[j - 1];
        c[j] = moved;
    }
}

/* Whether a decomposed character starts anew, whatever comes before it: not a mark, nor a vowel or
 * final consonant of Hangul. */
static bool starts_stretch(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return (category < UTF8PROC_CATEGORY_MN || category > UTF8PROC_CATEGORY_ME) &&
           (c < 0x1160 || c > 0x11FF);
}

static bool put_stretch(qi_buf *out, utf8proc_int32_t *c, size_t count, size_t *left)
{
    order_marks(c, count);
    utf8proc_ssize_t composed =
        utf8proc_normalize_utf32(c, (utf8proc_ssize_t)count, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    for (utf8proc_ssize_t i = 0; i < composed; i++)
        if (!put(out, (uint32_t)c[i], left))
            return false;
    return true;
}

/* Append what a character folds to; how many characters. */
static size_t decompose(uint32_t from, bool turkic, utf8proc_int32_t *to)
{
    const utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    int unused = 0;
    if (turkic && (from == 'I' || from == 0x130))
        from = from == 'I' ? 0x131 : 'i';
    utf8proc_ssize_t count =
        utf8proc_decompose_char((utf8proc_int32_t)from, to, LONGEST, options, &unused);
    return count > 0 && count <= LONGEST ? (size_t)count : 0;
}

bool qi_unicode_fold(qi_buf *out, quire_str text, size_t max, bool turkic)
{
    const uint8_t *at = (const uint8_t *)text.ptr, *end = text.len == 0 ? at : at + text.len;
    utf8proc_int32_t c[STRETCH + 2 * LONGEST];
    size_t count = 0;
    while (at < end) {
        uint32_t next;
        at += qi_unicode_decode(at, end, &next);
        size_t made = decompose(next, turkic, c + count);
        if (count >= STRETCH || (count >= STRETCH / 4 && made > 0 && starts_stretch(c[count]))) {
            utf8proc_int32_t kept[LONGEST];
            memcpy(kept, c + count, made * sizeof *c);
            if (!put_stretch(out, c, count, &max))
                return false;
            memcpy(c, kept, made * sizeof *c);
            count = 0;
        }
        count += made;
    }
    return put_stretch(out, c, count, &max);
}

/* Letters whose stroke, hook or ligature Unicode does not decompose; in order. */
static const struct {
    uint16_t from;
    char to[3];
} letters[] = {
    {0xE6, "ae"},  {0xF0, "d"},  {0xF8, "o"},  {0xFE, "th"}, {0x111, "d"},  {0x127, "h"},
    {0x131, "i"},  {0x138, "q"}, {0x142, "l"}, {0x14B, "n"}, {0x153, "oe"}, {0x167, "t"},
    {0x180, "b"},  {0x183, "b"}, {0x188, "c"}, {0x18C, "d"}, {0x192, "f"},  {0x199, "k"},
    {0x19A, "l"},  {0x19E, "n"}, {0x1A5, "p"}, {0x1AB, "t"}, {0x1AD, "t"},  {0x1B4, "y"},
    {0x1B6, "z"},  {0x1E5, "g"}, {0x225, "z"}, {0x23C, "c"}, {0x23F, "s"},  {0x240, "z"},
    {0x247, "e"},  {0x249, "j"}, {0x24B, "q"}, {0x24D, "r"}, {0x24F, "y"},  {0x253, "b"},
    {0x256, "d"},  {0x257, "d"}, {0x260, "g"}, {0x268, "i"}, {0x26B, "l"},  {0x271, "m"},
    {0x272, "n"},  {0x275, "o"}, {0x288, "t"}, {0x289, "u"}, {0x28B, "v"},  {0x2C65, "a"},
    {0x2C66, "t"},
};

/* What an accentless letter of Latin folds to, or NULL. */
static const char *plain_letter(uint32_t c)
{
    size_t low = 0, high = sizeof letters / sizeof *letters;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (letters[middle].from == c)
            return letters[middle].to;
        if (letters[middle].from < c)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool in_ranges(uint32_t c, const uint16_t (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/* A sign that is dropped: accents, points of Hebrew, harakat, tatweel and the signs of the Quran.
 */
static bool is_accent(uint32_t c)
{
    static const uint16_t signs[][2] = {
        {0x300, 0x36F},   {0x483, 0x487},   {0x591, 0x5BD},   {0x5BF, 0x5BF},   {0x5C1, 0x5C2},
        {0x5C4, 0x5C5},   {0x5C7, 0x5C7},   {0x610, 0x61A},   {0x640, 0x640},   {0x64B, 0x65F},
        {0x670, 0x670},   {0x6D6, 0x6DC},   {0x6DF, 0x6E4},   {0x6E7, 0x6E8},   {0x6EA, 0x6ED},
        {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F},
    };
    return in_ranges(c, signs, sizeof signs / sizeof *signs);
}

/* A letter that loses its accent: Latin, Greek, three of Cyrillic, the alefs of Arabic. */
static bool has_accent(uint32_t c)
{
    static const uint16_t accented[][2] = {
        {0xC0, 0x24F},  {0x370, 0x3FF}, {0x450, 0x451}, {0x45D, 0x45D},
        {0x4E2, 0x4E3}, {0x622, 0x623}, {0x625, 0x625}, {0x1E00, 0x1FFF},
    };
    return in_ranges(c, accented, sizeof accented / sizeof *accented);
}

static uint32_t without_accent(uint32_t c)
{
    utf8proc_int32_t parts[LONGEST];
    int unused = 0;
    if (!has_accent(c))
        return c == 0x671 ? 0x627 : c;
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)c, parts, LONGEST,
                                                     UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &unused);
    return count > 0 ? (uint32_t)parts[0] : c;
}

/* Whether a character is known at a glance to have no accent and be none. */
static bool is_settled(uint32_t c)
{
    return c < 0xC0 || (c >= 0x430 && c <= 0x44F) || (c >= 0x2E80 && c < 0xFE20);
}

/* Write what is left of a character; where to go on. */
static uint8_t *write_plain(uint8_t *to, uint32_t c)
{
    if (!is_settled(c)) {
        if (is_accent(c))
            return to;
        c = without_accent(c);
        const char *plain = plain_letter(c);
        if (plain != NULL) {
            size_t len = strlen(plain);
            memcpy(to, plain, len);
            return to + len;
        }
    }
    return to + utf8proc_encode_char((utf8proc_int32_t)c, to);
}

void qi_unicode_strip(qi_buf *out, quire_str folded)
{
    const uint8_t *at = (const uint8_t *)folded.ptr, *end = folded.len == 0 ? at : at + folded.len;
    uint8_t *to = folded.len == 0 ? NULL : qi_buf_grow(out, folded.len);
    if (to == NULL)
        return;
    while (at < end) {
        uint32_t c;
        unsigned len = qi_unicode_decode(at, end, &c);
        at += len;
        if (c != QI_UNICODE_BAD || len == 3)
            to = write_plain(to, c);
    }
    out->len = (size_t)(to - out->bytes);
}

const char *qi_unicode_version(void)
{
    return utf8proc_unicode_version();
}
