/* SPDX-License-Identifier: MIT
 * Values of a text field follow one another at positions that leave QI_VALUE_GAP free, so that no
 * phrase crosses from one to the next. Stored text is kept byte for byte. */
#include "commit/ingest.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "text/analyzer.h"

enum { STAGES = 3 };

typedef struct way {
    quire_analyzer options; /* of the fields and languages that share it */
    qi_analyzer *analyzer;
} way;

struct qi_ingest {
    quire_schema *schema; /* a share */
    QI_VEC(way) ways;
    size_t remembered; /* most bytes for words, each way */
    uint32_t *extent;  /* of each field: word numbers in use by the document */
    QI_VEC(qi_stored_value) stored;
};

quire_status qi_ingest_new(qi_ingest **out, const quire_schema *schema, quire_error *err)
{
    *out = NULL;
    qi_ingest *ingest = qi_mem_new(1, sizeof *ingest);
    if (ingest == NULL)
        return qi_no_memory(err);
    ingest->schema = qi_schema_retain(schema);
    ingest->extent = qi_mem_new(schema->fields.count, sizeof *ingest->extent);
    if (ingest->extent == NULL) {
        qi_ingest_free(ingest);
        return qi_no_memory(err);
    }
    *out = ingest;
    return QUIRE_OK;
}

void qi_ingest_free(qi_ingest *ingest)
{
    if (ingest == NULL)
        return;
    for (size_t i = 0; i < ingest->ways.count; i++)
        qi_analyzer_free(ingest->ways.items[i].analyzer);
    QI_VEC_FREE(&ingest->ways);
    QI_VEC_FREE(&ingest->stored);
    qi_mem_free(ingest->extent);
    qi_schema_release(ingest->schema);
    qi_mem_free(ingest);
}

void qi_ingest_remember(qi_ingest *ingest, size_t bytes)
{
    ingest->remembered = bytes;
}

uint64_t qi_ingest_invalid_bytes(const qi_ingest *ingest)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ingest->ways.count; i++)
        sum += qi_analyzer_invalid_bytes(ingest->ways.items[i].analyzer);
    return sum;
}

uint64_t qi_ingest_long_tokens(const qi_ingest *ingest)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ingest->ways.count; i++)
        sum += qi_analyzer_long_tokens(ingest->ways.items[i].analyzer);
    return sum;
}

/* ---- Checking ---- */

static quire_status check_value(const qi_ingest *ingest, const qi_ingest_value *values, size_t i,
                                quire_error *err)
{
    const qi_ingest_value *value = &values[i];
    const quire_field *field = &ingest->schema->fields.items[value->field];
    if (field->type == QUIRE_TEXT)
        return QUIRE_OK;
    for (size_t j = 0; j < i; j++)
        if (values[j].field == value->field)
            return qi_fail(err, QUIRE_ERR_MISUSE, "field '%s' is given twice; only text may be",
                           field->name);
    if (field->type == QUIRE_KEYWORD && value->text.len > QI_TERM_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "field '%s' has %zu bytes; a keyword has at most %d",
                       field->name, value->text.len, QI_TERM_MAX);
    if (field->type != QUIRE_KEYWORD && value->number == INT64_MIN)
        return qi_fail(err, QUIRE_ERR_LIMIT, "field '%s': the number is too small", field->name);
    return QUIRE_OK;
}

quire_status qi_ingest_check(const qi_ingest *ingest, const qi_ingest_value *values, size_t count,
                             quire_str *key, quire_error *err)
{
    uint32_t key_field = ingest->schema->key;
    *key = (quire_str){NULL, 0};
    for (size_t i = 0; i < count; i++) {
        QI_TRY(check_value(ingest, values, i, err));
        if (values[i].field == key_field)
            *key = values[i].text;
    }
    if (key_field != QI_NO_FIELD && key->len == 0)
        return qi_fail(err, QUIRE_ERR_MISUSE, "the document has no key: field '%s' is missing",
                       ingest->schema->fields.items[key_field].name);
    return QUIRE_OK;
}

/* ---- Adding ---- */

