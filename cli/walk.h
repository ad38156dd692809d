/* SPDX-License-Identifier: MIT
 * walk.h - the files of a folder, safely. */
#ifndef QUIRE_CLI_WALK_H
#define QUIRE_CLI_WALK_H

#include "bytes.h"

#include <sys/stat.h>

/* What a walk calls. `path` is the root's path, '/', and the way from there; lent for the call. Any
 * member may return false to end the walk. */
typedef struct walk_visitor {
    bool (*wanted)(void *payload, const char *path, const struct stat *st);
    bool (*file)(void *payload, int fd, const char *path, const struct stat *st);
    bool (*problem)(void *payload, const char *path, const char *why); /* passed over, and why */
    void *payload;
    dev_t skip_device; /* a folder that is not entered: the index itself */
    ino_t skip_inode;
    bool hidden;    /* also names that start with '.' */
    bool no_ignore; /* ignore files do not count */
} walk_visitor;

/* The files under `root` in the order of their names, or `root` itself if it is a file. Symbolic
 * links are not followed but for `root`, other devices are not entered, and only regular files are
 * opened, of which `wanted` (told before it is opened) says true. Returns false if a visitor ended
 * it. */
bool walk_tree(const char *root, const walk_visitor *visitor);

#endif
