/* SPDX-License-Identifier: MIT
 * Indexing: walk, skip what is unchanged, read the rest record by record, and delete what the index
 * holds of files, or of records of files, that are no longer there. What could not be looked at is
 * not taken for gone. Everything is one transaction, unless commits in between are asked for, which
 * happen only between files: so a run that is ended in any way is made whole by running it again.
 */
#include "indexing.h"

#include "interrupt.h"
#include "locate.h"
#include "message.h"
#include "walk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Notes a status of the library; true if it is fine. */
static bool fine(indexing *x, quire_status status, const quire_error *err)
{
    if (status == QUIRE_OK)
        return true;
    x->err = *err;
    x->err.code = status;
    x->stopped = true;
    return false;
}

static bool going(indexing *x)
{
    x->stopped |= interrupt_seen();
    return !x->stopped;
}

static int64_t mtime_of(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static read_form form_of(const indexing *x, const char *path)
{
    const filter *f = filter_for(x->filters, x->filter_count, path);
    if (f != NULL)
        return f->form;
    return x->as != READ_NONE ? x->as : read_form_of_path(path);
}

static bool on_bad(void *payload, uint64_t line, const char *why)
{
    indexing *x = payload;
    const char *name = x->in.name == NULL ? "standard input" : x->in.name;
    if (!going(x))
        return false;
    progress_clear(&x->bar);
    if (line > 0)
        message_note("%s:%llu: %s; %s", name, (unsigned long long)line, why,
                     x->strict ? "nothing was changed" : "skipped");
    else
        message_note("%s: %s; %s", name, why, x->strict ? "nothing was changed" : "skipped");
    x->bad++;
    x->file_failed |= line == 0;
    if (x->strict) {
        x->fault = x->stopped = true;
        return false;
    }
    return true;
}

static bool on_record(void *payload, record *rec, uint64_t line)
{
    indexing *x = payload;
    quire_error err = {0};
    quire_status status = ingest_record(&x->in, rec, line, &err);
    if (status == QUIRE_ERR_MISUSE || status == QUIRE_ERR_LIMIT)
        return on_bad(x, line, err.message);
    if (!fine(x, status, &err))
        return false;
    x->docs++;
    x->bar.docs = x->docs;
    if (x->bar.shown)
        x->bar.memory = quire_writer_stat_get(x->in.writer).memory;
    progress_show(&x->bar, false);
    return going(x);
}

static void on_progress(void *payload, uint64_t raw_bytes)
{
    indexing *x = payload;
    x->bar.bytes = x->file_start + raw_bytes;
}

/* A file that cannot be read to its end ends the run: a part of it must not be taken for the whole.
 */
static void read_records(indexing *x, int fd, read_form form)
{
    feed *f = &x->reader;
    f->take = on_record;
    f->bad = on_bad;
    f->progress = on_progress;
    f->payload = x;
    if (!feed_file(f, fd, form) && !x->stopped) {
        progress_clear(&x->bar);
        message_note("%s: %s; stopped, and the index is as it was at the last commit",
                     x->in.name == NULL ? "standard input" : x->in.name, strerror(f->os_error));
        x->fault = x->stopped = true;
    }
}

static quire_status delete_one(void *payload, quire_str id, quire_error *err)
{
    indexing *x = payload;
    quire_status status = quire_writer_delete(x->in.writer, id, err);
    if (status == QUIRE_ERR_NOT_FOUND)
        return QUIRE_OK;
    x->deleted += status == QUIRE_OK;
    return status;
}

/* Documents of the file that this run did not add again. */
static void delete_rest(indexing *x, const char *name)
{
    quire_error err = {0};
    fine(x, refresh_ids(&x->known, name, &x->in.added, delete_one, x, &err), &err);
}

static void commit_between(indexing *x)
{
    quire_error err = {0};
    if (x->commit_every > 0 && going(x) &&
        quire_writer_stat_get(x->in.writer).added >= x->commit_every)
        fine(x, quire_writer_commit(x->in.writer, (quire_str){NULL, 0}, false, &err), &err);
}

static void read_filtered(indexing *x, int fd, const filter *f)
{
    char why[READ_WHY];
    int output = filter_run(f, fd, why);
    if (output < 0) {
        on_bad(x, 0, why);
        return;
    }
    read_records(x, output, f->form);
    close(output);
}

/* Reads the file whose name is x->name. */
static bool read_file(indexing *x, int fd, const char *path, const struct stat *st)
{
    const filter *f = filter_for(x->filters, x->filter_count, path);
    x->in.name = bytes_cstr(&x->name);
    x->in.mtime = mtime_of(st);
    x->in.size = (int64_t)st->st_size;
    x->file_failed = false;
    x->file_start = x->bar.bytes;
    if (f != NULL)
        read_filtered(x, fd, f);
    else
        read_records(x, fd, form_of(x, path));
    x->files++;
    x->bar.files = x->files;
    x->bar.bytes = x->file_start + (uint64_t)st->st_size;
    if (x->known.index != NULL && !x->file_failed && going(x))
        delete_rest(x, bytes_cstr(&x->name));
    commit_between(x);
    return going(x);
}

/* What the index knows of the file; also notes its name and that it is there. */
static refresh_state look(indexing *x, const char *path, const struct stat *st)
{
    quire_error err = {0};
    refresh_state state = REFRESH_NEW;
    locate_name(x->base, path, &x->name);
    idset_add(&x->seen, bytes_str(&x->name));
    if (x->known.index != NULL)
        fine(x,
             refresh_look(&x->known, bytes_cstr(&x->name), mtime_of(st), (int64_t)st->st_size,
                          &state, &err),
             &err);
    return state == REFRESH_SAME && x->full ? REFRESH_CHANGED : state;
}

static bool wanted(void *payload, const char *path, const struct stat *st)
{
    indexing *x = payload;
    if (!going(x))
        return false;
    if (form_of(x, path) == READ_NONE) {
        x->other++;
        return false;
    }
    refresh_state state = look(x, path, st);
    if (state == REFRESH_SAME) {
        x->same++;
        x->bar.total_bytes -=
            x->bar.total_bytes > (uint64_t)st->st_size ? (uint64_t)st->st_size : 0;
        return false;
    }
    if (x->in.writer == NULL && going(x)) {
        x->files++;
        printf("%s %s\n", state == REFRESH_NEW ? "add" : "update", bytes_cstr(&x->name));
        return false;
    }
    return going(x);
}

static bool on_file(void *payload, int fd, const char *path, const struct stat *st)
{
    indexing *x = payload;
    return read_file(x, fd, path, st);
}

static bool on_problem(void *payload, const char *path, const char *why)
{
    indexing *x = payload;
    progress_clear(&x->bar);
    message_note("%s: %s; passed over, and what the index has of it is kept", path, why);
    locate_name(x->base, path, &x->name);
    bytes_add(&x->unsure, bytes_cstr(&x->name), x->name.len + 1);
    x->fault = true;
    x->stopped |= x->strict;
    return going(x);
}

/* Is `name` one that was not seen because its folder could not be? */
static bool is_unsure(const indexing *x, const char *name)
{
    for (size_t at = 0; at < x->unsure.len; at += strlen(x->unsure.ptr + at) + 1) {
        const char *prefix = x->unsure.ptr + at;
        if (strncmp(name, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

static quire_status delete_vanished(void *payload, const char *name, quire_error *err)
{
    indexing *x = payload;
    if (!going(x) || idset_has(&x->seen, quire_cstr(name)) || is_unsure(x, name))
        return QUIRE_OK;
    if (x->in.writer != NULL)
        return refresh_ids(&x->known, name, &x->in.added, delete_one, x, err);
    printf("delete %s\n", name);
    return QUIRE_OK;
}

static quire_status delete_relative(void *payload, const char *name, quire_error *err)
{
    return name[0] == '/' ? QUIRE_OK : delete_vanished(payload, name, err);
}

/* The names of files under the folder `root` begin with its own; those that are relative to the
 * base are under it as well if the base is. */
static void sweep(indexing *x, const char *root)
{
    quire_error err = {0};
    bytes folder = {0}, prefix = {0};
    bytes_printf(&folder, "%s%s", root, strcmp(root, "/") == 0 ? "" : "/");
    locate_name(x->base, bytes_cstr(&folder), &prefix);
    if (prefix.len > 0)
        fine(x, refresh_names(&x->known, bytes_cstr(&prefix), delete_vanished, x, &err), &err);
    if (!x->stopped && strncmp(x->base, bytes_cstr(&folder), folder.len) == 0)
        fine(x, refresh_names(&x->known, "", delete_relative, x, &err), &err);
    bytes_free(&folder);
    bytes_free(&prefix);
}

static walk_visitor visitor_of(indexing *x)
{
    return (walk_visitor){.payload = x,
                          .hidden = x->hidden,
                          .no_ignore = x->no_ignore,
                          .skip_device = x->index_device,
                          .skip_inode = x->index_inode};
}

static bool add_size(void *payload, const char *path, const struct stat *st)
{
    indexing *x = payload;
    if (form_of(x, path) != READ_NONE)
        x->bar.total_bytes += (uint64_t)st->st_size;
    return false;
}

static bool no_problem(void *payload, const char *path, const char *why)
{
    (void)payload;
    (void)path;
    (void)why;
    return !interrupt_seen();
}

void indexing_measure(indexing *x, const char *root)
{
    walk_visitor v = visitor_of(x);
    v.wanted = add_size;
    v.problem = no_problem;
    walk_tree(root, &v);
}

void indexing_root(indexing *x, const char *root)
{
    struct stat st;
    walk_visitor v = visitor_of(x);
    v.wanted = wanted;
    v.file = on_file;
    v.problem = on_problem;
    bool is_folder = stat(root, &st) == 0 && S_ISDIR(st.st_mode);
    if (walk_tree(root, &v) && going(x) && is_folder && x->known.index != NULL)
        sweep(x, root);
}

void indexing_input(indexing *x)
{
    x->in.name = NULL;
    read_records(x, 0, x->as == READ_NONE ? READ_JSONL : x->as);
    going(x);
}

void indexing_free(indexing *x)
{
    ingest_free(&x->in);
    bytes_free(&x->name);
    bytes_free(&x->unsure);
    idset_free(&x->seen);
}
