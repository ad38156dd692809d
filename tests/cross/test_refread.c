/* SPDX-License-Identifier: MIT
 * tests/refread.py, which knows only FORMAT.md, and the library read the same index the same way:
 * every document, term, occurrence, value and bound, of segments as flushed and as merged, with
 * deletes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/stored.h"
#include "segment/postings.h"
#include "segment/records.h"
#include "segment/snapshot.h"
#include "support/roll.h"
#include "support/temp.h"

enum { PATH_ROOM = 4096, DOCUMENTS = 600, LONG = 2000 };

/* Any failure ends the test with its message. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        quire_error must_err = {0};                                                                \
        quire_error *err = &must_err;                                                              \
        if ((call) != QUIRE_OK)                                                                    \
            ck_abort_msg("%s: %s", #call, must_err.message);                                       \
    } while (0)

/* ---- An index ---- */

static void add_field(quire_schema *schema, const char *name, quire_field_type type, bool key)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.type = type;
    field.key = key;
    if (type == QUIRE_TEXT) {
        field.stored = field.exact = field.searched = true;
        snprintf(field.analyzer.language, sizeof field.analyzer.language, "english");
    }
    MUST(quire_schema_add(schema, &field, err));
}

/* Words of very different frequencies, in several forms of each stem. */
static void add_words(qi_buf *out, uint32_t count)
{
    static const char *const ends[] = {"", "s", "ed", "ing"};
    char word[48];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t n = roll(1 + roll(1 + roll(1500)));
        int len = snprintf(word, sizeof word, "%c%cwork%x%s ", 'a' + n % 26, 'a' + n % 7, n,
                           n % 3 == 0 ? "" : ends[roll(4)]);
        if (n < 4) /* these are in many documents, and often */
            len = snprintf(word, sizeof word, "%s ", n % 2 == 0 ? "night" : "nights");
        qi_buf_add(out, word, (size_t)len);
    }
    /* Often, but in few documents: a list in blocks without a bitmap. */
    for (uint32_t i = 0; i < 40 && count == LONG; i++)
        qi_buf_add(out, "seldom seldoms ", 7 + 8 * roll(2));
}

static void add_document(quire_writer *writer, uint32_t number)
{
    char key[24], tag[24];
    qi_buf title, body;
    qi_buf_init(&title, 0);
    qi_buf_init(&body, 0);
    add_words(&title, 1 + roll(6));
    add_words(&body, number % 50 == 0 ? LONG : roll(80));
    snprintf(key, sizeof key, "key-%u", number);
    snprintf(tag, sizeof tag, "tag%u", roll(1 + roll(9)));
    quire_value values[7] = {
        {"id", quire_cstr(key), 0},
        {"title", {(const char *)title.bytes, title.len}, 0},
        {"body", {(const char *)body.bytes, body.len}, 0},
        {"tag", quire_cstr(tag), 0},
        {"n", {NULL, 0}, (int64_t)roll64() >> roll(60)},
        {"day", {NULL, 0}, 86400 * (int64_t)roll(9000)},
        {"body", quire_cstr("once more"), 0},
    };
    MUST(quire_writer_add(writer, values, number % 5 == 0 ? 4 : 7, NULL, err));
    qi_buf_free(&title);
    qi_buf_free(&body);
}

static void make_index(quire_index **index, const char *path)
{
    quire_schema *schema;
    MUST(quire_schema_new(&schema, false, err));
    add_field(schema, "id", QUIRE_KEYWORD, true);
    add_field(schema, "title", QUIRE_TEXT, false);
    add_field(schema, "body", QUIRE_TEXT, false);
    add_field(schema, "tag", QUIRE_KEYWORD, false);
    add_field(schema, "n", QUIRE_NUMBER, false);
    add_field(schema, "day", QUIRE_DATE, false);
    MUST(quire_index_create(index, path, schema, NULL, err));
    quire_schema_free(schema);
}

