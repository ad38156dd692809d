/* SPDX-License-Identifier: MIT
 * The one way from text to tokens. Words come from text/words as ranges of bytes; what becomes of a
 * word depends on its bytes alone, so a cache of fixed size remembers the outcome, and folding and
 * stemming run about once per distinct word. Invariant: a token from the cache equals the one made
 * anew. */
#include "text/analyzer.h"

#include <string.h>

#include "base/bits.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "text/names.h"
#include "text/stem.h"
#include "text/stop.h"
#include "text/unicode.h"
#include "text/words.h"

enum {
    RAW_MAX = 4 * QI_TERM_MAX, /* bytes of a word that are looked at */
    FORMS = 1 << 15,           /* slots of the cache at first */
    FORM_BYTES = 48,
    KEY = QI_NAMES_KEY,      /* bytes of a word that are compared at once */
    LINE = 64,               /* bytes of a line of the cache */
    NAMED = 1 << 15,         /* pairs of names at first */
    WORTH_A_CACHE = 1 << 14, /* bytes of text after which the cache is made */
    AHEAD = QI_NAMES,        /* words whose slots are on their way to the processor */
};

/* A remembered word, one line of the processor's cache: its bytes, with zeros up to KEY, then those
 * of its forms that are not a beginning of the form before. */
typedef struct form {
    char bytes[FORM_BYTES];
    uint32_t name;   /* what the caller calls it, plus one; 0: not known */
    uint8_t raw_len; /* 0: free */
    uint8_t space;
    uint8_t exact_at, exact_len, term_at, term_len;
    bool stop;
} form;

/* A word of the text and the slot to look in. */
typedef struct found {
    qi_word at;
    uint32_t hash; /* set if the word has a slot, as is `key` */
    char key[KEY]; /* the first bytes, then zeros */
} found;

/* Words at hand that have no name yet. Each stands among the tokens once. */
typedef struct nameless {
    qi_token tokens[AHEAD];
    unsigned words[AHEAD]; /* in `ahead`, of each token */
    unsigned count;
    unsigned places[AHEAD][2]; /* where a name is needed, and of which token */
    unsigned place_count;
    qi_buf bytes; /* of the tokens, exact forms before terms */
} nameless;

/* What each step made of a word. */
typedef struct outcome {
    quire_str raw, folded, plain, bare, stem, exact, term;
    bool stop, cut;
} outcome;

struct qi_analyzer {
    quire_analyzer options;
    qi_stemmer *stemmer;
    const char *stops;
    bool porter;
    bool turkic;      /* I is the capital of dotless i */
    bool plain_first; /* diacritics go before the possessive */
    qi_words words;
    size_t split_at, split_end; /* what is left of a segment with ideographs */
    found ahead[AHEAD];         /* words found; those before `ahead_at` were given */
    unsigned ahead_at, ahead_count;
    uint32_t position;
    uint64_t invalid, long_tokens, read;
    void *room;
    form *forms; /* in `room`, at the start of a line; NULL while little text was read */
    size_t form_count, most_forms, misses;
    qi_names names; /* of words that have one */
    size_t most_pairs;
    uint8_t space;
    qi_buf folded, plain, term;
    nameless fresh;
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
    a->porter = is_one_of(options->language, " porter ");
    a->turkic = is_one_of(options->language, " turkish ");
    a->plain_first = stemmer == NULL || is_one_of(options->language, " english porter indonesian ");
    a->most_forms = FORMS;
    a->most_pairs = NAMED;
    *out = a;
    return QUIRE_OK;
}

void qi_analyzer_remember(qi_analyzer *a, size_t bytes)
{
    a->most_forms = bytes / 4 / sizeof(form) < FORMS ? FORMS : bytes / 4 / sizeof(form);
    a->most_pairs = bytes / LINE < NAMED ? NAMED : bytes / LINE;
}

void qi_analyzer_free(qi_analyzer *a)
{
    if (a == NULL)
        return;
    qi_stem_free(a->stemmer);
    qi_buf_free(&a->folded);
    qi_buf_free(&a->plain);
    qi_buf_free(&a->term);
    qi_buf_free(&a->fresh.bytes);
    qi_mem_free(a->room);
    qi_names_free(&a->names);
    qi_mem_free(a);
}

