/* SPDX-License-Identifier: MIT
 * Bytes as a program: add, replace, delete, commit, prepare, roll back, merge, reopen, and hold
 * snapshots, against a model of sixteen documents that cannot be wrong. Every snapshot holds what
 * was committed when it was opened, for as long as it is held, and finds it by every kind of query.
 *
 * A document's body has word j of eight if bit j of a byte is set, in this order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS = 16, WORDS = 8, SLOTS = 3, LONGEST = 400 };

static const char *const words[WORDS] = {"aardvarks", "bricklayer", "cardamoms", "dandelion",
                                         "elevators", "fisherman",  "gladiator", "harmonica"};

typedef struct state {
    struct {
        bool there, raw; /* raw: its body is bytes of the input */
        uint8_t bits, n;
    } docs[KEYS];
} state;

typedef struct machine {
    const uint8_t *at, *end;
    quire_index *index;
    quire_writer *writer;
    quire_snapshot *slots[SLOTS];
    state held[SLOTS];
    state pending, committed;
    bool prepared;
} machine;

static quire_error err;

static void check(bool fact)
{
    if (!fact)
        abort();
}

static void ok(quire_status status)
{
    if (status == QUIRE_OK)
        return;
    fprintf(stderr, "%d: %s\n", status, err.message);
    abort();
}

static uint8_t next(machine *m)
{
    return m->at < m->end ? *m->at++ : 0;
}

static quire_index *create(void)
{
    quire_field fields[] = {QUIRE_FIELD_INIT, QUIRE_FIELD_INIT, QUIRE_FIELD_INIT};
    quire_schema *schema;
    quire_index *index;
    fields[0].name = "id";
    fields[0].type = QUIRE_KEYWORD;
    fields[0].key = true;
    fields[1].name = "body";
    fields[1].stored = fields[1].searched = fields[1].exact = true;
    strcpy(fields[1].analyzer.language, "english");
    fields[2].name = "n";
    fields[2].type = QUIRE_NUMBER;
    ok(quire_schema_new(&schema, false, &err));
    for (int i = 0; i < 3; i++)
        ok(quire_schema_add(schema, &fields[i], &err));
    ok(quire_index_create(&index, NULL, schema, NULL, &err));
    quire_schema_free(schema);
    return index;
}

static void open_writer(machine *m)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    uint8_t choice = next(m);
    options.no_auto_merge = choice % 2 == 0;
    options.order = (quire_order)(choice / 2 % (QUIRE_ORDER_BISECTION + 1));
    quire_writer_close(m->writer);
    ok(quire_writer_open(&m->writer, m->index, &options, &err));
    m->pending = m->committed;
    m->prepared = false;
}

/* ---- Writing ---- */

static size_t write_body(char *out, uint8_t bits)
{
    size_t len = 0;
    for (int j = 0; j < WORDS; j++)
        if ((bits >> j & 1) != 0)
            len += (size_t)snprintf(out + len, LONGEST - len, "%s ", words[j]);
    return len;
}

static void add(machine *m, bool raw)
{
    char id[8], body[LONGEST];
    uint8_t key = next(m) % KEYS, bits = next(m), n = next(m);
    quire_str text = {body, raw ? 0 : write_body(body, bits)};
    if (raw) {
        size_t left = (size_t)(m->end - m->at);
        text = (quire_str){(const char *)m->at, left < bits % 8u ? left : bits % 8u};
        m->at += text.len;
    }
    quire_value values[] = {
        {.field = "id", .text = {id, (size_t)snprintf(id, sizeof id, "k%u", key)}},
        {.field = "body", .text = text},
        {.field = "n", .number = n}};
    quire_status status = quire_writer_add(m->writer, values, 3, NULL, &err);
    if (m->prepared) {
        check(status == QUIRE_ERR_MISUSE);
        return;
    }
    ok(status);
    m->pending.docs[key].there = true;
    m->pending.docs[key].raw = raw;
    m->pending.docs[key].bits = raw ? 0 : bits;
    m->pending.docs[key].n = n;
}