/* Three commits, the last of which deletes. */
static void fill(quire_writer *writer)
{
    char key[24];
    for (uint32_t i = 0; i < DOCUMENTS; i++) {
        add_document(writer, i);
        if (i == DOCUMENTS / 9 || i == DOCUMENTS / 2)
            MUST(quire_writer_commit(writer, quire_cstr("payload"), false, err));
    }
    for (uint32_t i = 0; i < DOCUMENTS; i += 1 + roll(40)) {
        snprintf(key, sizeof key, "key-%u", i);
        MUST(quire_writer_delete(writer, quire_cstr(key), err));
    }
    MUST(quire_writer_commit(writer, quire_cstr("payload"), false, err));
}

/* ---- The library's view of it, in the words of refread.py ---- */

static void show_docs(FILE *out, qi_postings *list)
{
    fputs("docs", out);
    uint32_t from = 0;
    while (qi_postings_seek(list, from)) {
        const uint32_t *freqs = qi_postings_freqs(list);
        ck_assert_ptr_nonnull(freqs);
        for (uint32_t i = 0; i < list->count; i++)
            fprintf(out, " %u:%u", list->docs[i], freqs[i]);
        from = qi_postings_block_last(list) + 1;
    }
    ck_assert_int_eq(list->status, QUIRE_OK);
    fputc('\n', out);
}

static void show_words(FILE *out, qi_postings *list)
{
    fputs("words", out);
    uint32_t from = 0;
    while (qi_postings_seek_word(list, from)) {
        for (uint32_t i = 0; i < list->word_count; i++)
            fprintf(out, " %u", list->words[i]);
        from = list->words[list->word_count - 1] + 1;
    }
    ck_assert_int_eq(list->status, QUIRE_OK);
    fputc('\n', out);
}

static void show_bounds(FILE *out, const qi_postings *list)
{
    uint64_t sum = 0;
    for (uint32_t r = 0; list->ranges != NULL && r * QI_RANGE < list->segment->doc_count; r++)
        sum += list->ranges[r];
    fprintf(out, "bounds %u %u %u %u %llu\n", qi_float_bits(list->max_part), list->kth[0],
            list->kth[1], list->kth[2], (unsigned long long)sum);
}

static void show_term(FILE *out, const qi_segment *segment, uint32_t lane,
                      const qi_termdict_iter *iter)
{
    bool text = segment->schema->fields.items[QI_LANE_FIELD(lane)].type == QUIRE_TEXT;
    qi_postings list;
    fprintf(out, "term %u ", lane);
    for (size_t i = 0; i < iter->len; i++)
        fprintf(out, "%02x", iter->term[i]);
    fprintf(out, " %llu %llu\n", (unsigned long long)iter->info.df,
            (unsigned long long)iter->info.cf);
    MUST(qi_postings_open(&list, segment, lane, &iter->info, err));
    show_docs(out, &list);
    if (!text)
        return;
    MUST(qi_postings_open(&list, segment, lane, &iter->info, err));
    show_words(out, &list);
    if (lane % 2 == 0 && iter->info.cf >= QI_BLOCK)
        show_bounds(out, &list);
}

static void show_field(FILE *out, const qi_segment *segment, uint32_t f)
{
    const quire_field *field = &segment->schema->fields.items[f];
    const qi_field_part *part = &segment->fields[f];
    fprintf(out, "field %u %s %llu %u %u\n", f, field->name, (unsigned long long)part->length_sum,
            part->documents, part->words);
    if (field->type == QUIRE_TEXT) {
        fputs("norms ", out);
        for (uint32_t d = 0; d < segment->doc_count; d++)
            fprintf(out, "%02x", part->norms[d]);
        fputc('\n', out);
    }
    for (uint32_t lane = 2 * f; lane <= 2 * f + 1; lane++) {
        qi_termdict_iter iter;
        bool more = qi_termdict_seek(&iter, &segment->lanes[lane], NULL, 0, NULL);
        for (; more; more = qi_termdict_next(&iter))
            show_term(out, segment, lane, &iter);
        ck_assert_int_eq(iter.status, QUIRE_OK);
    }
    for (uint32_t d = 0; d < segment->doc_count; d++) {
        bool has;
        int64_t value;
        MUST(qi_segment_column(segment, f, d, &has, &value, err));
        if (has)
            fprintf(out, "value %u %lld\n", d, (long long)value);
    }
}

