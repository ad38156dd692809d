/* SPDX-License-Identifier: MIT
 * Runs and judgements are read whole and sorted by topic, so that evaluating is a walk over both;
 * within a topic a document's level is found by bisection. Scores are compared in single precision
 * and equal ones ordered by document name, descending, as trec_eval does, whatever order the run's
 * file has. */
#include "trec.h"

#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_LINE = 1 << 16 };

static size_t split(quire_str line, quire_str *fields, size_t most)
{
    size_t n = 0;
    while ((line = str_trim(line)).len > 0) {
        size_t len = 0;
        while (len < line.len && strchr(" \t\r\v\f", line.ptr[len]) == NULL)
            len++;
        if (n < most)
            fields[n] = str_slice(line, 0, len);
        n++;
        line = str_slice(line, len, line.len);
    }
    return n;
}

/* A number that takes up the whole field. */
static bool number(quire_str field, double *out)
{
    char text[64];
    if (field.len >= sizeof text)
        return false;
    memcpy(text, field.ptr, field.len);
    text[field.len] = '\0';
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && !isnan(*out);
}

/* What is wrong with a line of so many fields, or NULL. */
static const char *fault_of(const quire_str *fields, size_t count, bool is_run, double *value)
{
    if (count != (is_run ? 6u : 4u))
        return is_run ? "a run has six fields: topic Q0 document rank score tag"
                      : "judgements have four fields: topic 0 document level";
    if (!number(fields[is_run ? 4 : 3], value))
        return is_run ? "the score is not a number" : "the level is not a number";
    return NULL;
}

static const char *add(trec_file *f, quire_str text, bool is_run, uint64_t number_of_line)
{
    quire_str fields[6];
    double value = 0;
    size_t count = split(text, fields, 6);
    const char *fault = count == 0 ? NULL : fault_of(fields, count, is_run, &value);
    if (count == 0 || fault != NULL)
        return fault;
    if (f->count == f->cap) {
        f->cap = f->cap == 0 ? 1024 : f->cap * 2;
        f->lines = memory_resize(f->lines, f->cap, sizeof *f->lines);
    }
    f->lines[f->count++] = (trec_line){.topic = memory_copy(fields[0].ptr, fields[0].len),
                                       .doc = memory_copy(fields[2].ptr, fields[2].len),
                                       .score = is_run ? (float)value : 0,
                                       .level = is_run ? 0 : (int)fmax(-1e6, fmin(1e6, value)),
                                       .number = number_of_line};
    return NULL;
}

static void free_line(trec_line *line)
{
    free(line->topic);
    free(line->doc);
}

static int by_document(const void *a, const void *b)
{
    const trec_line *x = a, *y = b;
    int order = strcmp(x->topic, y->topic);
    return order != 0 ? order : strcmp(x->doc, y->doc);
}

static int by_score(const void *a, const void *b)
{
    const trec_line *x = a, *y = b;
    int order = strcmp(x->topic, y->topic);
    if (order != 0)
        return order;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return strcmp(y->doc, x->doc);
}

static void sort(trec_file *f, int (*order)(const void *, const void *))
{
    if (f->count > 0)
        qsort(f->lines, f->count, sizeof *f->lines, order);
}

/* Leaves the lines sorted by document, those that say the same twice once; false if one is there
 * twice with different levels, or twice in a run. */
static bool all_differ(trec_file *f, bool is_run, const char *path, char why[TREC_WHY])
{
    sort(f, by_document);
    size_t kept = f->count > 0 ? 1 : 0;
    for (size_t i = 1; i < f->count; i++) {
        const trec_line *a = &f->lines[kept - 1], *b = &f->lines[i];
        bool again = by_document(a, b) == 0;
        if (again && (is_run || a->level != b->level)) {
            snprintf(why, TREC_WHY,
                     "%.80s:%llu: document '%.40s' is there a second time for topic '%.40s'", path,
                     (unsigned long long)(a->number > b->number ? a->number : b->number), b->doc,
                     b->topic);
            return false;
        }
        if (again)
            free_line(&f->lines[i]);
        else
            f->lines[kept++] = f->lines[i];
        if (again || kept - 1 != i)
            f->lines[i] = (trec_line){0};
    }
    f->count = kept;
    return true;
}

