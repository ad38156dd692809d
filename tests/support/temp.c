/* SPDX-License-Identifier: MIT */
#include "support/temp.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void temp_folder(char *path, size_t room)
{
    const char *base = getenv("TMPDIR");
    int len = snprintf(path, room, "%s/quire-test-XXXXXX", base != NULL ? base : "/tmp");
    if (len < 0 || (size_t)len >= room || mkdtemp(path) == NULL) {
        perror("temp_folder");
        exit(1);
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st, (void)type, (void)walk;
    return remove(path);
}

void temp_remove(const char *path)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        perror("temp_remove");
}
