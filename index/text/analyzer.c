/* SPDX-License-Identifier: MIT
 * The one way from text to tokens. Words come from text/words as ranges of bytes; what becomes of a
 * word depends on its bytes alone, so a cache of fixed size remembers the outcome, and folding and
 * stemming run about once per distinct word. Invariant: a token from the cache equals the one made
 * anew. */
#include "text/analyzer.h"

#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "text/stem.h"
#include "text/stop.h"
#include "text/unicode.h"
#include "text/words.h"

enum {
    RAW_MAX = 4 * QI_TERM_MAX, /* bytes of a word that are looked at */
    FORMS = 1 << 16,           /* slots of the cache */
    FORM_BYTES = 54,
    WORTH_A_CACHE = 1 << 14, /* bytes of text after which the cache is made */
};

/* A remembered word, one line of the processor's cache: its bytes, then those of its forms that are
 * not a beginning of the form before. */
typedef struct form {
    uint32_t hash;
    uint8_t raw_len; /* 0: free */
    uint8_t exact_at, exact_len, term_at, term_len;
    bool stop;
    char bytes[FORM_BYTES];
} form;

/* What each step made of a word. */
typedef struct outcome {
    quire_str raw, folded, plain, bare, stem, exact, term;
    bool stop, cut;
} outcome;

struct qi_analyzer {
    quire_analyzer options;
    qi_stemmer *stemmer;
    const char *stops;
    bool turkic;      /* I is the capital of dotless i */
    bool plain_first; /* diacritics go before the possessive */
    qi_words words;
    size_t split_at, split_end; /* what is left of a segment with ideographs */
    qi_word last;
    uint32_t position;
    uint64_t invalid, long_tokens, read;
    form *forms; /* NULL while little text was read */
    qi_buf folded, plain, exact, term, whole;
};

static bool is_one_of(const char *language, const char *names)
{
    return qi_stop_has(names, quire_cstr(language));
}

quire_status qi_analyzer_new(qi_analyzer **out, const quire_analyzer *options, quire_error *err)
{
    *out = NULL;
    if (memchr(options->language, 0, sizeof options->language) == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "the name of the analyzer's language does not end");
    qi_stemmer *stemmer;
    QI_TRY(qi_stem_new(&stemmer, options->language, err));
    qi_analyzer *a = qi_mem_new(1, sizeof *a);
    if (a == NULL) {
        qi_stem_free(stemmer);
        return qi_no_memory(err);
    }
    a->options = *options;
    a->stemmer = stemmer;
    a->stops = options->stop_words ? qi_stop_words(options->language) : "";
    a->turkic = is_one_of(options->language, " turkish ");
    a->plain_first = stemmer == NULL || is_one_of(options->language, " english porter indonesian ");
    *out = a;
    return QUIRE_OK;
}

void qi_analyzer_free(qi_analyzer *a)
{
    if (a == NULL)
        return;
    qi_stem_free(a->stemmer);
    qi_buf_free(&a->folded);
    qi_buf_free(&a->plain);
    qi_buf_free(&a->exact);
    qi_buf_free(&a->term);
    qi_buf_free(&a->whole);
    qi_mem_free(a->forms);
    qi_mem_free(a);
}

quire_status qi_analyzer_start(qi_analyzer *a, quire_str text, quire_error *err)
{
    if (text.len > INT32_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "a text of %zu bytes is longer than 2 GiB", text.len);
    a->invalid += a->words.invalid;
    a->words = qi_words_of(text);
    a->split_at = a->split_end = 0;
    a->position = 0;
    a->last = (qi_word){0};
    a->read += text.len;
    if (a->forms == NULL && a->read > WORTH_A_CACHE && !a->options.whole) {
        a->forms = qi_mem_new(FORMS, sizeof *a->forms);
        if (a->forms == NULL)
            return qi_no_memory(err);
    }
    return QUIRE_OK;
}

static quire_str view(const qi_buf *buf)
{
    return (quire_str){(const char *)buf->bytes, buf->len};
}

/* Lower-case a text that is ASCII; false if it is not. */
static bool fold_ascii(qi_buf *out, quire_str text, size_t max)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    size_t len = text.len < max ? text.len : max;
    uint8_t *to = len != 0 ? qi_buf_grow(out, len) : NULL;
    for (size_t i = 0; to != NULL && i < len; i++)
        to[i] =
            (uint8_t)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] | 0x20 : text.ptr[i]);
    return true;
}

/* Replace `out` by the folded text; whether all of it found room. */
static bool fold(const qi_analyzer *a, qi_buf *out, quire_str text, size_t max)
{
    out->len = 0;
    if (!a->turkic && fold_ascii(out, text, max))
        return text.len <= max;
    return qi_unicode_fold(out, text, max, a->turkic);
}