/* All lines of an open file; false with `why` filled. */
static bool read_lines(int fd, const char *path, bool is_run, trec_file *out, char why[TREC_WHY])
{
    source s = {.fd = fd};
    quire_str line;
    source_result result;
    const char *fault = NULL;
    while (fault == NULL && (result = source_line(&s, LONGEST_LINE, &line)) == SOURCE_LINE)
        fault = add(out, line, is_run, s.line);
    if (fault == NULL && result == SOURCE_LONG)
        fault = "the line is too long";
    if (fault != NULL)
        snprintf(why, TREC_WHY, "%.80s:%llu: %s", path, (unsigned long long)s.line, fault);
    else if (result == SOURCE_ERROR)
        snprintf(why, TREC_WHY, "%.120s: %s", path, strerror(s.os_error));
    bool ok = fault == NULL && result == SOURCE_END;
    source_free(&s);
    return ok;
}

bool trec_read(const char *path, bool is_run, trec_file *out, char why[TREC_WHY])
{
    *out = (trec_file){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        snprintf(why, TREC_WHY, "%.120s: %s; check the path", path, strerror(errno));
        return false;
    }
    bool ok = read_lines(fd, path, is_run, out, why) && all_differ(out, is_run, path, why);
    if (ok && is_run)
        sort(out, by_score);
    close(fd);
    if (!ok)
        trec_free(out);
    return ok;
}

void trec_free(trec_file *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free_line(&f->lines[i]);
    }
    free(f->lines);
    *f = (trec_file){0};
}

static size_t topic_end(const trec_file *f, size_t from)
{
    size_t to = from;
    while (to < f->count && strcmp(f->lines[to].topic, f->lines[from].topic) == 0)
        to++;
    return to;
}

static int descending(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Lines [from, to) of `judgements` are one topic; its ranking starts at `*at` of the run, if it has
 * one. */
static void levels(const trec_file *judgements, size_t from, size_t to, const trec_file *run,
                   size_t *at, measure_topic *out)
{
    const trec_line *base = &judgements->lines[from];
    while (*at < run->count && strcmp(run->lines[*at].topic, base->topic) < 0)
        (*at)++;
    size_t end = *at;
    while (end < run->count && strcmp(run->lines[end].topic, base->topic) == 0)
        end++;
    int *ranked = memory_get((end - *at) * sizeof *ranked);
    int *judged = memory_get((to - from) * sizeof *judged);
    for (size_t i = *at; i < end; i++) {
        const trec_line *found =
            bsearch(&run->lines[i], base, to - from, sizeof *base, by_document);
        ranked[i - *at] = found == NULL ? 0 : found->level;
    }
    for (size_t i = from; i < to; i++)
        judged[i - from] = judgements->lines[i].level;
    qsort(judged, to - from, sizeof *judged, descending);
    *out = (measure_topic){ranked, end - *at, judged, to - from};
    *at = end;
}

size_t trec_evaluate(const trec_file *judgements, const trec_file *run, const trec_plan *plan,
                     double *means)
{
    size_t topics = 0, at = 0;
    double *values = memory_get(plan->count * sizeof *values);
    memset(means, 0, plan->count * sizeof *means);
    for (size_t from = 0, to; from < judgements->count; from = to, topics++) {
        measure_topic topic;
        to = topic_end(judgements, from);
        levels(judgements, from, to, run, &at, &topic);
        for (size_t i = 0; i < plan->count; i++) {
            values[i] = measure_value(&plan->measures[i], &topic);
            means[i] += values[i];
        }
        if (plan->each != NULL)
            plan->each(plan->payload, judgements->lines[from].topic, values);
        free((void *)(uintptr_t)topic.ranked);
        free((void *)(uintptr_t)topic.judged);
    }
    for (size_t i = 0; i < plan->count && topics > 0; i++)
        means[i] /= (double)topics;
    free(values);
    return topics;
}
