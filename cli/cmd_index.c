/* SPDX-License-Identifier: MIT
 * quire index: opens or makes the index, hands the paths to indexing.h, and commits, or rolls back.
 */
#include "cmd.h"
#include "fields.h"
#include "indexing.h"
#include "interrupt.h"
#include "locate.h"
#include "message.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Of --max-memory five eighths are the writer's, but for what the program itself takes; the rest
 * is for the record at hand, whose text is there up to three times while it is read. */
enum { WRITER_SPARE = 12 << 20, RECORDS_IN_MEMORY = 8 };

/* Large blocks, which come and go with each segment, go back to the system at once: left to itself
 * glibc keeps them after the first, where memory in pieces may be twice what is in use. */
static void give_back_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 17);
#endif
}

/* All that a run holds. */
typedef struct job {
    const settings *s;
    bytes where, base;
    quire_index *index;
    quire_writer *writer;
    quire_snapshot *snapshot;
    filter *filters;
    char **roots; /* absolute, without links; NULL: standard input */
    indexing x;
} job;

static bool is_empty_folder(const char *path)
{
    DIR *dir = opendir(path);
    size_t names = 0;
    if (dir == NULL)
        return false;
    while (names < 3 && readdir(dir) != NULL)
        names++;
    closedir(dir);
    return names <= 2;
}

/* The paths are all looked at before anything is done: one that is missing ends the run. */
static int find_roots(job *j)
{
    const settings *s = j->s;
    j->roots = memory_get(s->operand_count * sizeof *j->roots);
    for (size_t i = 0; i < s->operand_count; i++) {
        const char *path = s->operands[i];
        if (strcmp(path, "-") == 0)
            continue;
        j->roots[i] = realpath(path, NULL);
        if (j->roots[i] == NULL)
            return message_usage(
                "%s: %s; nothing was indexed. Check the path; to drop a file that is "
                "gone, index its folder, or use 'quire delete'",
                path, strerror(errno));
        if (access(j->roots[i], R_OK) != 0)
            return message_usage("%s: %s; nothing was indexed", path, strerror(errno));
        struct stat st;
        bool is_file = stat(j->roots[i], &st) == 0 && S_ISREG(st.st_mode);
        if (is_file && j->x.as == READ_NONE && read_form_of_path(path) == READ_NONE &&
            filter_for(j->filters, j->x.filter_count, path) == NULL)
            return message_usage("%s: not a form that is known by its name; say which with --as",
                                 path);
    }
    return 0;
}

static int read_filters(job *j)
{
    const setting *given = NULL;
    while ((given = settings_next(j->s, OPT_FILTER, given)) != NULL) {
        j->filters = memory_resize(j->filters, j->x.filter_count + 1, sizeof *j->filters);
        if (!filter_parse(given->text, &j->filters[j->x.filter_count++]))
            return message_usage("--filter takes EXT=COMMAND or EXT:FORM=COMMAND, not '%.60s'",
                                 given->text);
    }
    j->x.filters = j->filters;
    return 0;
}

static int read_settings(job *j)
{
    const settings *s = j->s;
    indexing *x = &j->x;
    size_t memory = (size_t)settings_number(s, OPT_MAX_MEMORY, 268435456);
    x->strict = settings_has(s, OPT_STRICT);
    x->full = settings_has(s, OPT_FULL);
    x->hidden = settings_has(s, OPT_HIDDEN);
    x->no_ignore = settings_has(s, OPT_NO_IGNORE);
    x->commit_every = (uint64_t)settings_number(s, OPT_COMMIT_EVERY, 0);
    x->as = read_form_named(settings_text(s, OPT_AS, ""));
    x->reader.text_form = read_form_named(settings_text(s, OPT_TEXT_AS, ""));
    x->reader.encoding = settings_text(s, OPT_ENCODING, NULL);
    x->reader.limit =
        memory / RECORDS_IN_MEMORY < INT32_MAX ? memory / RECORDS_IN_MEMORY : INT32_MAX;
    x->bar.max_memory = memory;
    x->bar.shown = isatty(2) && !settings_has(s, OPT_QUIET) && !settings_has(s, OPT_DRY_RUN);
    if (x->reader.encoding != NULL && !decode_known(x->reader.encoding))
        return message_usage(
            "--encoding '%.40s': not an encoding that is known; 'iconv -l' lists them",
            x->reader.encoding);
    int failed = read_filters(j);
    return failed != 0 ? failed : find_roots(j);
}