void qi_analyzer_rest(qi_analyzer *a)
{
    a->words = qi_words_of((quire_str){NULL, 0});
    a->split_at = a->split_end = 0;
    a->ahead_at = a->ahead_count = 0;
    a->position = 0;
    a->invalid = a->long_tokens = a->read = 0;
    qi_mem_free(a->room);
    qi_names_free(&a->names);
    a->room = NULL;
    a->forms = NULL;
    a->form_count = a->misses = 0;
}

/* The hash of a word, whose beginning is `low` and `high`. */
static inline uint32_t mix(uint64_t low, uint64_t high, quire_str raw, uint8_t space)
{
    uint64_t mixed = (low ^ (high << 23 | high >> 41)) * UINT64_C(0x9E3779B97F4A7C15);
    if (raw.len > KEY)
        mixed ^= qi_hash(raw.ptr, raw.len);
    mixed = (mixed ^ mixed >> 32 ^ space) * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(mixed >> 32);
}

static uint32_t hash_of(const char *key, quire_str raw, uint8_t space)
{
    return mix(qi_load64(key), qi_load64(key + 8), raw, space);
}

/* Make the cache of `count` slots, with what is in it; one that cannot grow stays as it is. */
static void enlarge(qi_analyzer *a, size_t count)
{
    void *room = qi_mem_table(count + 1, LINE);
    uintptr_t at = ((uintptr_t)room + LINE - 1) / LINE * LINE;
    form *forms = room != NULL ? (form *)at : NULL;
    for (size_t i = 0; forms != NULL && i < a->form_count; i++) {
        const form *old = &a->forms[i];
        quire_str raw = {old->bytes, old->raw_len};
        if (old->raw_len != 0)
            forms[hash_of(old->bytes, raw, old->space) & (count - 1)] = *old;
    }
    a->misses = 0;
    if (forms == NULL)
        return;
    qi_mem_free(a->room);
    a->room = room;
    a->forms = forms;
    a->form_count = count;
}

quire_status qi_analyzer_start(qi_analyzer *a, quire_str text, quire_error *err)
{
    if (text.len > INT32_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "a text of %zu bytes is longer than 2 GiB", text.len);
    a->invalid += a->words.invalid;
    a->words = qi_words_of(text);
    a->split_at = a->split_end = 0;
    a->position = 0;
    a->ahead_at = a->ahead_count = 0;
    a->read += text.len;
    if (a->forms == NULL ? a->read > WORTH_A_CACHE && !a->options.whole
                         : a->misses > a->form_count / 2 && a->form_count <= a->most_forms / 2)
        enlarge(a, a->forms == NULL ? FORMS : a->form_count * 2);
    if (a->names.entered > a->names.pairs && a->names.pairs <= a->most_pairs / 2)
        qi_names_enlarge(&a->names, a->names.pairs * 2, hash_of);
    return QUIRE_OK;
}

static quire_str view(const qi_buf *buf)
{
    return (quire_str){(const char *)buf->bytes, buf->len};
}

