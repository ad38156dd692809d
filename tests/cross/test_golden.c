/* SPDX-License-Identifier: MIT
 * Indexes written by earlier releases, kept in tests/golden: they open, pass the check, answer as
 * they did when they were written, and can be written on. A newer format is refused as such.
 *
 * QUIRE_GOLDEN_WRITE: a new folder to write the index of the present format to, with its answers,
 * in place of all tests. tests/golden/write does it. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "quire.h"
#include "support/image.h"
#include "support/probe.h"
#include "support/roll.h"

enum { PATH_ROOM = 4096, DUMP_ROOM = 1 << 20 };

static quire_error err;

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%d: %s", status, err.message);
}

/* ---- What an index answers, as text ---- */

static void dump_value(FILE *out, const quire_value *value)
{
    fprintf(out, " %s=", value->field);
    if (value->text.ptr != NULL)
        fprintf(out, "'%.*s'", (int)value->text.len, value->text.ptr);
    else
        fprintf(out, "%" PRId64, value->number);
}

static void dump_document(FILE *out, quire_snapshot *snapshot, quire_doc doc, bool whole)
{
    const quire_document *document;
    ok(quire_document_open(&document, snapshot, doc, &err));
    fprintf(out, "%s", document->language);
    for (size_t i = 0; i < (whole ? document->count : 1); i++)
        dump_value(out, &document->values[i]);
    quire_document_free(document);
}

static void dump_search(FILE *out, quire_index *index, quire_snapshot *snapshot, const char *text)
{
    quire_query *query;
    const quire_hits *hits;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    options.count = true;
    ok(quire_query_parse(&query, index, quire_cstr(text), NULL, &err));
    ok(quire_search(&hits, snapshot, query, &options, &err));
    fprintf(out, "search %s: %" PRIu64 "\n", text, hits->total);
    for (size_t i = 0; i < hits->count; i++) {
        fprintf(out, "  %.9g", (double)hits->items[i].score);
        dump_document(out, snapshot, hits->items[i].doc, false);
        fprintf(out, "\n");
    }
    quire_hits_free(hits);
    quire_query_free(query);
}

static void dump_terms(FILE *out, quire_snapshot *snapshot, const char *field, bool exact)
{
    quire_terms *terms;
    quire_term term;
    ok(quire_terms_open(&terms, snapshot, field, quire_cstr(""), exact, &err));
    fprintf(out, "terms of %s%s\n", field, exact ? ", exact" : "");
    while (quire_terms_next(terms, &term, &err) == QUIRE_OK)
        fprintf(out, "  %.*s %" PRIu64 " %" PRIu64 "\n", (int)term.text.len, term.text.ptr,
                term.documents, term.occurrences);
    quire_terms_close(terms);
}

static void dump(FILE *out, quire_index *index)
{
    static const char *const searches[] = {"tides",
                                           "=tides",
                                           "\"the sea\"",
                                           "sail AND storms",
                                           "ship -moon",
                                           "title:sea",
                                           "\"moon sea\"~3",
                                           "sai*",
                                           "tag:land rope",
                                           "n:[0 TO 20] knots",
                                           "day:[2024-03-01 TO 2024-08-30] anchor",
                                           "lantern",
                                           "lantern wick",
                                           "=H\xC3\xA4user",
                                           "\xE6\xB5\xB7\xE5\x92\x8C"};
    static const char *const keys[] = {"doc-0", "doc-21", "doc-150", "german", "chinese"};
    quire_snapshot *snapshot;
    ok(quire_snapshot_open(&snapshot, index, &err));
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    fprintf(out, "generation %" PRIu64 ", %" PRIu64 " documents, %zu segments, payload '%.*s'\n",
            stat->generation, stat->documents, stat->segment_count, (int)stat->payload.len,
            stat->payload.ptr);
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++)
        dump_search(out, index, snapshot, searches[i]);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        quire_doc doc;
        ok(quire_snapshot_find(snapshot, quire_cstr(keys[i]), &doc, &err));
        fprintf(out, "document ");
        dump_document(out, snapshot, doc, true);
        fprintf(out, "\n");
    }
    dump_terms(out, snapshot, "body", false);
    dump_terms(out, snapshot, "body", true);
    dump_terms(out, snapshot, "tag", false);
    quire_snapshot_close(snapshot);
}