/* The analyzer for a field's text, in `language` if that is not NULL. */
static quire_status find_analyzer(qi_ingest *ingest, const quire_field *field, const char *language,
                                  qi_analyzer **out, quire_error *err)
{
    quire_analyzer options = field->analyzer;
    if (language != NULL) {
        size_t len = strlen(language);
        if (len >= sizeof options.language)
            return qi_fail(err, QUIRE_ERR_MISUSE, "there is no language '%.60s'", language);
        memset(options.language, 0, sizeof options.language);
        memcpy(options.language, language, len);
    }
    for (size_t i = 0; i < ingest->ways.count; i++) {
        const quire_analyzer *other = &ingest->ways.items[i].options;
        if (strcmp(other->language, options.language) == 0 &&
            other->keep_diacritics == options.keep_diacritics &&
            other->keep_possessive == options.keep_possessive &&
            other->stop_words == options.stop_words && other->whole == options.whole) {
            *out = ingest->ways.items[i].analyzer;
            return QUIRE_OK;
        }
    }
    if (!QI_VEC_RESERVE(&ingest->ways, 1))
        return qi_no_memory(err);
    QI_TRY(qi_analyzer_new(out, &options, err));
    qi_analyzer_remember(*out, ingest->remembered);
    ingest->ways.items[ingest->ways.count++] = (way){options, *out};
    return QUIRE_OK;
}

/* Where the words of a text are going. */
typedef struct target {
    qi_memindex *index;
    uint32_t field;
} target;

static quire_status name(void *host, const qi_token *tokens, size_t count, uint32_t *out,
                         quire_error *err)
{
    const target *to = host;
    qi_mem_pair pairs[QI_NAMES];
    for (size_t i = 0; i < count; i++)
        pairs[i] = (qi_mem_pair){tokens[i].term, tokens[i].exact};
    return qi_memindex_entries(to->index, to->field, pairs, count, out, err);
}

/* Batches of words under way: while one is found in the text, what the one before touches is being
 * fetched, and the one before that is entered. */
typedef struct pipe {
    qi_mem_word words[STAGES][QI_NAMES];
    size_t counts[STAGES];
    unsigned next;
} pipe;

/* Move every batch on by a stage; the newest is at `next`. */
static quire_status move_on(pipe *p, target *to, quire_error *err)
{
    unsigned newest = p->next, middle = (newest + STAGES - 1) % STAGES;
    unsigned oldest = (newest + 1) % STAGES;
    qi_memindex_fetch(to->index, to->field, p->words[newest], p->counts[newest]);
    qi_memindex_fetch_ends(to->index, to->field, p->words[middle], p->counts[middle]);
    QI_TRY(qi_memindex_words(to->index, to->field, p->words[oldest], p->counts[oldest], err));
    p->next = oldest;
    return QUIRE_OK;
}

/* Find the next batch of words; those of the text before it end at `base`. */
static quire_status find_words(qi_ingest *ingest, qi_analyzer *analyzer, target *to, uint64_t base,
                               pipe *p, quire_error *err)
{
    qi_token_namer namer = {name, to, (uint8_t)to->field};
    qi_token_name names[QI_NAMES];
    size_t *count = &p->counts[p->next];
    QI_TRY(qi_analyzer_names(analyzer, &namer, names, count, err));
    if (*count == 0)
        return QUIRE_OK;
    uint64_t end = base + names[*count - 1].position + 1;
    if (end > QI_DOCUMENT_WORDS)
        return qi_fail(err, QUIRE_ERR_LIMIT, "field '%s' has more than %u words in one document",
                       ingest->schema->fields.items[to->field].name, QI_DOCUMENT_WORDS);
    for (size_t i = 0; i < *count; i++)
        p->words[p->next][i] = (qi_mem_word){names[i].name, (uint32_t)base + names[i].position};
    ingest->extent[to->field] = (uint32_t)end;
    return QUIRE_OK;
}