/* An index that is there must have the schema that the options ask for, if they ask for one. */
static int check_schema(job *j)
{
    quire_schema *asked;
    const char *name = fields_creation_option(j->s);
    if (name == NULL)
        return 0;
    int failed = fields_schema(j->s, &asked);
    if (failed != 0)
        return failed;
    const char *field = fields_difference(asked, quire_index_schema(j->index));
    bool has = field != NULL && fields_named(quire_index_schema(j->index), field) != NULL;
    if (field != NULL)
        message_usage("%s: the index is there already and %s '%s' %s --%s asks for; leave the "
                      "option out, or give another --index",
                      bytes_cstr(&j->where), has ? "its field" : "has no field", field,
                      has ? "is another than" : "as", name);
    quire_schema_free(asked);
    return field != NULL ? EXIT_FAULT : 0;
}

static int make_index(job *j)
{
    quire_error err = {0};
    quire_schema *schema;
    quire_index_options options = QUIRE_INDEX_OPTIONS_INIT;
    options.k1 = (float)settings_number(j->s, OPT_K1, 1.2);
    options.b = (float)settings_number(j->s, OPT_B, 0.75);
    int failed = fields_schema(j->s, &schema);
    if (failed != 0 || settings_has(j->s, OPT_DRY_RUN)) {
        quire_schema_free(schema);
        return failed;
    }
    quire_status status =
        quire_index_create(&j->index, bytes_cstr(&j->where), schema, &options, &err);
    quire_schema_free(schema);
    return status == QUIRE_OK ? 0 : message_status(bytes_cstr(&j->where), &err);
}

static int open_index(job *j)
{
    quire_error err = {0};
    locate_index(j->s, true, &j->where);
    const char *path = bytes_cstr(&j->where);
    quire_status status = quire_index_open(&j->index, path, NULL, &err);
    int failed;
    if (status == QUIRE_OK)
        failed = check_schema(j);
    else if (status == QUIRE_ERR_NOT_FOUND || (status == QUIRE_ERR_FORMAT && is_empty_folder(path)))
        return make_index(j);
    else
        return message_status(path, &err);
    return failed;
}

/* What the index holds now, with the writer's lock held, so that it stays so. */
static int look_at_index(job *j)
{
    quire_error err = {0};
    if (j->index == NULL)
        return 0;
    if (quire_snapshot_open(&j->snapshot, j->index, &err) != QUIRE_OK)
        return message_status(bytes_cstr(&j->where), &err);
    const quire_schema *schema = quire_index_schema(j->index);
    bool has_path = fields_named(schema, FIELD_PATH) != NULL && fields_named(schema, "id") != NULL;
    if (has_path && quire_snapshot_stat(j->snapshot)->documents > 0)
        j->x.known = (refresh){j->index, j->snapshot};
    j->x.in.track = j->x.known.index != NULL;
    return 0;
}

static double processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > 64 ? 64 : (double)count;
}

static int open_writer(job *j)
{
    quire_error err = {0};
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    struct stat st;
    locate_base(bytes_cstr(&j->where), &j->base);
    j->x.base = bytes_cstr(&j->base);
    if (stat(bytes_cstr(&j->where), &st) == 0) {
        j->x.index_device = st.st_dev;
        j->x.index_inode = st.st_ino;
    }
    if (settings_has(j->s, OPT_DRY_RUN))
        return 0;
    options.max_memory = j->x.bar.max_memory / 8 * 5 - WRITER_SPARE;
    options.threads = (uint32_t)settings_number(j->s, OPT_THREADS, processors());
    options.wait_ms = (uint32_t)settings_number(j->s, OPT_WAIT, 0);
    if (quire_writer_open(&j->writer, j->index, &options, &err) != QUIRE_OK)
        return message_status(bytes_cstr(&j->where), &err);
    j->x.in.writer = j->writer;
    j->x.in.schema = quire_index_schema(j->index);
    const quire_field *title = fields_named(j->x.in.schema, "title");
    j->x.in.flat = title != NULL && title->not_indexed;
    return 0;
}