/* ---- Writing one ---- */

static void add_text(quire_writer *writer, const char *id, const char *body, const char *language)
{
    quire_add_options options = QUIRE_ADD_OPTIONS_INIT;
    quire_value values[] = {{.field = "id", .text = quire_cstr(id)},
                            {.field = "body", .text = quire_cstr(body)}};
    options.language = language;
    ok(quire_writer_add(writer, values, 2, &options, &err));
}

/* Long lists: a word in most documents, one in bursts in a few. */
static void add_many(quire_writer *writer)
{
    for (int doc = 100; doc < 400; doc++) {
        char id[16], body[700] = "";
        snprintf(id, sizeof id, "doc-%d", doc);
        if (doc % 11 != 5)
            strcat(body, "lantern ");
        if (doc % 100 == 50)
            for (int i = 0; i < 90; i++)
                strcat(body, i % 3 == 0 ? "wicks " : "wick ");
        if (doc % 3 == 0)
            strcat(body, "oil");
        add_text(writer, id, body, NULL);
    }
}

static void write_index(const char *path)
{
    quire_index *index;
    quire_writer *writer;
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    quire_schema *schema = probe_schema();
    options.no_auto_merge = true;
    ok(quire_index_create(&index, path, schema, NULL, &err));
    ok(probe_fill(index, &err));
    ok(quire_writer_open(&writer, index, &options, &err));
    add_many(writer);
    add_text(writer, "german", "Die H\xC3\xA4user am Hafen; das Haus am Meer", "german");
    add_text(writer, "chinese", "\xE6\xB5\xB7\xE5\x92\x8C\xE6\x9C\x88\xE4\xBA\xAE", NULL);
    ok(quire_writer_commit(writer, quire_cstr("fourth"), false, &err));
    ok(probe_delete(writer, 151, &err));
    add_text(writer, "doc-150", "one more lantern", NULL);
    ok(quire_writer_commit(writer, quire_cstr("golden"), false, &err));
    quire_writer_close(writer);
    quire_index_close(index);
    quire_schema_free(schema);
}

START_TEST(the_present_format_is_written)
{
    char path[PATH_ROOM];
    quire_index *index;
    const char *folder = getenv("QUIRE_GOLDEN_WRITE");
    ck_assert_int_eq(mkdir(folder, 0777), 0);
    snprintf(path, sizeof path, "%s/index", folder);
    write_index(path);
    ok(quire_index_open(&index, path, NULL, &err));
    snprintf(path, sizeof path, "%s/answers", folder);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    dump(out, index);
    quire_index_close(index);
    ck_assert_int_eq(fclose(out), 0);
}
END_TEST

/* ---- Reading them ---- */

static const char *const kept[] = {"format-1"};

static void kept_path(char *path, const char *name, const char *what)
{
    const char *here = strstr(__FILE__, "tests/cross/");
    ck_assert_ptr_nonnull(here);
    snprintf(path, PATH_ROOM, "%.*stests/golden/%s/%s", (int)(here - __FILE__), __FILE__, name,
             what);
}

static char *read_whole(const char *path, size_t *len)
{
    char *bytes = malloc(DUMP_ROOM);
    FILE *in = fopen(path, "r");
    ck_assert_msg(in != NULL && bytes != NULL, "cannot read %s", path);
    *len = fread(bytes, 1, DUMP_ROOM, in);
    ck_assert_uint_lt(*len, DUMP_ROOM);
    fclose(in);
    return bytes;
}

static void print_fault(const char *line, void *payload)
{
    (void)payload;
    printf("%s\n", line);
}