static void delete_one(machine *m)
{
    char id[8];
    uint8_t key = next(m) % KEYS;
    quire_str text = {id, (size_t)snprintf(id, sizeof id, "k%u", key)};
    quire_status status = quire_writer_delete(m->writer, text, &err);
    if (m->prepared)
        check(status == QUIRE_ERR_MISUSE);
    else if (m->pending.docs[key].there)
        ok(status);
    else
        check(status == QUIRE_ERR_NOT_FOUND);
    if (!m->prepared)
        m->pending.docs[key].there = false;
}

/* Calls that must fail and change nothing. */
static void misuse(machine *m)
{
    static char wide[300];
    quire_value values[] = {{.field = "id", .text = quire_cstr("k1")},
                            {.field = "nowhere", .text = quire_cstr("x")}};
    memset(wide, 'x', sizeof wide);
    check(quire_writer_add(m->writer, values, 2, NULL, &err) == QUIRE_ERR_MISUSE);
    check(quire_writer_add(m->writer, values + 1, 0, NULL, &err) == QUIRE_ERR_MISUSE);
    values[0].text = (quire_str){wide, sizeof wide};
    quire_status status = quire_writer_add(m->writer, values, 1, NULL, &err);
    check(status == QUIRE_ERR_LIMIT || status == QUIRE_ERR_MISUSE);
}

static void commit(machine *m, bool prepare_only)
{
    quire_status status = quire_writer_commit(m->writer, (quire_str){NULL, 0}, prepare_only, &err);
    if (m->prepared && prepare_only) {
        check(status == QUIRE_ERR_MISUSE);
        return;
    }
    ok(status);
    m->prepared = prepare_only;
    if (!prepare_only)
        m->committed = m->pending;
}

static void roll_back(machine *m)
{
    ok(quire_writer_rollback(m->writer, &err));
    m->pending = m->committed;
    m->prepared = false;
}

static void merge(machine *m)
{
    quire_status status = quire_writer_merge(m->writer, 1 + next(m) % 3, &err);
    if (m->prepared) {
        check(status == QUIRE_ERR_MISUSE);
        return;
    }
    ok(status);
    m->committed = m->pending;
}

/* ---- Reading ---- */

static uint64_t count(machine *m, quire_snapshot *snapshot, quire_query *query)
{
    const quire_hits *hits;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    options.count_only = true;
    (void)m;
    ok(quire_search(&hits, snapshot, query, &options, &err));
    uint64_t total = hits->total;
    check(hits->exact);
    quire_hits_free(hits);
    quire_query_free(query);
    return total;
}

/* Documents whose bits under `mask` are `bits`. */
static uint64_t expected(const state *s, uint32_t mask, uint32_t bits)
{
    uint64_t sum = 0;
    for (int k = 0; k < KEYS; k++)
        sum += s->docs[k].there && (s->docs[k].bits & mask) == bits;
    return sum;
}

static void verify_queries(machine *m, quire_snapshot *snapshot, const state *s)
{
    char text[64];
    quire_query *query;
    uint32_t i = next(m) % WORDS, j = next(m) % WORDS;
    ok(quire_query_phrase(&query, m->index, "body", quire_cstr(words[i]), 0, &err));
    check(count(m, snapshot, query) == expected(s, 1u << i, 1u << i));
    ok(quire_query_prefix(&query, m->index, "body", (quire_str){words[j], 8}, &err));
    check(count(m, snapshot, query) == expected(s, 1u << j, 1u << j));
    snprintf(text, sizeof text, "+%s -%s", words[i], words[j]);
    ok(quire_query_parse(&query, m->index, quire_cstr(text), NULL, &err));
    if (i != j)
        check(count(m, snapshot, query) == expected(s, 1u << i | 1u << j, 1u << i));
    else
        quire_query_free(query);
    if (i >= j)
        return;
    /* Words i and j are neighbours if none between them is there. */
    uint32_t span = (2u << j) - (1u << i);
    snprintf(text, sizeof text, "%s %s", words[i], words[j]);
    ok(quire_query_phrase(&query, m->index, "body", quire_cstr(text), 0, &err));
    check(count(m, snapshot, query) == expected(s, span, 1u << i | 1u << j));
}

