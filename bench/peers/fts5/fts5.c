/* SPDX-License-Identifier: MIT
 * SQLite's FTS5: a contentless table, one transaction, optimize; 256 MB of pending postings and of
 * pages. Mapped for queries, statements prepared once. Queries are rewritten in FTS5's language,
 * which has no optional words beside required ones. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

enum { ROOM = 4096 };

static sqlite3 *db;
static sqlite3_stmt *insert, *name, *count_all, *best, *find_id;
static int64_t documents;

static void check(int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        harness_fail("fts5", sqlite3_errmsg(db));
}

static void run(const char *sql)
{
    check(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *out = NULL;
    check(sqlite3_prepare_v2(db, sql, -1, &out, NULL));
    return out;
}

static const char *unsupported(const harness_settings *settings)
{
    if (settings->k1 != 1.2 || settings->b != 0.75)
        return "k1 and b are constants of FTS5: 1.2 and 0.75";
    if (settings->segments != 1)
        return "FTS5 does not say how many segments there are to be";
    return settings->delete_ != 0 ? "a contentless table of this version does not delete by number" : NULL;
}

static void open_file(const char *dir)
{
    char path[ROOM];
    snprintf(path, sizeof path, "%s/index.db", dir);
    check(sqlite3_open(path, &db));
    run("PRAGMA cache_size = -262144");
}

static void begin(const char *dir, const harness_settings *settings)
{
    open_file(dir);
    run("BEGIN");
    run("CREATE TABLE docs(n INTEGER PRIMARY KEY, id TEXT)");
    run(settings->english ? "CREATE VIRTUAL TABLE ft USING fts5(text, content='', tokenize='porter unicode61')"
                          : "CREATE VIRTUAL TABLE ft USING fts5(text, content='', tokenize='ascii')");
    run("INSERT INTO ft(ft, rank) VALUES('hashsize', 268435456)");
    insert = prepare("INSERT INTO ft(rowid, text) VALUES(?, ?)");
    name = prepare("INSERT INTO docs VALUES(?, ?)");
}

static void add(const harness_doc *doc)
{
    documents++;
    check(sqlite3_bind_int64(insert, 1, documents));
    check(sqlite3_bind_text(insert, 2, doc->text, (int)doc->text_len, SQLITE_STATIC));
    check(sqlite3_step(insert));
    check(sqlite3_reset(insert));
    check(sqlite3_bind_int64(name, 1, documents));
    check(sqlite3_bind_text(name, 2, doc->id, -1, SQLITE_STATIC));
    check(sqlite3_step(name));
    check(sqlite3_reset(name));
}

static void finish(void)
{
    run("INSERT INTO ft(ft) VALUES('optimize')");
    run("COMMIT");
    sqlite3_finalize(insert);
    sqlite3_finalize(name);
    check(sqlite3_close(db));
}

static void open_index(const char *dir, const harness_settings *settings)
{
    (void)settings;
    open_file(dir);
    run("PRAGMA mmap_size = 8589934592");
    count_all = prepare("SELECT count(*) FROM ft WHERE ft MATCH ?");
    best = prepare("SELECT rowid, rank FROM ft WHERE ft MATCH ? ORDER BY rank LIMIT ?");
    find_id = prepare("SELECT id FROM docs WHERE n = ?");
}

/* All leaves of `query` with this sign, quoted and joined; returns how many. */
static unsigned gather(const char *query, char sign, const char *joint, char *out)
{
    unsigned count = 0;
    for (const char *at = query; *at != '\0';) {
        at += strspn(at, " ");
        char mine = *at == '+' || *at == '-' ? *at++ : ' ';
        int quoted = *at == '"';
        size_t len = strcspn(at + quoted, quoted ? "\"" : " ");
        if (mine == sign && len != 0 && strlen(out) + len + 16 < ROOM)
            sprintf(out + strlen(out), "%s\"%.*s\"", count++ != 0 ? joint : "", (int)len, at + quoted);
        at += quoted + len;
        at += quoted && *at == '"';
    }
    return count;
}

/* The query in FTS5's language; false if it has none. */
static bool rewrite(const char *query, char out[ROOM])
{
    char forbidden[ROOM] = "", optional[ROOM] = "";
    out[0] = '\0';
    unsigned required = gather(query, '+', " AND ", out);
    unsigned others = gather(query, ' ', " OR ", optional);
    unsigned without = gather(query, '-', " OR ", forbidden);
    if (required != 0 && others != 0)
        return false;
    if (required == 0)
        strcpy(out, optional);
    if (without != 0 && strlen(out) + strlen(forbidden) + 16 < ROOM) {
        memmove(out + 1, out, strlen(out) + 1);
        out[0] = '(';
        sprintf(out + strlen(out), ") NOT (%s)", forbidden);
    }
    return out[0] != '\0';
}

static void show_hit(harness_result *out, int64_t rowid, double rank)
{
    check(sqlite3_bind_int64(find_id, 1, rowid));
    check(sqlite3_step(find_id));
    snprintf(out->ids[out->top], sizeof out->ids[0], "%s", (const char *)sqlite3_column_text(find_id, 0));
    out->scores[out->top++] = -rank;
    check(sqlite3_reset(find_id));
}

static void search(const char *query, unsigned limit, bool count, bool show, harness_result *out)
{
    char text[ROOM];
    uint64_t hits = 0;
    if (!rewrite(query, text)) {
        strcpy(out->error, "FTS5 has no optional words beside required ones");
        return;
    }
    if (limit != 0) {
        check(sqlite3_bind_text(best, 1, text, -1, SQLITE_STATIC));
        check(sqlite3_bind_int(best, 2, (int)limit));
        for (; sqlite3_step(best) == SQLITE_ROW; hits++)
            if (show && hits < 10)
                show_hit(out, sqlite3_column_int64(best, 0), sqlite3_column_double(best, 1));
        check(sqlite3_reset(best));
    }
    if (count) {
        check(sqlite3_bind_text(count_all, 1, text, -1, SQLITE_STATIC));
        check(sqlite3_step(count_all));
        hits = (uint64_t)sqlite3_column_int64(count_all, 0);
        check(sqlite3_reset(count_all));
    }
    out->count = hits;
}

int main(int argc, char **argv)
{
    const harness_engine engine = {"fts5", sqlite3_libversion(), unsupported, begin, add, finish, open_index, search};
    return harness_main(argc, argv, &engine);
}