static void take_kept(image *out, const char *name)
{
    char path[PATH_ROOM];
    qi_dir *dir;
    kept_path(path, name, "index");
    ok(qi_dir_open_posix(&dir, path, false, &err));
    image_take(out, dir);
    qi_dir_free(dir);
}

START_TEST(a_kept_index_answers_as_it_did)
{
    char path[PATH_ROOM], *now;
    quire_index *index;
    quire_index_options options = QUIRE_INDEX_OPTIONS_INIT;
    image before, after;
    size_t expected_len, now_len;
    options.read_only = true;
    take_kept(&before, kept[_i]);
    kept_path(path, kept[_i], "index");
    ok(quire_index_open(&index, path, &options, &err));
    ok(quire_index_check(index, 3, print_fault, NULL, &err));
    FILE *out = open_memstream(&now, &now_len);
    ck_assert_ptr_nonnull(out);
    dump(out, index);
    fclose(out);
    quire_index_close(index);
    kept_path(path, kept[_i], "answers");
    char *expected = read_whole(path, &expected_len);
    for (size_t i = 0, line = 1; i < expected_len && i < now_len; i++) {
        ck_assert_msg(expected[i] == now[i], "%s: line %zu differs", path, line);
        line += expected[i] == '\n';
    }
    ck_assert_uint_eq(now_len, expected_len);
    take_kept(&after, kept[_i]);
    ck_assert_uint_eq(image_hash(&before), image_hash(&after));
    image_free(&before);
    image_free(&after);
    free(expected);
    free(now);
}
END_TEST

static void load(qi_dir *dir, const image *from)
{
    for (size_t i = 0; i < from->count; i++) {
        qi_out out;
        ok(dir->ops->create(dir, from->files[i].name, &out, &err));
        ok(dir->ops->append(&out, from->files[i].bytes, from->files[i].len, &err));
        ok(dir->ops->close(&out, true, &err));
    }
}

START_TEST(a_kept_index_can_be_written_on)
{
    image files;
    qi_dir *dir;
    quire_index *index;
    quire_writer *writer;
    uint64_t before, after, merged;
    take_kept(&files, kept[_i]);
    ok(qi_dir_open_ram(&dir, &err));
    load(dir, &files);
    ok(probe_open(&index, dir, false, &err));
    ok(probe_contents(index, &before, &err));
    ok(quire_writer_open(&writer, index, NULL, &err));
    ok(quire_writer_merge(writer, 1, &err));
    ok(probe_contents(index, &merged, &err));
    ck_assert_uint_eq(before, merged);
    ok(probe_add(writer, 5, 77, &err));
    ok(quire_writer_commit(writer, quire_cstr(""), false, &err));
    ok(probe_contents(index, &after, &err));
    ck_assert_uint_ne(before, after);
    ok(quire_index_check(index, 3, print_fault, NULL, &err));
    quire_writer_close(writer);
    quire_index_close(index);
    image_free(&files);
}
END_TEST

/* ---- Another Unicode ---- */

static void make_older(image *files)
{
    image_file *manifest = image_find(files, "MANIFEST");
    uint8_t *version = memmem(manifest->bytes, manifest->len, "\00615.0.0", 7);
    ck_assert_ptr_nonnull(version);
    version[2] = '2';
    image_repair(files);
}

static void expect_older(quire_index *index)
{
    quire_snapshot *snapshot;
    ok(quire_snapshot_open(&snapshot, index, &err));
    ck_assert_str_eq(quire_snapshot_stat(snapshot)->unicode, "12.0.0");
    ck_assert_str_ne(quire_snapshot_stat(snapshot)->unicode_here, "12.0.0");
    quire_snapshot_close(snapshot);
}

