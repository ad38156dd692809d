/* SPDX-License-Identifier: MIT
 * commit/group.h - runs that become one segment together. */
#ifndef QI_COMMIT_GROUP_H
#define QI_COMMIT_GROUP_H

#include "commit/catalog.h"
#include "commit/runs.h"
#include "store/os.h"

/* `count` runs from `first` on. */
typedef struct qi_group {
    qi_run *first;
    size_t count;
    unsigned threads; /* for the caller to set: that may code lists */
} qi_group;

/* Where its segment goes. All is lent. */
typedef struct qi_group_target {
    qi_dir *dir;
    qi_catalog *catalog;
    qi_os_mutex *mutex; /* guards the catalog */
    quire_str dictionary;
} qi_group_target;

/* As many runs from `first` (or NULL) on as are in memory and fit one segment. */
qi_group qi_group_from(qi_run *first, const quire_schema *schema);

/* Number the group, whose runs are FLUSHING then; with the lock held. Errors: as those of
 * qi_catalog_next_segment. */
quire_status qi_group_begin(qi_group *group, qi_catalog *catalog, quire_error *err);

/* Let documents replace older ones of the group, and write the segment, which the first run has
 * then; nothing, if no document is live. Without the lock. Errors: IO, MEMORY. */
quire_status qi_group_write(const qi_group *group, const qi_group_target *target, quire_error *err);

/* Free the indexes in memory; without the lock. */
void qi_group_release(const qi_group *group);

/* The runs are DONE; with the lock held, once they were released. */
void qi_group_end(const qi_group *group);

#endif