static void verify_range(machine *m, quire_snapshot *snapshot, const state *s)
{
    char low[8];
    quire_query *query;
    uint8_t least = next(m);
    uint64_t sum = 0;
    for (int k = 0; k < KEYS; k++)
        sum += s->docs[k].there && s->docs[k].n >= least;
    snprintf(low, sizeof low, "%u", least);
    ok(quire_query_range(&query, m->index, "n", quire_cstr(low), (quire_str){NULL, 0}, &err));
    check(count(m, snapshot, query) == sum);
}

static void verify(machine *m, quire_snapshot *snapshot, const state *s)
{
    uint64_t documents = 0;
    for (uint32_t k = 0; k < KEYS; k++) {
        char id[8];
        quire_doc doc;
        const quire_document *document;
        quire_str key = {id, (size_t)snprintf(id, sizeof id, "k%u", k)};
        quire_status status = quire_snapshot_find(snapshot, key, &doc, &err);
        check(status == (s->docs[k].there ? QUIRE_OK : QUIRE_ERR_NOT_FOUND));
        documents += s->docs[k].there;
        if (!s->docs[k].there)
            continue;
        char body[LONGEST];
        size_t len = write_body(body, s->docs[k].bits);
        ok(quire_document_open(&document, snapshot, doc, &err));
        check(quire_document_value(document, "n")->number == s->docs[k].n);
        const quire_value *value = quire_document_value(document, "body");
        check(s->docs[k].raw || len == 0 ||
              (value->text.len == len && memcmp(value->text.ptr, body, len) == 0));
        quire_document_free(document);
    }
    check(quire_snapshot_stat(snapshot)->documents == documents);
    verify_queries(m, snapshot, s);
    verify_range(m, snapshot, s);
}

static void open_slot(machine *m)
{
    uint32_t slot = next(m) % SLOTS;
    quire_snapshot_close(m->slots[slot]);
    ok(quire_snapshot_open(&m->slots[slot], m->index, &err));
    m->held[slot] = m->committed;
    verify(m, m->slots[slot], &m->held[slot]);
}

static void verify_slot(machine *m)
{
    uint32_t slot = next(m) % SLOTS;
    if (m->slots[slot] != NULL)
        verify(m, m->slots[slot], &m->held[slot]);
}

static void step(machine *m)
{
    switch (next(m) % 16) {
    case 5:
        delete_one(m);
        break;
    case 6:
        commit(m, false);
        break;
    case 7:
        commit(m, true);
        break;
    case 8:
        roll_back(m);
        break;
    case 9:
        merge(m);
        break;
    case 10:
        open_writer(m);
        break;
    case 11:
    case 12:
        open_slot(m);
        break;
    case 13:
        verify_slot(m);
        break;
    case 14:
        misuse(m);
        break;
    case 15:
        add(m, true);
        break;
    default:
        add(m, false);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    machine m = {.at = data, .end = data == NULL ? data : data + size};
    m.index = create();
    open_writer(&m);
    while (m.at < m.end)
        step(&m);
    for (uint32_t i = 0; i < SLOTS; i++)
        if (m.slots[i] != NULL)
            verify(&m, m.slots[i], &m.held[i]);
    open_slot(&m);
    ok(quire_index_check(m.index, 3, NULL, NULL, &err));
    quire_writer_close(m.writer);
    quire_index_close(m.index);
    for (uint32_t i = 0; i < SLOTS; i++)
        quire_snapshot_close(m.slots[i]);
    return 0;
}
