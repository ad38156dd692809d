/* SPDX-License-Identifier: MIT */
#include "support/dir_fault.h"

#include <stdlib.h>
#include <string.h>

typedef struct fault_dir {
    qi_dir base;
    qi_dir *inner;
    unsigned long count, nth, failures;
    int os_error;
    bool sticky, retried;
} fault_dir;

typedef struct fault_out {
    qi_out inner;
    bool failed;
} fault_out;

static fault_dir *of(const qi_dir *dir)
{
    return (fault_dir *)(uintptr_t)dir;
}

unsigned long fault_arm(qi_dir *dir, unsigned long nth, int os_error, bool sticky)
{
    fault_dir *f = of(dir);
    unsigned long count = f->count;
    f->count = 0;
    f->nth = nth;
    f->os_error = os_error;
    f->sticky = sticky;
    return count;
}

unsigned long fault_failures(const qi_dir *dir)
{
    return of(dir)->failures;
}

bool fault_retried(const qi_dir *dir)
{
    return of(dir)->retried;
}

/* Count an operation; true if it is to fail. */
static bool fails(fault_dir *f)
{
    f->count++;
    bool now = f->nth != 0 && (f->count == f->nth || (f->sticky && f->count > f->nth));
    f->failures += now;
    return now;
}

static quire_status fail(const fault_dir *f, const char *what, quire_error *err)
{
    return qi_fail_os(err, f->os_error, "injected fault: %s", what);
}

static quire_status map(qi_dir *dir, const char *name, qi_bytes *out, quire_error *err)
{
    fault_dir *f = of(dir);
    *out = (qi_bytes){0};
    return fails(f) ? fail(f, "map", err) : f->inner->ops->map(f->inner, name, out, err);
}

static void unmap(qi_dir *dir, qi_bytes *bytes)
{
    of(dir)->inner->ops->unmap(of(dir)->inner, bytes);
}

static quire_status create(qi_dir *dir, const char *name, qi_out *out, quire_error *err)
{
    fault_dir *f = of(dir);
    *out = (qi_out){0};
    if (fails(f))
        return fail(f, "create", err);
    fault_out *file = calloc(1, sizeof *file);
    quire_status status = f->inner->ops->create(f->inner, name, &file->inner, err);
    if (status == QUIRE_OK)
        *out = (qi_out){dir, file, 0};
    else
        free(file);
    return status;
}

static quire_status append(qi_out *out, const void *bytes, size_t len, quire_error *err)
{
    fault_dir *f = of(out->dir);
    fault_out *file = out->owner;
    f->retried = f->retried || file->failed;
    if (fails(f)) {
        file->failed = true;
        (void)f->inner->ops->append(&file->inner, bytes, len / 2, NULL);
        return fail(f, "append", err);
    }
    quire_status status = f->inner->ops->append(&file->inner, bytes, len, err);
    out->written = file->inner.written;
    return status;
}

static quire_status read_back(qi_out *out, uint64_t offset, void *bytes, size_t len,
                              quire_error *err)
{
    fault_dir *f = of(out->dir);
    fault_out *file = out->owner;
    return fails(f) ? fail(f, "read_back", err)
                    : f->inner->ops->read_back(&file->inner, offset, bytes, len, err);
}

static quire_status close_file(qi_out *out, bool sync, quire_error *err)
{
    fault_dir *f = of(out->dir);
    fault_out *file = out->owner;
    if (file == NULL)
        return QUIRE_OK;
    quire_status status;
    if (fails(f)) {
        (void)f->inner->ops->close(&file->inner, false, NULL);
        status = fail(f, "close", err);
    } else {
        f->retried = f->retried || (sync && file->failed);
        status = f->inner->ops->close(&file->inner, sync, err);
    }
    free(file);
    *out = (qi_out){0};
    return status;
}

static quire_status publish(qi_dir *dir, const char *from, const char *to, quire_error *err)
{
    fault_dir *f = of(dir);
    return fails(f) ? fail(f, "publish", err) : f->inner->ops->publish(f->inner, from, to, err);
}

static quire_status sync_dir(qi_dir *dir, quire_error *err)
{
    fault_dir *f = of(dir);
    return fails(f) ? fail(f, "sync_dir", err) : f->inner->ops->sync_dir(f->inner, err);
}

static quire_status remove_file(qi_dir *dir, const char *name, quire_error *err)
{
    fault_dir *f = of(dir);
    return fails(f) ? fail(f, "remove", err) : f->inner->ops->remove(f->inner, name, err);
}

static quire_status list(qi_dir *dir, bool (*each)(void *payload, const char *name), void *payload,
                         quire_error *err)
{
    fault_dir *f = of(dir);
    return fails(f) ? fail(f, "list", err) : f->inner->ops->list(f->inner, each, payload, err);
}

static quire_status lock(qi_dir *dir, uint64_t at, bool exclusive, qi_lock *out, quire_error *err)
{
    fault_dir *f = of(dir);
    *out = (qi_lock){0};
    if (fails(f))
        return fail(f, "lock", err);
    qi_lock *inner = calloc(1, sizeof *inner);
    quire_status status = f->inner->ops->lock(f->inner, at, exclusive, inner, err);
    if (status == QUIRE_OK && inner->owner != NULL)
        *out = (qi_lock){dir, inner};
    else
        free(inner);
    return status;
}

static quire_status lock_check(const qi_lock *held, quire_error *err)
{
    qi_lock *inner = held->owner;
    return inner->dir->ops->lock_check(inner, err);
}

static void unlock(qi_lock *held)
{
    qi_lock *inner = held->owner;
    if (inner != NULL)
        inner->dir->ops->unlock(inner);
    free(inner);
    *held = (qi_lock){0};
}

static quire_status locked(qi_dir *dir, uint64_t at, uint64_t len, bool *out, quire_error *err)
{
    fault_dir *f = of(dir);
    *out = false;
    return fails(f) ? fail(f, "locked", err) : f->inner->ops->locked(f->inner, at, len, out, err);
}

static void free_dir(qi_dir *dir)
{
    qi_dir_free(of(dir)->inner);
    free(dir);
}

static const qi_dir_ops ops = {
    .map = map,
    .unmap = unmap,
    .create = create,
    .append = append,
    .read_back = read_back,
    .close = close_file,
    .publish = publish,
    .sync_dir = sync_dir,
    .remove = remove_file,
    .list = list,
    .lock = lock,
    .lock_check = lock_check,
    .unlock = unlock,
    .locked = locked,
    .free = free_dir,
};

qi_dir *fault_new(qi_dir *inner)
{
    fault_dir *f = calloc(1, sizeof *f);
    f->base = (qi_dir){&ops, inner->name};
    f->inner = inner;
    return &f->base;
}