static void show_part(FILE *out, const qi_part *part)
{
    const qi_segment *segment = part->segment;
    qi_buf record;
    qi_buf_init(&record, 0);
    fprintf(out, "segment %s %u %u\n", segment->file.name, segment->doc_count,
            part->deleted != NULL ? part->deleted->count : 0);
    if (part->deleted != NULL) {
        fputs("deleted", out);
        for (uint32_t d = 0; d < segment->doc_count; d++)
            if (qi_docset_has(part->deleted, d))
                fprintf(out, " %u", d);
        fputc('\n', out);
    }
    for (uint32_t f = 0; f < segment->schema->fields.count; f++)
        show_field(out, segment, f);
    fputs("stored", out);
    for (uint32_t d = 0; d < segment->doc_count; d++) {
        MUST(qi_records_get(&segment->records, d, &record, err));
        fprintf(out, " %zu", record.len);
    }
    fputc('\n', out);
    qi_buf_free(&record);
}

static void show_index(quire_index *index, const char *path)
{
    quire_snapshot *snapshot;
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    MUST(quire_snapshot_open(&snapshot, index, err));
    fprintf(out, "generation %llu ", (unsigned long long)snapshot->stat.generation);
    for (size_t i = 0; i < snapshot->stat.payload.len; i++)
        fprintf(out, "%02x", (unsigned)snapshot->stat.payload.ptr[i]);
    fputc('\n', out);
    for (size_t i = 0; i < snapshot->count; i++)
        show_part(out, &snapshot->parts[i]);
    quire_snapshot_close(snapshot);
    ck_assert_int_eq(fclose(out), 0);
}

static void compare(quire_index *index, const char *path)
{
    char command[PATH_ROOM], mine[PATH_ROOM];
    const char *here = strstr(__FILE__, "tests/cross/");
    ck_assert_ptr_nonnull(here);
    snprintf(mine, sizeof mine, "%s/mine", path);
    show_index(index, mine);
    snprintf(command, sizeof command,
             "python3 -B '%.*stests/refread.py' '%s/index' >'%s/its' && cmp '%s/mine' '%s/its'",
             (int)(here - __FILE__), __FILE__, path, path, path, path);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(the_reader_of_format_md_agrees_with_the_library)
{
    char path[PATH_ROOM], folder[PATH_ROOM + 8];
    quire_index *index;
    quire_writer *writer;
    roll_seed();
    temp_folder(path, sizeof path);
    snprintf(folder, sizeof folder, "%s/index", path);
    make_index(&index, folder);
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    options.no_auto_merge = true;
    MUST(quire_writer_open(&writer, index, &options, err));
    compare(index, path);
    fill(writer);
    compare(index, path);
    MUST(quire_writer_merge(writer, 1, err));
    compare(index, path);
    for (int order = QUIRE_ORDER_TOPICS; order <= QUIRE_ORDER_BISECTION; order++) {
        quire_writer_close(writer);
        options.order = (quire_order)order;
        MUST(quire_writer_open(&writer, index, &options, err));
        MUST(quire_writer_merge(writer, 1, err));
        compare(index, path);
    }
    quire_writer_close(writer);
    quire_index_close(index);
    temp_remove(path);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.refread");
    TCase *t = tcase_create("refread");
    tcase_set_timeout(t, 240);
    tcase_add_test(t, the_reader_of_format_md_agrees_with_the_library);
    suite_add_tcase(s, t);
    return s;
}