static bool is_ascii(quire_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

/* Whether a text is ASCII without capitals: folding leaves it as it is. */
static bool is_folded(quire_str text)
{
    bool folded = true;
    for (size_t i = 0; i < text.len; i++)
        folded &= (unsigned char)text.ptr[i] < 0x80 && (unsigned)(text.ptr[i] - 'A') > 'Z' - 'A';
    return folded;
}

/* Append the lower case of a text that is ASCII. */
static void fold_ascii(qi_buf *out, quire_str text, size_t max)
{
    size_t len = text.len < max ? text.len : max;
    uint8_t *to = len != 0 ? qi_buf_grow(out, len) : NULL;
    for (size_t i = 0; to != NULL && i < len; i++) {
        bool upper = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';
        to[i] = (uint8_t)(upper ? text.ptr[i] | 0x20 : text.ptr[i]);
    }
}

/* Replace `out` by the folded text; whether all of it found room. */
static bool fold(const qi_analyzer *a, qi_buf *out, quire_str text, size_t max)
{
    out->len = 0;
    if (a->turkic || !is_ascii(text))
        return qi_unicode_fold(out, text, max, a->turkic);
    fold_ascii(out, text, max);
    return text.len <= max;
}

/* A word folded, in the analyzer's scratch if that makes a difference; whether all of it found
 * room.
 */
static bool fold_word(qi_analyzer *a, quire_str word, quire_str *out)
{
    *out = word;
    if (word.len <= QI_TERM_MAX && is_folded(word))
        return true;
    bool whole = fold(a, &a->folded, word, QI_TERM_MAX);
    *out = view(&a->folded);
    return whole;
}

/* `text` without diacritics, in `out` if that makes a difference. */
static quire_str strip(const qi_analyzer *a, qi_buf *out, quire_str text)
{
    if (a->options.keep_diacritics || is_ascii(text))
        return text;
    out->len = 0;
    qi_unicode_strip(out, text);
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

static quire_status stem(qi_analyzer *a, quire_str word, quire_str *out, quire_error *err)
{
    char room[QI_TERM_MAX];
    *out = word;
    if (word.len == 0 || (a->porter && word.len <= 2))
        return QUIRE_OK;
    QI_TRY(qi_stem_word(a->stemmer, a->porter ? qi_stem_porter_word(word, room) : word, out, err));
    if (out->len == 0)
        *out = word;
    return QUIRE_OK;
}

/* Whether a step ran out of memory; the next word may have more luck. */
static bool has_failed(qi_analyzer *a)
{
    qi_buf *scratch[] = {&a->folded, &a->plain, &a->term, &a->fresh.bytes};
    bool failed = false;
    for (size_t i = 0; i < sizeof scratch / sizeof *scratch; i++) {
        failed = failed || scratch[i]->failed;
        scratch[i]->failed = false;
    }
    return failed;
}

/* All steps. The results stand in the analyzer's scratch buffers and in the stemmer. */
static quire_status make(qi_analyzer *a, quire_str raw, bool ideograph, outcome *o,
                         quire_error *err)
{
    size_t looked_at = a->options.whole ? raw.len : qi_unicode_cut(raw, RAW_MAX);
    bool early = a->plain_first || a->options.whole;
    *o = (outcome){.raw = raw, .cut = looked_at < raw.len};
    o->cut |= !fold_word(a, (quire_str){raw.ptr, looked_at}, &o->folded);
    bool plain = o->folded.ptr == raw.ptr; /* ASCII, that is */
    o->plain = early && !plain ? strip(a, &a->plain, o->folded) : o->folded;
    o->bare = o->stem = o->plain;
    if (!a->options.whole) {
        if (!a->options.keep_possessive)
            o->bare = without_possessive(o->plain);
        o->stop = qi_stop_has(a->stops, o->bare);
        o->stem = o->bare;
        if (!o->stop && !ideograph)
            QI_TRY(stem(a, o->bare, &o->stem, err));
    }
    o->exact = early ? o->bare : strip(a, &a->plain, o->bare);
    o->term = early ? o->stem : strip(a, &a->term, o->stem);
    return has_failed(a) ? qi_no_memory(err) : QUIRE_OK;
}

/* Put `part` into the slot, unless it begins what stands at `at`, and set `at`; false if there is
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

static void remember(form *slot, uint8_t space, const outcome *o)
{
    form made = {.raw_len = (uint8_t)o->raw.len, .space = space, .stop = o->stop};
    size_t used = o->raw.len < KEY ? KEY : o->raw.len;
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

/* Whether the outcome for a word may be in the cache. */
static bool has_slot(const qi_analyzer *a, size_t raw_len)
{
    return a->forms != NULL && raw_len <= FORM_BYTES;
}

static quire_str raw_of(const qi_analyzer *a, const found *word)
{
    return (quire_str){(const char *)a->words.text + word->at.start, word->at.end - word->at.start};
}

/* Whether a word may have a name in a->names. */
static bool is_nameable(const qi_analyzer *a, const found *word)
{
    return a->names.slots != NULL && word->at.end - word->at.start <= QI_NAMES_BYTES;
}

/* The slot where a word is or may be remembered; NULL: nowhere. One that may have a name needs
 * none: what has lost its name is seldom still there. */
static form *slot_of(const qi_analyzer *a, const found *word)
{
    return has_slot(a, word->at.end - word->at.start) && !is_nameable(a, word)
               ? &a->forms[word->hash & (a->form_count - 1)]
               : NULL;
}

/* Whether a slot holds the word. */
static bool holds(const qi_analyzer *a, const form *slot, const found *word)
{
    size_t len = word->at.end - word->at.start;
    return slot->raw_len == len && slot->space == a->space &&
           memcmp(slot->bytes, word->key, KEY) == 0 &&
           (len <= KEY ||
            memcmp(slot->bytes + KEY, a->words.text + word->at.start + KEY, len - KEY) == 0);
}

/* The outcome for a word, of which only `stop`, `exact` and `term` are set, from the cache or made
 * anew. */
static quire_status recall(qi_analyzer *a, const found *word, outcome *o, quire_error *err)
{
    quire_str raw = raw_of(a, word);
    form *slot = slot_of(a, word);
    if (slot != NULL && holds(a, slot, word)) {
        o->stop = slot->stop;
        o->exact = (quire_str){slot->bytes + slot->exact_at, slot->exact_len};
        o->term = (quire_str){slot->bytes + slot->term_at, slot->term_len};
        return QUIRE_OK;
    }
    QI_TRY(make(a, raw, word->at.ideograph, o, err));
    a->long_tokens += o->cut;
    a->misses += slot != NULL;
    if (slot != NULL && !o->cut && o->exact.len != 0)
        remember(slot, a->space, o);
    return QUIRE_OK;
}

/* The whole text as a word, once. */
static bool next_whole(qi_analyzer *a, qi_word *out)
{
    *out = (qi_word){0, a->words.len, true, false};
    if (a->words.at == a->words.len)
        return false;
    a->words.at = a->words.len;
    a->words.invalid = qi_unicode_invalid((quire_str){(const char *)a->words.text, a->words.len});
    return true;
}

/* Whether a range of bytes is one character as most ideographs are, three bytes long. */
static bool is_character(const uint8_t *bytes, size_t len)
{
    return len == 3 && (bytes[0] & 0xF0) == 0xE0;
}

/* The next range of bytes that is a token, unless folding leaves nothing of it. */
static bool next_range(qi_analyzer *a, qi_word *out)
{
    if (a->options.whole)
        return next_whole(a, out);
    for (;;) {
        if (a->split_at < a->split_end &&
            qi_words_split(a->words.text, &a->split_at, a->split_end, out))
            return true;
        if (!qi_words_next(&a->words, out))
            return false;
        if (!out->ideograph || is_character(a->words.text + out->start, out->end - out->start))
            return true;
        a->split_at = out->start;
        a->split_end = out->end;
    }
}

/* The next ranges of bytes that are tokens, up to `max`; none at the end of the text. */
static size_t next_ranges(qi_analyzer *a, qi_word *out, size_t max)
{
    size_t count = 0;
    if (!a->options.whole && a->split_at == a->split_end)
        count = qi_words_some(&a->words, out, max);
    return count < max && next_range(a, &out[count]) ? count + 1 : count;
}

/* Set key and hash of a word that has a slot. */
static void look_at(const qi_analyzer *a, found *word)
{
    static const uint8_t masks[2 * KEY] = {255, 255, 255, 255, 255, 255, 255, 255,
                                           255, 255, 255, 255, 255, 255, 255, 255};
    quire_str raw = raw_of(a, word);
    size_t len = raw.len < KEY ? raw.len : KEY;
    const uint8_t *mask = masks + KEY - len;
    const char *bytes = raw.ptr;
    char room[KEY] = {0};
    if (a->words.len - word->at.start < KEY)
        bytes = memcpy(room, raw.ptr, len);
    uint64_t low = qi_load64(bytes) & qi_load64(mask);
    uint64_t high = qi_load64(bytes + 8) & qi_load64(mask + 8);
    qi_store64(word->key, low);
    qi_store64(word->key + 8, high);
    word->hash = mix(low, high, raw, a->space);
}

/* Enter a word found, and have its slot fetched. */
static void enter(qi_analyzer *a, const qi_word *at)
{
    found *word = &a->ahead[a->ahead_count++];
    word->at = *at;
    if (!has_slot(a, at->end - at->start))
        return;
    look_at(a, word);
    if (is_nameable(a, word))
        __builtin_prefetch(qi_names_pair(&a->names, word->hash));
    else
        __builtin_prefetch(slot_of(a, word));
}

/* Find the next words, and have their slots fetched meanwhile; false at the end of the text. */
static bool look_ahead(qi_analyzer *a)
{
    qi_word words[AHEAD];
    a->ahead_at = a->ahead_count = 0;
    for (size_t more = 1; more != 0 && a->ahead_count < AHEAD;) {
        more = next_ranges(a, words, AHEAD - a->ahead_count);
        for (size_t i = 0; i < more; i++)
            enter(a, &words[i]);
    }
    return a->ahead_count > 0;
}

quire_status qi_analyzer_next(qi_analyzer *a, bool keep_stops, qi_token *out, quire_error *err)
{
    while (a->ahead_at < a->ahead_count || look_ahead(a)) {
        outcome o;
        const found *word = &a->ahead[a->ahead_at++];
        QI_TRY(recall(a, word, &o, err));
        if (o.exact.len == 0)
            continue;
        uint32_t position = a->position++;
        if (o.stop && !keep_stops)
            continue;
        out->term = (quire_str){o.term.ptr, o.stop ? 0 : o.term.len};
        out->exact = o.exact;
        out->position = position;
        out->start = word->at.start;
        out->end = word->at.end;
        out->ideograph = word->at.ideograph;
        return QUIRE_OK;
    }
    *out = (qi_token){0};
    return QUIRE_DONE;
}

quire_status qi_analyzer_word(qi_analyzer *a, quire_str word, qi_token *out, quire_error *err)
{
    QI_TRY(qi_analyzer_start(a, word, err));
    a->words.at = word.len;
    enter(a, &(qi_word){0, word.len, true, false});
    return qi_analyzer_next(a, true, out, err);
}

static qi_names_word named(const qi_analyzer *a, const found *word)
{
    return (qi_names_word){word->key, raw_of(a, word), word->hash, a->space};
}

/* The name that is remembered for a word, plus one; 0: none. */
static uint32_t recall_name(qi_analyzer *a, const found *word)
{
    const form *slot;
    if (is_nameable(a, word)) {
        qi_names_word key = named(a, word);
        return qi_names_find(&a->names, &key);
    }
    slot = slot_of(a, word);
    return slot != NULL && slot->name != 0 && holds(a, slot, word) ? slot->name : 0;
}

/* The same for all words found. */
static void recall_names(qi_analyzer *a, uint32_t names[AHEAD])
{
    for (unsigned i = 0; i < a->ahead_count; i++)
        names[i] = recall_name(a, &a->ahead[i]);
}

/* Whether two words found have the same bytes, as far as is known at a glance. */
static bool is_same(const qi_analyzer *a, const found *one, const found *other)
{
    quire_str bytes = raw_of(a, one);
    return has_slot(a, bytes.len) && one->hash == other->hash &&
           other->at.end - other->at.start == bytes.len &&
           memcmp(bytes.ptr, a->words.text + other->at.start, bytes.len) == 0;
}

/* The token among those without a name that is of the same word; their count: none. */
static unsigned find_fresh(const qi_analyzer *a, const found *word)
{
    unsigned i = 0;
    while (i < a->fresh.count && !is_same(a, word, &a->ahead[a->fresh.words[i]]))
        i++;
    return i;
}

/* Have a word named, which is the next at hand, for place `at`; *known is false if it is no token.
 */
static quire_status ask(qi_analyzer *a, unsigned at, bool *known, quire_error *err)
{
    outcome o;
    nameless *fresh = &a->fresh;
    unsigned i = find_fresh(a, &a->ahead[a->ahead_at]);
    *known = i < fresh->count;
    if (!*known) {
        QI_TRY(recall(a, &a->ahead[a->ahead_at], &o, err));
        *known = o.exact.len != 0;
        if (!*known)
            return QUIRE_OK;
        qi_token token = {.exact = o.exact, .term = {o.term.ptr, o.stop ? 0 : o.term.len}};
        qi_buf_add(&fresh->bytes, token.exact.ptr, token.exact.len);
        qi_buf_add(&fresh->bytes, token.term.ptr, token.term.len);
        fresh->words[fresh->count] = a->ahead_at;
        fresh->tokens[fresh->count++] = token;
    }
    fresh->places[fresh->place_count][0] = at;
    fresh->places[fresh->place_count++][1] = i;
    return QUIRE_OK;
}

/* Remember what a word is called. */
static void note_name(qi_analyzer *a, const found *word, uint32_t name)
{
    form *slot = slot_of(a, word);
    if (is_nameable(a, word)) {
        qi_names_word key = named(a, word);
        qi_names_add(&a->names, &key, name);
    } else if (slot != NULL && holds(a, slot, word)) {
        slot->name = name + 1;
    }
}

/* Name the words that have no name yet, in their places. */
static quire_status name_fresh(qi_analyzer *a, const qi_token_namer *namer, qi_token_name *out,
                               quire_error *err)
{
    nameless *fresh = &a->fresh;
    uint32_t names[AHEAD];
    if (fresh->count == 0)
        return QUIRE_OK;
    if (has_failed(a))
        return qi_no_memory(err);
    const char *bytes = (const char *)fresh->bytes.bytes;
    for (unsigned i = 0; i < fresh->count; i++) {
        qi_token *token = &fresh->tokens[i];
        token->exact.ptr = bytes;
        token->term.ptr = bytes + token->exact.len;
        bytes += token->exact.len + token->term.len;
    }
    QI_TRY(namer->name(namer->host, fresh->tokens, fresh->count, names, err));
    for (unsigned i = 0; i < fresh->count; i++)
        note_name(a, &a->ahead[fresh->words[i]], names[i]);
    for (unsigned i = 0; i < fresh->place_count; i++)
        out[fresh->places[i][0]].name = names[fresh->places[i][1]];
    return QUIRE_OK;
}

quire_status qi_analyzer_names(qi_analyzer *a, const qi_token_namer *namer, qi_token_name *out,
                               size_t *count, quire_error *err)
{
    *count = 0;
    a->space = namer->space;
    if (a->names.slots == NULL && a->forms != NULL)
        qi_names_enlarge(&a->names, NAMED, hash_of);
    while (*count == 0 && look_ahead(a)) {
        uint32_t names[AHEAD];
        recall_names(a, names);
        a->fresh.count = a->fresh.place_count = 0;
        a->fresh.bytes.len = 0;
        for (; a->ahead_at < a->ahead_count; a->ahead_at++) {
            uint32_t name = names[a->ahead_at];
            bool known = name-- != 0;
            if (!known)
                QI_TRY(ask(a, (unsigned)*count, &known, err));
            if (known)
                out[(*count)++] = (qi_token_name){name, a->position++};
        }
        QI_TRY(name_fresh(a, namer, out, err));
    }
    return QUIRE_OK;
}

void qi_analyzer_forget(qi_analyzer *a)
{
    qi_names_forget(&a->names);
    for (size_t i = 0; a->forms != NULL && i < a->form_count; i++)
        a->forms[i].name = 0;
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
    const found *word = a->ahead_at > 0 ? &a->ahead[a->ahead_at - 1] : NULL;
    if (word != NULL && make(a, raw_of(a, word), word->at.ideograph, &o, NULL) != QUIRE_OK)
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
    a->invalid += qi_unicode_invalid(text);
    fold(a, &a->folded, text, SIZE_MAX);
    *out = strip(a, &a->plain, view(&a->folded));
    if (!has_failed(a))
        return QUIRE_OK;
    *out = (quire_str){NULL, 0};
    return qi_no_memory(err);
}
