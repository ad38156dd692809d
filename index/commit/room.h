/* SPDX-License-Identifier: MIT
 * commit/room.h - how much memory runs take, now and when all of them is in it. Changes nothing but
 * what it learns; exclusive. */
#ifndef QI_COMMIT_ROOM_H
#define QI_COMMIT_ROOM_H

#include "commit/runs.h"

typedef struct qi_room {
    size_t max_memory; /* bytes that all runs may take */
    size_t run_bytes;  /* that one may */
    size_t most_held;  /* runs in memory, at most */
    size_t growth;     /* private: see qi_room_learn */
} qi_room;

/* Nothing is learnt yet: documents in memory take what their text does. */
qi_room qi_room_of(size_t max_memory, size_t run_bytes, size_t most_held);

/* Learn from a run, of which a batch was entered, how documents grow. */
void qi_room_learn(qi_room *room, const qi_run *run);

/* What a run will take when all of it is in memory, about. */
size_t qi_room_need(const qi_room *room, const qi_run *run);

/* The same for all runs, or what they take now if that is more. */
size_t qi_room_load(const qi_room *room, const qi_runs *runs);

/* May more be queued? */
bool qi_room_left(const qi_room *room, const qi_runs *runs);

/* Is memory short, and not because of what is queued? */
bool qi_room_short(const qi_room *room, const qi_runs *runs);

/* Are as many runs in memory as may be, or is there no room for one more, and one of them about to
 * be written? */
bool qi_room_crowded(const qi_room *room, const qi_runs *runs);

#endif
