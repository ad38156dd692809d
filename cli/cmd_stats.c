/* SPDX-License-Identifier: MIT
 * quire stats and quire terms: what is in an index. */
#include "cmd.h"
#include "json.h"
#include "locate.h"
#include "message.h"
#include "show.h"

#include <stdio.h>
#include <string.h>

typedef struct opened {
    bytes where;
    quire_index *index;
    quire_snapshot *snapshot;
} opened;

static int open_snapshot(const settings *s, opened *o)
{
    quire_error err = {0};
    *o = (opened){0};
    int failed = locate_open(s, &o->index, &o->where);
    if (failed == 0 && quire_snapshot_open(&o->snapshot, o->index, &err) != QUIRE_OK)
        failed = message_status(bytes_cstr(&o->where), &err);
    return failed;
}

static void close_opened(opened *o)
{
    quire_snapshot_close(o->snapshot);
    quire_index_close(o->index);
    bytes_free(&o->where);
}

/* The parts of a segment, by name. */
static const struct {
    const char *name;
    size_t offset;
} parts[] = {
    {"terms", offsetof(quire_segment_stat, term_bytes)},
    {"documents of terms", offsetof(quire_segment_stat, doc_bytes)},
    {"frequencies", offsetof(quire_segment_stat, freq_bytes)},
    {"positions", offsetof(quire_segment_stat, position_bytes)},
    {"skips", offsetof(quire_segment_stat, skip_bytes)},
    {"ranges", offsetof(quire_segment_stat, range_bytes)},
    {"bitmaps", offsetof(quire_segment_stat, bitmap_bytes)},
    {"norms", offsetof(quire_segment_stat, norm_bytes)},
    {"stored", offsetof(quire_segment_stat, stored_bytes)},
    {"columns", offsetof(quire_segment_stat, column_bytes)},
    {"other", offsetof(quire_segment_stat, other_bytes)},
};

enum { PARTS = sizeof parts / sizeof *parts };

static uint64_t part_of(const quire_segment_stat *segment, size_t i)
{
    return *(const uint64_t *)(const void *)((const char *)segment + parts[i].offset);
}

/* Sums over the segments; `out` has a sum for each part. */
static quire_segment_stat sum(const quire_stat *stat, uint64_t out[PARTS])
{
    quire_segment_stat all = {0};
    for (size_t i = 0; i < PARTS; i++)
        out[i] = 0;
    for (size_t k = 0; k < stat->segment_count; k++) {
        const quire_segment_stat *segment = &stat->segments[k];
        all.documents += segment->documents;
        all.deleted += segment->deleted;
        all.terms += segment->terms;
        all.words += segment->words;
        all.file_bytes += segment->file_bytes;
        for (size_t i = 0; i < PARTS; i++)
            out[i] += part_of(segment, i);
    }
    return all;
}

static void print_stats(const quire_stat *stat)
{
    uint64_t bytes_of[PARTS];
    quire_segment_stat all = sum(stat, bytes_of);
    printf("generation\t%llu\n", (unsigned long long)stat->generation);
    printf("documents\t%llu\n", (unsigned long long)stat->documents);
    printf("deleted\t%llu\n", (unsigned long long)all.deleted);
    printf("segments\t%zu\n", stat->segment_count);
    printf("terms\t%llu\n", (unsigned long long)all.terms);
    printf("words\t%llu\n", (unsigned long long)all.words);
    printf("k1, b\t%g, %g\n", (double)stat->k1, (double)stat->b);
    if (strcmp(stat->unicode, stat->unicode_here) == 0)
        printf("unicode\t%s\n", stat->unicode);
    else
        printf("unicode\t%s; %s reads it now\n", stat->unicode, stat->unicode_here);
    printf("bytes\t%llu\n", (unsigned long long)all.file_bytes);
    for (size_t i = 0; i < PARTS; i++)
        printf("  %s\t%llu\t%.1f%%\n", parts[i].name, (unsigned long long)bytes_of[i],
               all.file_bytes == 0 ? 0 : 100 * (double)bytes_of[i] / (double)all.file_bytes);
}

static void print_json(const quire_stat *stat)
{
    uint64_t bytes_of[PARTS];
    quire_segment_stat all = sum(stat, bytes_of);
    bytes line = {0};
    json_open(&line);
    json_whole(&line, "form", JSON_FORM);
    json_text(&line, "type", quire_cstr("stats"));
    json_whole(&line, "generation", (int64_t)stat->generation);
    json_whole(&line, "documents", (int64_t)stat->documents);
    json_whole(&line, "deleted", (int64_t)all.deleted);
    json_whole(&line, "segments", (int64_t)stat->segment_count);
    json_whole(&line, "terms", (int64_t)all.terms);
    json_whole(&line, "words", (int64_t)all.words);
    json_real(&line, "k1", (double)stat->k1);
    json_real(&line, "b", (double)stat->b);
    json_text(&line, "unicode", quire_cstr(stat->unicode));
    json_text(&line, "unicode_here", quire_cstr(stat->unicode_here));
    json_whole(&line, "bytes", (int64_t)all.file_bytes);
    json_name(&line, "parts");
    json_open(&line);
    for (size_t i = 0; i < PARTS; i++)
        json_whole(&line, parts[i].name, (int64_t)bytes_of[i]);
    json_close(&line);
    json_close(&line);
    printf("%s\n", bytes_cstr(&line));
    bytes_free(&line);
}

int cmd_stats(const settings *s)
{
    opened o;
    int code = open_snapshot(s, &o);
    if (code == 0 && settings_has(s, OPT_JSON))
        print_json(quire_snapshot_stat(o.snapshot));
    else if (code == 0)
        print_stats(quire_snapshot_stat(o.snapshot));
    close_opened(&o);
    return message_finish(code);
}

static void print_term(const settings *s, const quire_term *term)
{
    bytes line = {0};
    if (settings_has(s, OPT_JSON)) {
        json_open(&line);
        json_whole(&line, "form", JSON_FORM);
        json_text(&line, "type", quire_cstr("term"));
        json_text(&line, "term", term->text);
        json_whole(&line, "documents", (int64_t)term->documents);
        json_whole(&line, "occurrences", (int64_t)term->occurrences);
        json_close(&line);
    } else {
        show_clean(term->text, &line);
        bytes_printf(&line, "\t%llu\t%llu", (unsigned long long)term->documents,
                     (unsigned long long)term->occurrences);
    }
    printf("%s\n", bytes_cstr(&line));
    bytes_free(&line);
}

static int print_terms(const settings *s, const opened *o)
{
    quire_error err = {0};
    quire_terms *terms = NULL;
    quire_term term;
    const char *prefix = s->operand_count > 1 ? s->operands[1] : "";
    double limit = settings_number(s, OPT_LIMIT, 0), count = 0;
    quire_status status = quire_terms_open(&terms, o->snapshot, s->operands[0], quire_cstr(prefix),
                                           settings_has(s, OPT_EXACT), &err);
    while (status == QUIRE_OK && (limit == 0 || count < limit) &&
           (status = quire_terms_next(terms, &term, &err)) == QUIRE_OK) {
        print_term(s, &term);
        count++;
    }
    quire_terms_close(terms);
    if (status < 0)
        return message_status(bytes_cstr(&o->where), &err);
    return count > 0 ? EXIT_FOUND : EXIT_NONE;
}

int cmd_terms(const settings *s)
{
    opened o;
    int code = open_snapshot(s, &o);
    if (code == 0)
        code = print_terms(s, &o);
    close_opened(&o);
    return message_finish(code);
}