/* `text` without diacritics, in `out` if that makes a difference. */
static quire_str strip(const qi_analyzer *a, qi_buf *out, quire_str text, bool *cut)
{
    bool ascii = true;
    for (size_t i = 0; i < text.len && ascii; i++)
        ascii = (unsigned char)text.ptr[i] < 0x80;
    if (ascii || a->options.keep_diacritics)
        return text;
    out->len = 0;
    *cut |= !qi_unicode_strip(out, text, SIZE_MAX);
    return view(out);
}

/* The word without the 's that it ends in. */
static quire_str without_possessive(quire_str word)
{
    if (word.len < 3 || word.ptr[word.len - 1] != 's')
        return word;
    if (word.ptr[word.len - 2] == '\'')
        return (quire_str){word.ptr, word.len - 2};
    if (word.len > 4 && memcmp(word.ptr + word.len - 4, "\xE2\x80\x99", 3) == 0)
        return (quire_str){word.ptr, word.len - 4};
    return word;
}

/* Words that the stemmer is not asked about. Porter leaves words of two letters alone; Snowball's
 * rendering of his algorithm does not say so. */
static bool is_unstemmed(const qi_analyzer *a, quire_str word, bool ideograph)
{
    return ideograph || (word.len <= 2 && strcmp(a->options.language, "porter") == 0);
}

/* All steps. The results stand in the analyzer's scratch buffers and in the stemmer. */
static quire_status make(qi_analyzer *a, quire_str raw, bool ideograph, outcome *o,
                         quire_error *err)
{
    size_t looked_at = a->options.whole ? raw.len : qi_unicode_cut(raw, RAW_MAX);
    bool early = a->plain_first || a->options.whole;
    *o = (outcome){.raw = raw, .cut = looked_at < raw.len};
    o->cut |= !fold(a, &a->folded, (quire_str){raw.ptr, looked_at}, QI_TERM_MAX);
    o->folded = view(&a->folded);
    o->plain = early ? strip(a, &a->plain, o->folded, &o->cut) : o->folded;
    o->bare = o->stem = o->plain;
    if (!a->options.whole) {
        if (!a->options.keep_possessive)
            o->bare = without_possessive(o->plain);
        o->stop = qi_stop_has(a->stops, o->bare);
        o->stem = o->bare;
        if (!o->stop && !is_unstemmed(a, o->bare, ideograph))
            QI_TRY(qi_stem_word(a->stemmer, o->bare, &o->stem, err));
        if (o->stem.len == 0)
            o->stem = o->bare;
    }
    o->exact = early ? o->bare : strip(a, &a->exact, o->bare, &o->cut);
    o->term = early ? o->stem : strip(a, &a->term, o->stem, &o->cut);
    if (a->folded.failed || a->plain.failed || a->exact.failed || a->term.failed) {
        a->folded.failed = a->plain.failed = a->exact.failed = a->term.failed = false;
        return qi_no_memory(err);
    }
    return QUIRE_OK;
}

/* Where `part` stands in the slot, appended unless it begins what stands at `at`; false if there is
 * no room. */
static bool place(form *slot, size_t *used, quire_str part, uint8_t *at, size_t len_there)
{
    if (part.len <= len_there && memcmp(slot->bytes + *at, part.ptr, part.len) == 0)
        return true;
    if (part.len > FORM_BYTES - *used)
        return false;
    memcpy(slot->bytes + *used, part.ptr, part.len);
    *at = (uint8_t)*used;
    *used += part.len;
    return true;
}

static void remember(form *slot, uint32_t hash, const outcome *o)
{
    form made = {.hash = hash, .raw_len = (uint8_t)o->raw.len, .stop = o->stop};
    size_t used = o->raw.len;
    memcpy(made.bytes, o->raw.ptr, o->raw.len);
    if (!place(&made, &used, o->exact, &made.exact_at, o->raw.len))
        return;
    made.exact_len = (uint8_t)o->exact.len;
    made.term_at = made.exact_at;
    if (!place(&made, &used, o->term, &made.term_at, o->exact.len))
        return;
    made.term_len = (uint8_t)o->term.len;
    *slot = made;
}

/* The outcome for a word, of which only `stop`, `exact` and `term` are set, from the cache or made
 * anew. */
static quire_status find(qi_analyzer *a, quire_str raw, bool ideograph, outcome *o,
                         quire_error *err)
{
    if (a->forms == NULL || raw.len > FORM_BYTES) {
        QI_TRY(make(a, raw, ideograph, o, err));
        a->long_tokens += o->cut;
        return QUIRE_OK;
    }
    uint32_t hash = (uint32_t)qi_hash(raw.ptr, raw.len);
    form *slot = &a->forms[hash % FORMS];
    if (slot->hash != hash || slot->raw_len != raw.len ||
        memcmp(slot->bytes, raw.ptr, raw.len) != 0) {
        QI_TRY(make(a, raw, ideograph, o, err));
        a->long_tokens += o->cut;
        if (!o->cut)
            remember(slot, hash, o);
        return QUIRE_OK;
    }
    o->stop = slot->stop;
    o->exact = (quire_str){slot->bytes + slot->exact_at, slot->exact_len};
    o->term = (quire_str){slot->bytes + slot->term_at, slot->term_len};
    return QUIRE_OK;
}

