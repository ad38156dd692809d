/* SPDX-License-Identifier: MIT
 * Documents that wait as text are counted as what they will be, by how those before them grew. */
#include "commit/room.h"

enum {
    SLACK = 32,    /* parts of memory, of which one is to be free before more is queued */
    PARTS = 64,    /* bytes of documents that `growth` is of */
    SURE = 1 << 20 /* bytes of a run's documents that tell how others will grow */
};

qi_room qi_room_of(size_t max_memory, size_t run_bytes, size_t most_held)
{
    return (qi_room){max_memory, run_bytes, most_held, PARTS};
}

void qi_room_learn(qi_room *room, const qi_run *run)
{
    size_t entered = run->taken - run->queued;
    if (entered >= SURE)
        room->growth = run->memory / (entered / PARTS);
}

size_t qi_room_need(const qi_room *room, const qi_run *run)
{
    return run->memory + run->queued / PARTS * room->growth;
}

size_t qi_room_load(const qi_room *room, const qi_runs *runs)
{
    size_t sum = 0;
    for (const qi_run *run = runs->first; run != NULL; run = run->next) {
        size_t now = run->memory + run->queued, later = qi_room_need(room, run);
        sum += now > later ? now : later;
    }
    return sum;
}

bool qi_room_left(const qi_room *room, const qi_runs *runs)
{
    return qi_room_load(room, runs) < room->max_memory / SLACK * (SLACK - 1);
}

bool qi_room_short(const qi_room *room, const qi_runs *runs)
{
    size_t memory = 0, queued = 0;
    for (const qi_run *run = runs->first; run != NULL; run = run->next) {
        memory += run->memory;
        queued += run->queued;
    }
    return queued == 0 || memory >= room->max_memory / 8 * 7;
}

bool qi_room_crowded(const qi_room *room, const qi_runs *runs)
{
    const qi_run *first = qi_runs_unnumbered(runs);
    bool moving = first != NULL && qi_run_held(first);
    size_t held = 0, memory = room->run_bytes;
    for (const qi_run *run = runs->first; run != NULL; run = run->next) {
        moving = moving || run->state == QI_RUN_FLUSHING;
        if (qi_run_held(run)) {
            held++;
            memory += run->memory > room->run_bytes ? run->memory : room->run_bytes;
        }
    }
    return held >= room->most_held || (moving && memory > room->max_memory);
}
