/* SPDX-License-Identifier: MIT
 * Walks a folder by descriptors: each name is opened relative to its folder's descriptor without
 * following links, so that nothing that changes meanwhile leads outside. Files are opened without
 * blocking and only taken if they are regular. A folder that is its own ancestor (a bind mount) is
 * not entered. */
#include "walk.h"

#include "ignore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEEPEST = 200, LONGEST_IGNORE = 1 << 20 };

typedef struct ancestor {
    const struct ancestor *up;
    dev_t device;
    ino_t inode;
    unsigned depth;
} ancestor;

typedef struct walk {
    const walk_visitor *visitor;
    ignore_rules rules;
    bytes path;      /* of the folder or file at hand */
    size_t root_len; /* of the root's path with its '/' */
    dev_t device;
} walk;

static bool enter_folder(walk *w, int fd, const ancestor *up);

static bool problem(walk *w, const char *why)
{
    return w->visitor->problem(w->visitor->payload, bytes_cstr(&w->path), why);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder but "." and "..", sorted. Takes over `fd`'s duplicate only. */
static char **names_in(int fd, size_t *count)
{
    char **names = NULL;
    size_t cap = 0;
    *count = 0;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (dir == NULL) {
        if (copy >= 0)
            close(copy);
        return NULL;
    }
    names = memory_get(sizeof *names);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (*count + 1 >= cap) {
            cap = cap == 0 ? 64 : cap * 2;
            names = memory_resize(names, cap, sizeof *names);
        }
        names[(*count)++] = memory_copy(e->d_name, strlen(e->d_name));
    }
    closedir(dir);
    qsort(names, *count, sizeof *names, by_name);
    return names;
}

static void read_rules(walk *w, int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= LONGEST_IGNORE) {
        char *text = memory_get((size_t)st.st_size + 1);
        ssize_t n = read(fd, text, (size_t)st.st_size);
        if (n > 0)
            ignore_read(&w->rules, (quire_str){text, (size_t)n}, w->path.len - w->root_len);
        free(text);
    }
    close(fd);
}

static bool visit_file(walk *w, int folder, const char *name, const struct stat *seen)
{
    const walk_visitor *v = w->visitor;
    struct stat st;
    if (!v->wanted(v->payload, bytes_cstr(&w->path), seen))
        return true;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return problem(w, strerror(errno));
    bool going = true;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        going = problem(w, "changed while it was looked at");
    else
        going = v->file(v->payload, fd, bytes_cstr(&w->path), &st);
    close(fd);
    return going;
}

static bool visit_folder(walk *w, int folder, const char *name, const ancestor *up)
{
    if (up->depth >= DEEPEST)
        return problem(w, "nested too deeply; not entered");
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return problem(w, strerror(errno));
    bool going = enter_folder(w, fd, up);
    close(fd);
    return going;
}

static bool visit(walk *w, int folder, const char *name, const ancestor *up)
{
    struct stat st;
    if (name[0] == '.' && (!w->visitor->hidden || strcmp(name, ".git") == 0))
        return true;
    size_t before = w->path.len;
    bytes_text(&w->path, name);
    bool going = true;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno != ENOENT)
            going = problem(w, strerror(errno));
    } else if (ignore_matches(&w->rules, bytes_cstr(&w->path) + w->root_len, S_ISDIR(st.st_mode))) {
        going = true;
    } else if (S_ISDIR(st.st_mode)) {
        going = visit_folder(w, folder, name, up);
    } else if (S_ISREG(st.st_mode)) {
        going = visit_file(w, folder, name, &st);
    }
    w->path.len = before;
    w->path.ptr[before] = '\0';
    return going;
}

static bool may_enter(const walk *w, const struct stat *st, const ancestor *up)
{
    if (st->st_dev != w->device)
        return false;
    if (st->st_dev == w->visitor->skip_device && st->st_ino == w->visitor->skip_inode)
        return false;
    for (; up != NULL; up = up->up)
        if (up->device == st->st_dev && up->inode == st->st_ino)
            return false;
    return true;
}

static bool enter_folder(walk *w, int fd, const ancestor *up)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return problem(w, strerror(errno));
    if (!may_enter(w, &st, up))
        return true;
    ancestor self = {up, st.st_dev, st.st_ino, up == NULL ? 0 : up->depth + 1};
    if (w->path.ptr[w->path.len - 1] != '/')
        bytes_put(&w->path, '/');
    if (up == NULL)
        w->root_len = w->path.len;
    size_t rules = w->rules.count, count;
    char **names = names_in(fd, &count);
    if (names == NULL)
        return problem(w, strerror(errno));
    if (!w->visitor->no_ignore) {
        read_rules(w, fd, ".gitignore");
        read_rules(w, fd, ".quireignore");
    }
    bool going = true;
    for (size_t i = 0; i < count; i++) {
        going = going && visit(w, fd, names[i], &self);
        free(names[i]);
    }
    free(names);
    ignore_shrink(&w->rules, rules);
    return going;
}

bool walk_tree(const char *root, const walk_visitor *visitor)
{
    walk w = {.visitor = visitor};
    struct stat st;
    bytes_text(&w.path, root);
    bool going = true;
    int fd = -1;
    if (stat(root, &st) < 0)
        going = problem(&w, strerror(errno));
    else if (S_ISREG(st.st_mode))
        going = visit_file(&w, AT_FDCWD, root, &st);
    else if (!S_ISDIR(st.st_mode))
        going = problem(&w, "neither a file nor a folder");
    else if ((fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        going = problem(&w, strerror(errno));
    w.device = st.st_dev;
    if (fd >= 0) {
        going = enter_folder(&w, fd, NULL);
        close(fd);
    }
    ignore_shrink(&w.rules, 0);
    bytes_free(&w.path);
    return going;
}
