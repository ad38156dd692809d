/* SPDX-License-Identifier: MIT
 * api/index.h - an index handle: a folder, what reads it, and how many hold it. */
#ifndef QI_API_INDEX_H
#define QI_API_INDEX_H

#include "commit/reader.h"

struct quire_index {
    uint32_t refs; /* the handle, its writers and snapshots */
    qi_dir *dir;
    qi_reader reader;
    bool read_only;
};

/* Share it, or give up one's share. Any thread. */
quire_index *qi_index_retain(quire_index *index);
void qi_index_release(quire_index *index);

#endif