START_TEST(an_index_of_another_unicode_is_searched_and_written_and_keeps_its_version)
{
    image files;
    qi_dir *dir;
    quire_index *kept_one, *index;
    quire_writer *writer;
    uint64_t theirs, ours, after;
    take_kept(&files, "format-1");
    ok(probe_open(&kept_one, image_dir(&files), true, &err));
    ok(probe_contents(kept_one, &theirs, &err));
    quire_index_close(kept_one);
    make_older(&files);
    ok(qi_dir_open_ram(&dir, &err));
    load(dir, &files);
    ok(probe_open(&index, dir, false, &err));
    expect_older(index);
    ok(probe_contents(index, &ours, &err));
    ck_assert_uint_eq(theirs, ours);
    ok(quire_writer_open(&writer, index, NULL, &err));
    ok(probe_add(writer, 5, 77, &err));
    ok(quire_writer_merge(writer, 1, &err));
    ok(probe_contents(index, &after, &err));
    ck_assert_uint_ne(ours, after);
    expect_older(index);
    ok(quire_index_check(index, 3, print_fault, NULL, &err));
    quire_writer_close(writer);
    quire_index_close(index);
    image_free(&files);
}
END_TEST

/* ---- Newer formats ---- */

static quire_status open_changed(size_t at, uint8_t value, const char *name)
{
    image files;
    uint64_t digest;
    quire_index *index;
    take_kept(&files, kept[sizeof kept / sizeof *kept - 1]);
    for (size_t i = 0; i < files.count; i++)
        if (strncmp(files.files[i].name, name, strlen(name)) == 0)
            files.files[i].bytes[at] = value;
    image_repair(&files);
    quire_status status = probe_open(&index, image_dir(&files), true, &err);
    if (status == QUIRE_OK) {
        status = probe_contents(index, &digest, &err);
        quire_index_close(index);
    }
    image_free(&files);
    return status;
}

START_TEST(a_newer_format_is_refused_as_such)
{
    enum { MANIFEST_FORMAT = 8, MANIFEST_FLAGS = 12, FILE_FORMAT = 12, FILE_FLAGS = 16 };
    static const struct {
        size_t at;
        const char *name;
    } places[] = {{MANIFEST_FORMAT, "MANIFEST"},
                  {MANIFEST_FLAGS, "MANIFEST"},
                  {MANIFEST_FLAGS + 3, "MANIFEST"},
                  {FILE_FORMAT, "s-"},
                  {FILE_FLAGS, "s-"},
                  {FILE_FORMAT, "d-"},
                  {FILE_FLAGS + 1, "d-"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        ck_assert_int_eq(open_changed(places[i].at, 9, places[i].name), QUIRE_ERR_FORMAT);
        ck_assert_ptr_nonnull(strstr(err.message, "newer"));
    }
    ck_assert_int_eq(open_changed(MANIFEST_FORMAT, 0, "MANIFEST"), QUIRE_ERR_FORMAT);
    /* Beside segments a manifest that is none is a lost one. */
    ck_assert_int_eq(open_changed(0, 'X', "MANIFEST"), QUIRE_ERR_CORRUPT);
}
END_TEST

START_TEST(what_a_reader_may_ignore_is_ignored)
{
    ck_assert_int_eq(open_changed(16, 1, "MANIFEST"), QUIRE_OK); /* only writers must know */
    ck_assert_int_eq(open_changed(20, 1, "s-"), QUIRE_OK);       /* the same */
    ck_assert_int_eq(open_changed(24, 1, "s-"), QUIRE_OK);       /* nobody need know */
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.golden");
    TCase *t = tcase_create("kept");
    roll_seed();
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    if (getenv("QUIRE_GOLDEN_WRITE") != NULL) {
        tcase_add_test(t, the_present_format_is_written);
        return s;
    }
    tcase_add_loop_test(t, a_kept_index_answers_as_it_did, 0, sizeof kept / sizeof *kept);
    tcase_add_loop_test(t, a_kept_index_can_be_written_on, 0, sizeof kept / sizeof *kept);
    tcase_add_test(t, an_index_of_another_unicode_is_searched_and_written_and_keeps_its_version);
    tcase_add_test(t, a_newer_format_is_refused_as_such);
    tcase_add_test(t, what_a_reader_may_ignore_is_ignored);
    return s;
}
