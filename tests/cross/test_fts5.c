/* SPDX-License-Identifier: MIT
 *
 * The same documents in Quire and in SQLite's FTS5, read as the same words, and random queries
 * written in both languages: the sets of documents found are equal. QUIRE_FTS5_QUERIES sets how
 * many. Skipped where the tests were built without SQLite. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quire.h"
#include "support/roll.h"

Suite *suite(void);

#ifndef QUIRE_SQLITE

Suite *suite(void)
{
    printf("cross.fts5 is skipped: built without SQLite\n");
    exit(77);
}

#else
#include <sqlite3.h>

enum { DOCUMENTS = 250, QUERIES = 24000, TEXT = 2000, ROOM = 8192 };

static const char *const fields[] = {"title", "body"};

/* Both engines with the same documents; document d has rowid d in FTS5. */
typedef struct engines {
    sqlite3 *db;
    quire_index *index;
    quire_writer *writer;
    quire_snapshot *snapshot;
    uint32_t words; /* in use */
    bool gone[DOCUMENTS];
} engines;

#define MUST(call)                                                                                 \
    do {                                                                                           \
        quire_error must_err = {0};                                                                \
        quire_error *err = &must_err;                                                              \
        if ((call) != QUIRE_OK)                                                                    \
            ck_abort_msg("%s: %s", #call, must_err.message);                                       \
    } while (0)

static void sql(engines *e, const char *text)
{
    char *message = NULL;
    if (sqlite3_exec(e->db, text, NULL, NULL, &message) != SQLITE_OK)
        ck_abort_msg("%s: %s", text, message);
}

/* A word of a few letters; the first ones are frequent. */
static void word(const engines *e, char out[8])
{
    uint32_t n = roll(3) == 0 ? roll(e->words) : roll(1 + roll(1 + roll(e->words)));
    size_t len = 0;
    for (n += 1; n != 0 && len < 7; n = (n - 1) / 3)
        out[len++] = (char)('x' + (n - 1) % 3);
    out[len] = '\0';
}

static void text(const engines *e, uint32_t most, char out[TEXT])
{
    size_t len = 0;
    out[0] = '\0';
    for (uint32_t i = roll(most + 1); i > 0 && len + 10 < TEXT; i--) {
        char one[8];
        word(e, one);
        len += (size_t)snprintf(out + len, TEXT - len, "%s%s", len == 0 ? "" : " ", one);
    }
}

static void add_documents(engines *e)
{
    sqlite3_stmt *insert;
    uint32_t length = 1 + roll(40);
    ck_assert_int_eq(sqlite3_prepare_v2(e->db, "INSERT INTO t(rowid, title, body) VALUES(?, ?, ?)",
                                        -1, &insert, NULL),
                     SQLITE_OK);
    for (int d = 0; d < DOCUMENTS; d++) {
        char key[16], title[TEXT], body[TEXT];
        snprintf(key, sizeof key, "%d", d);
        text(e, length / 4 + 1, title);
        text(e, length, body);
        quire_value values[] = {{"id", quire_cstr(key), 0},
                                {"title", quire_cstr(title), 0},
                                {"body", quire_cstr(body), 0}};
        MUST(quire_writer_add(e->writer, values, 3, NULL, err));
        if (roll(60) == 0)
            MUST(quire_writer_commit(e->writer, (quire_str){"", 0}, false, err));
        sqlite3_bind_int(insert, 1, d);
        sqlite3_bind_text(insert, 2, title, -1, SQLITE_TRANSIENT);
        sqlite3_bind_text(insert, 3, body, -1, SQLITE_TRANSIENT);
        ck_assert_int_eq(sqlite3_step(insert), SQLITE_DONE);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
}

static void open_engines(engines *e)
{
    quire_schema *schema;
    *e = (engines){.words = 2 + roll(60)};
    ck_assert_int_eq(sqlite3_open(":memory:", &e->db), SQLITE_OK);
    sql(e, "CREATE VIRTUAL TABLE t USING fts5(title, body, tokenize = 'ascii')");
    sql(e, "BEGIN");
    MUST(quire_schema_new(&schema, false, err));
    quire_field key = QUIRE_FIELD_INIT;
    key.name = "id";
    key.type = QUIRE_KEYWORD;
    key.key = true;
    MUST(quire_schema_add(schema, &key, err));
    for (int i = 0; i < 2; i++) {
        quire_field field = QUIRE_FIELD_INIT;
        field.name = fields[i];
        field.searched = true;
        field.exact = roll(2) == 0;
        MUST(quire_schema_add(schema, &field, err));
    }
    MUST(quire_index_create(&e->index, NULL, schema, NULL, err));
    quire_schema_free(schema);
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    options.no_auto_merge = roll(2) == 0;
    MUST(quire_writer_open(&e->writer, e->index, &options, err));
    add_documents(e);
}

static void delete_some(engines *e)
{
    for (int d = 0; d < DOCUMENTS; d++) {
        char key[16], command[64];
        if (e->gone[d] || roll(5) != 0)
            continue;
        e->gone[d] = true;
        snprintf(key, sizeof key, "%d", d);
        MUST(quire_writer_delete(e->writer, quire_cstr(key), err));
        snprintf(command, sizeof command, "DELETE FROM t WHERE rowid = %d", d);
        sql(e, command);
    }
}

static void refresh(engines *e)
{
    MUST(quire_writer_commit(e->writer, (quire_str){"", 0}, false, err));
    quire_snapshot_close(e->snapshot);
    MUST(quire_snapshot_open(&e->snapshot, e->index, err));
}

static void close_engines(engines *e)
{
    quire_snapshot_close(e->snapshot);
    quire_writer_close(e->writer);
    quire_index_close(e->index);
    sqlite3_close(e->db);
}

/* A query in both languages. */
typedef struct query {
    char ours[ROOM], theirs[ROOM];
    size_t our_len, their_len;
} query;

__attribute__((format(printf, 2, 3))) static void both(query *q, const char *format, ...)
{
    va_list args;
    for (int i = 0; i < 2; i++) {
        char *out = i == 0 ? q->ours : q->theirs;
        size_t *len = i == 0 ? &q->our_len : &q->their_len;
        va_start(args, format);
        int more = vsnprintf(out + *len, ROOM - *len, format, args);
        va_end(args);
        ck_assert(more >= 0 && *len + (size_t)more < ROOM);
        *len += (size_t)more;
    }
}

static void ask_leaf(const engines *e, query *q)
{
    char one[8];
    uint32_t kind = roll(6);
    if (roll(4) == 0)
        both(q, "%s:", fields[roll(2)]);
    word(e, one);
    if (kind == 0) {
        both(q, "%s*", one);
    } else if (kind <= 2) {
        both(q, "\"%s", one);
        for (uint32_t n = 1 + roll(3); n > 0; n--) {
            word(e, one);
            both(q, " %s", one);
        }
        both(q, "\"");
    } else {
        both(q, "%s", one);
    }
}

static void ask_tree(const engines *e, query *q, int depth)
{
    static const char *const ours[] = {" AND ", " OR ", " AND NOT "};
    static const char *const theirs[] = {" AND ", " OR ", " NOT "};
    if (depth == 0 || roll(3) == 0) {
        ask_leaf(e, q);
        return;
    }
    uint32_t op = roll(3);
    both(q, "(");
    ask_tree(e, q, depth - 1);
    for (uint32_t n = op == 2 ? 1 : 1 + roll(2); n > 0; n--) {
        q->our_len += (size_t)snprintf(q->ours + q->our_len, 12, "%s", ours[op]);
        q->their_len += (size_t)snprintf(q->theirs + q->their_len, 12, "%s", theirs[op]);
        ask_tree(e, q, depth - 1);
    }
    both(q, ")");
}

static uint32_t find_theirs(engines *e, sqlite3_stmt *select, const query *q, bool found[DOCUMENTS])
{
    uint32_t count = 0;
    int step;
    sqlite3_bind_text(select, 1, q->theirs, -1, SQLITE_STATIC);
    while ((step = sqlite3_step(select)) == SQLITE_ROW) {
        found[sqlite3_column_int(select, 0)] = true;
        count++;
    }
    if (step != SQLITE_DONE)
        ck_abort_msg("%s: %s", q->theirs, sqlite3_errmsg(e->db));
    sqlite3_reset(select);
    return count;
}

/* Documents are numbered by snapshot; their keys say which they are. */
static void number(engines *e, int *keys)
{
    for (int d = 0; d < DOCUMENTS; d++) {
        char key[16];
        quire_doc doc;
        snprintf(key, sizeof key, "%d", d);
        if (quire_snapshot_find(e->snapshot, quire_cstr(key), &doc, NULL) == QUIRE_OK)
            keys[doc] = d;
    }
}

static void ask(engines *e, sqlite3_stmt *select, const int *keys)
{
    query q = {.our_len = 0};
    bool found[DOCUMENTS] = {false};
    quire_parse_options how = QUIRE_PARSE_OPTIONS_INIT;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    quire_query *parsed;
    const quire_hits *hits;
    ask_tree(e, &q, 1 + (int)roll(3));
    uint32_t count = find_theirs(e, select, &q, found);
    how.strict = true;
    MUST(quire_query_parse(&parsed, e->index, quire_cstr(q.ours), &how, err));
    options.limit = DOCUMENTS;
    options.count = roll(2) == 0;
    MUST(quire_search(&hits, e->snapshot, parsed, &options, err));
    bool same = hits->count == count;
    for (size_t i = 0; i < hits->count; i++)
        same = same && found[keys[hits->items[i].doc]];
    if (!same)
        ck_abort_msg("%s: %zu documents; FTS5, %s: %u", q.ours, hits->count, q.theirs, count);
    quire_hits_free(hits);
    quire_query_free(parsed);
}

static void ask_many(engines *e, uint32_t queries)
{
    sqlite3_stmt *select;
    int keys[4 * DOCUMENTS] = {0};
    ck_assert_int_eq(
        sqlite3_prepare_v2(e->db, "SELECT rowid FROM t WHERE t MATCH ?", -1, &select, NULL),
        SQLITE_OK);
    number(e, keys);
    for (uint32_t i = 0; i < queries; i++)
        ask(e, select, keys);
    sqlite3_finalize(select);
}

START_TEST(sets_of_documents_equal_those_of_fts5)
{
    const char *given = getenv("QUIRE_FTS5_QUERIES");
    uint32_t left = given != NULL ? (uint32_t)strtoul(given, NULL, 0) : QUERIES;
    roll_seed();
    for (; left >= 1200; left -= 1200) {
        engines e;
        open_engines(&e);
        refresh(&e);
        ask_many(&e, 600);
        delete_some(&e);
        refresh(&e);
        ask_many(&e, 600);
        close_engines(&e);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("cross.fts5");
    TCase *tests = tcase_create("fts5");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, sets_of_documents_equal_those_of_fts5);
    suite_add_tcase(suite, tests);
    return suite;
}
#endif
