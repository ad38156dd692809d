/* SPDX-License-Identifier: MIT
 * One line on standard error, rewritten in place. The time left is what the bytes left would take
 * at the mean speed so far. */
#include "progress.h"

#include <stdio.h>
#include <time.h>

double progress_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add_time_left(const progress *p, double seconds, bytes *line)
{
    if (p->total_bytes <= p->bytes || p->bytes == 0 || seconds < 0.5)
        return;
    double left = seconds * (double)(p->total_bytes - p->bytes) / (double)p->bytes;
    unsigned whole = left > 359999 ? 359999 : (unsigned)left;
    bytes_printf(line, ", %u:%02u left", whole / 60, whole % 60);
}

void progress_show(progress *p, bool now)
{
    double clock = progress_clock();
    if (!p->shown || (!now && clock - p->last < 0.1))
        return;
    p->last = clock;
    double seconds = clock - p->started, per = seconds > 0 ? 1 / seconds : 0;
    bytes line = {0};
    bytes_printf(&line, "\r\x1b[K%llu files, %llu documents, %.1f MB", (unsigned long long)p->files,
                 (unsigned long long)p->docs, (double)p->bytes / 1e6);
    if (p->total_bytes > 0)
        bytes_printf(&line, " of %.1f MB", (double)p->total_bytes / 1e6);
    bytes_printf(&line, "; %.1f MB/s, %.0f documents/s; memory %zu of %zu MB",
                 (double)p->bytes / 1e6 * per, (double)p->docs * per, p->memory >> 20,
                 p->max_memory >> 20);
    add_time_left(p, seconds, &line);
    fputs(bytes_cstr(&line), stderr);
    fflush(stderr);
    bytes_free(&line);
}

void progress_clear(progress *p)
{
    if (p->shown && p->last > 0)
        fputs("\r\x1b[K", stderr);
}