/* The next range of bytes that is a token, unless folding leaves nothing of it. */
static bool next_range(qi_analyzer *a)
{
    if (a->options.whole) {
        size_t len = a->words.len;
        a->last = (qi_word){0, len, true, false};
        if (len == 0 || a->words.at == len)
            return false;
        a->words.at = len;
        a->words.invalid = qi_unicode_invalid((quire_str){(const char *)a->words.text, len});
        return true;
    }
    for (;;) {
        if (a->split_at < a->split_end &&
            qi_words_split(a->words.text, &a->split_at, a->split_end, &a->last))
            return true;
        if (!qi_words_next(&a->words, &a->last))
            return false;
        if (!a->last.ideograph)
            return true;
        a->split_at = a->last.start;
        a->split_end = a->last.end;
    }
}

static quire_str last_raw(const qi_analyzer *a)
{
    return (quire_str){(const char *)a->words.text + a->last.start, a->last.end - a->last.start};
}

quire_status qi_analyzer_next(qi_analyzer *a, bool keep_stops, qi_token *out, quire_error *err)
{
    while (next_range(a)) {
        outcome o;
        QI_TRY(find(a, last_raw(a), a->last.ideograph, &o, err));
        if (o.exact.len == 0)
            continue;
        uint32_t position = a->position++;
        if (o.stop && !keep_stops)
            continue;
        *out = (qi_token){o.term, o.exact, position, a->last.start, a->last.end, a->last.ideograph};
        if (o.stop)
            out->term.len = 0;
        return QUIRE_OK;
    }
    *out = (qi_token){0};
    return QUIRE_DONE;
}

uint64_t qi_analyzer_invalid_bytes(const qi_analyzer *a)
{
    return a->invalid + a->words.invalid;
}

uint64_t qi_analyzer_long_tokens(const qi_analyzer *a)
{
    return a->long_tokens;
}

/* Append text that may be anything as a piece of one line of UTF-8. */
static void show_text(qi_buf *out, quire_str text)
{
    size_t len = qi_unicode_cut(text, QI_TERM_MAX);
    const uint8_t *at = (const uint8_t *)text.ptr, *end = len == 0 ? at : at + len;
    while (at < end) {
        uint32_t c;
        unsigned n = qi_unicode_decode(at, end, &c);
        if (c < 0x20 || c == 0x7F || (c == QI_UNICODE_BAD && n == 1))
            qi_buf_add(out, "\xEF\xBF\xBD", 3);
        else
            qi_buf_add(out, at, n);
        at += n;
    }
    if (len < text.len)
        qi_buf_add(out, "\xE2\x80\xA6", 3);
}

static void show_step(qi_buf *out, const char *name, quire_str from, quire_str to)
{
    if (from.len == to.len && (from.len == 0 || memcmp(from.ptr, to.ptr, from.len) == 0))
        return;
    if (out->len != 0 && out->bytes[out->len - 1] != '\0')
        qi_buf_add(out, "; ", 2);
    qi_buf_add(out, name, strlen(name));
    qi_buf_add(out, ": ", 2);
    show_text(out, from);
    qi_buf_add(out, " -> ", 4);
    show_text(out, to);
}

void qi_analyzer_steps(qi_analyzer *a, qi_buf *out)
{
    outcome o = {0};
    if (make(a, last_raw(a), a->last.ideograph, &o, NULL) != QUIRE_OK)
        out->failed = true;
    show_step(out, "fold", o.raw, o.folded);
    show_step(out, "diacritics", o.folded, o.plain);
    show_step(out, "possessive", o.plain, o.bare);
    if (o.stop)
        show_step(out, "stop word", o.bare, (quire_str){"", 0});
    show_step(out, "stem", o.bare, o.stem);
    show_step(out, "diacritics", o.stem, o.term);
    qi_buf_u8(out, '\0');
}

quire_status qi_analyzer_fold(qi_analyzer *a, quire_str text, quire_str *out, quire_error *err)
{
    bool cut = false;
    a->invalid += qi_unicode_invalid(text);
    fold(a, &a->whole, text, SIZE_MAX);
    *out = strip(a, &a->plain, view(&a->whole), &cut);
    if (!a->whole.failed && !a->plain.failed)
        return QUIRE_OK;
    a->whole.failed = a->plain.failed = false;
    *out = (quire_str){NULL, 0};
    return qi_no_memory(err);
}
