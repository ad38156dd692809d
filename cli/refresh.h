/* SPDX-License-Identifier: MIT
 * refresh.h - what an index holds of each file, so that only changes are indexed. */
#ifndef QUIRE_CLI_REFRESH_H
#define QUIRE_CLI_REFRESH_H

#include "idset.h"

/* The index as it was when the run began. Borrowed: index and snapshot. */
typedef struct refresh {
    quire_index *index;
    quire_snapshot *snapshot;
} refresh;

typedef enum refresh_state { REFRESH_NEW, REFRESH_CHANGED, REFRESH_SAME } refresh_state;

/* What the index knows of the file of this name. */
quire_status refresh_look(const refresh *r, const char *name, int64_t mtime, int64_t size,
                          refresh_state *out, quire_error *err);

/* Call `each` with the id of every document of the file whose id is not in `kept`. It may return an
 * error to end. Deleting during the calls is fine: the snapshot stays. */
quire_status refresh_ids(const refresh *r, const char *name, const idset *kept,
                         quire_status (*each)(void *payload, quire_str id, quire_error *err),
                         void *payload, quire_error *err);

/* Call `each` with every file name under `prefix` that the index has live documents of. */
quire_status refresh_names(const refresh *r, const char *prefix,
                           quire_status (*each)(void *payload, const char *name, quire_error *err),
                           void *payload, quire_error *err);

#endif