static void index_all(job *j)
{
    indexing *x = &j->x;
    x->bar.started = progress_clock();
    for (size_t i = 0; x->bar.shown && i < j->s->operand_count; i++)
        if (j->roots[i] != NULL)
            indexing_measure(x, j->roots[i]);
    for (size_t i = 0; !x->stopped && i < j->s->operand_count; i++) {
        if (j->roots[i] != NULL)
            indexing_root(x, j->roots[i]);
        else if (j->writer != NULL)
            indexing_input(x);
    }
    progress_clear(&x->bar);
}

static void add_count(bytes *line, uint64_t count, const char *one, const char *many)
{
    if (count > 0)
        bytes_printf(line, ", %llu %s", (unsigned long long)count, count == 1 ? one : many);
}

static void summarise(const job *j, uint64_t documents)
{
    const indexing *x = &j->x;
    double seconds = progress_clock() - x->bar.started;
    uint64_t invalid = x->reader.invalid_bytes, cut = quire_writer_stat_get(j->writer).long_tokens;
    bytes line = {0};
    bytes_printf(&line, "%s: %llu document%s; %llu added or replaced from %llu file%s",
                 bytes_cstr(&j->where), (unsigned long long)documents, documents == 1 ? "" : "s",
                 (unsigned long long)x->docs, (unsigned long long)x->files,
                 x->files == 1 ? "" : "s");
    add_count(&line, x->deleted, "deleted", "deleted");
    add_count(&line, x->same, "file unchanged", "files unchanged");
    add_count(&line, x->other, "file of another kind", "files of other kinds");
    add_count(&line, x->bad, "record skipped", "records skipped");
    add_count(&line, invalid, "invalid byte replaced", "invalid bytes replaced");
    add_count(&line, x->in.dates_unread, "date not understood", "dates not understood");
    add_count(&line, cut, "word cut at 255 bytes", "words cut at 255 bytes");
    bytes_printf(&line, "; %.1f MB in %.1f s", (double)x->reader.raw_bytes / 1e6, seconds);
    message_note("%s", bytes_cstr(&line));
    bytes_free(&line);
}

static int commit(job *j)
{
    quire_error err = {0};
    quire_snapshot *now = NULL;
    quire_writer_stat stat = quire_writer_stat_get(j->writer);
    quire_status status = QUIRE_OK;
    if (stat.added + stat.deleted > 0)
        status = quire_writer_commit(j->writer, (quire_str){NULL, 0}, false, &err);
    if (status == QUIRE_OK)
        status = quire_snapshot_open(&now, j->index, &err);
    if (status != QUIRE_OK)
        return message_status(bytes_cstr(&j->where), &err);
    if (!settings_has(j->s, OPT_QUIET))
        summarise(j, quire_snapshot_stat(now)->documents);
    quire_snapshot_close(now);
    return j->x.fault ? EXIT_FAULT : EXIT_FOUND;
}

static int finish(job *j)
{
    if (interrupt_seen()) {
        message_note("interrupted; %s is as it was at the last commit", bytes_cstr(&j->where));
        return interrupt_code();
    }
    if (j->x.err.code != QUIRE_OK)
        return message_status(bytes_cstr(&j->where), &j->x.err);
    if (j->x.stopped)
        return EXIT_FAULT;
    if (j->writer != NULL)
        return commit(j);
    return j->x.fault ? EXIT_FAULT : EXIT_FOUND;
}

static void free_job(job *j)
{
    quire_writer_close(j->writer);
    quire_snapshot_close(j->snapshot);
    quire_index_close(j->index);
    for (size_t i = 0; j->roots != NULL && i < j->s->operand_count; i++)
        free(j->roots[i]);
    free(j->roots);
    free(j->filters);
    indexing_free(&j->x);
    bytes_free(&j->where);
    bytes_free(&j->base);
}

int cmd_index(const settings *s)
{
    job j = {.s = s};
    interrupt_watch();
    give_back_memory();
    int code = read_settings(&j);
    if (code == 0)
        code = open_index(&j);
    if (code == 0)
        code = open_writer(&j);
    if (code == 0)
        code = look_at_index(&j);
    if (code == 0) {
        index_all(&j);
        code = finish(&j);
    }
    free_job(&j);
    return code;
}