/* Enter the words of the text that the analyzer was started on. */
static quire_status add_words(qi_ingest *ingest, qi_analyzer *analyzer, target *to,
                              quire_error *err)
{
    pipe p = {.next = 0};
    uint32_t extent = ingest->extent[to->field];
    uint64_t base = extent == 0 ? 0 : (uint64_t)extent + QI_VALUE_GAP;
    for (bool more = true; more;) {
        QI_TRY(find_words(ingest, analyzer, to, base, &p, err));
        more = p.counts[p.next] != 0;
        QI_TRY(move_on(&p, to, err));
    }
    for (unsigned stage = 1; stage < STAGES; stage++) {
        p.counts[p.next] = 0;
        QI_TRY(move_on(&p, to, err));
    }
    return QUIRE_OK;
}

static quire_status add_text(qi_ingest *ingest, qi_memindex *index, const qi_ingest_value *value,
                             const char *language, quire_error *err)
{
    const quire_field *field = &ingest->schema->fields.items[value->field];
    if (field->not_indexed)
        return QUIRE_OK;
    qi_analyzer *analyzer;
    target to = {index, value->field};
    QI_TRY(find_analyzer(ingest, field, language, &analyzer, err));
    QI_TRY(qi_analyzer_start(analyzer, value->text, err));
    return add_words(ingest, analyzer, &to, err);
}

static quire_status add_value(qi_ingest *ingest, qi_memindex *index, const qi_ingest_value *value,
                              const char *language, quire_error *err)
{
    switch (ingest->schema->fields.items[value->field].type) {
    case QUIRE_TEXT:
        return add_text(ingest, index, value, language, err);
    case QUIRE_KEYWORD: /* an empty one is none */
        return value->text.len == 0 ? QUIRE_OK
                                    : qi_memindex_keyword(index, value->field, value->text, err);
    default:
        qi_memindex_number(index, value->field, value->number);
        return QUIRE_OK;
    }
}

/* Stored values in the order of fields; those of a field stay in the order they came in. */
static void sort_stored(qi_ingest *ingest)
{
    for (size_t i = 1; i < ingest->stored.count; i++) {
        qi_stored_value value = ingest->stored.items[i];
        size_t j = i;
        for (; j > 0 && ingest->stored.items[j - 1].field > value.field; j--)
            ingest->stored.items[j] = ingest->stored.items[j - 1];
        ingest->stored.items[j] = value;
    }
}

quire_status qi_ingest_record(qi_ingest *ingest, qi_buf *out, const qi_ingest_value *values,
                              size_t count, const char *language, quire_error *err)
{
    ingest->stored.count = 0;
    for (size_t i = 0; i < count; i++) {
        const quire_field *field = &ingest->schema->fields.items[values[i].field];
        if (field->type == QUIRE_TEXT && field->stored &&
            !QI_VEC_PUSH(&ingest->stored, (qi_stored_value){values[i].field, values[i].text}))
            return qi_no_memory(err);
    }
    if (ingest->stored.count == 0 && language == NULL)
        return QUIRE_OK;
    sort_stored(ingest);
    qi_stored_record record = {.language = quire_cstr(language),
                               .count = ingest->stored.count,
                               .values = ingest->stored.items};
    qi_stored_encode(out, &record);
    return QUIRE_OK;
}

quire_status qi_ingest_add(qi_ingest *ingest, qi_memindex *index, const qi_ingest_value *values,
                           size_t count, const char *language, quire_error *err)
{
    for (size_t f = 0; f < ingest->schema->fields.count; f++)
        ingest->extent[f] = 0;
    for (size_t i = 0; i < ingest->ways.count && index->doc_count == 0; i++)
        qi_analyzer_forget(ingest->ways.items[i].analyzer);
    QI_TRY(qi_memindex_begin(index, err));
    quire_status status = QUIRE_OK;
    for (size_t i = 0; i < count && status == QUIRE_OK; i++)
        status = add_value(ingest, index, &values[i], language, err);
    if (status == QUIRE_OK)
        status = qi_ingest_record(ingest, qi_memindex_record(index), values, count, language, err);
    if (status == QUIRE_OK)
        status = qi_memindex_end(index, err);
    if (status != QUIRE_OK)
        qi_memindex_drop(index);
    return status;
}
