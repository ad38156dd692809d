/* SPDX-License-Identifier: MIT
 * segment/pool.h - memory of an index in construction: terms, and streams of numbers that grow in
 * slices.
 *
 * Addresses are 32-bit, into pages of 64 KiB. A stream is a chain of slices, each twice as long as
 * the one before up to a bound, so that a rare term costs a few bytes and a frequent one few jumps.
 * Exclusive. */
#ifndef QI_SEGMENT_POOL_H
#define QI_SEGMENT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

enum { QI_POOL_PAGE = 1 << 16 };

typedef struct qi_pool {
    QI_VEC(uint8_t *) pages;
    uint32_t used; /* of the last page */
} qi_pool;

/* Increasing numbers, appended as variable-length gaps. Zero is an empty stream. */
typedef struct qi_stream {
    uint32_t head;      /* address of the first slice */
    uint32_t at, limit; /* the next byte, and where the slice's bytes end */
    uint32_t count;     /* numbers */
    uint32_t last;      /* the last number */
    uint32_t level;     /* of the slice */
} qi_stream;

/* Reads a stream from its start. */
typedef struct qi_stream_reader {
    const qi_pool *pool;
    uint32_t at, limit, level, left, last;
} qi_stream_reader;

void qi_pool_init(qi_pool *pool);
void qi_pool_free(qi_pool *pool);

/* Bytes of the heap held. */
size_t qi_pool_memory(const qi_pool *pool);

/* Is the room for addresses nearly used up? Then it is time to flush. */
bool qi_pool_full(const qi_pool *pool);

/* Copy up to a page of bytes into the pool; their address, or UINT32_MAX when out of memory. */
uint32_t qi_pool_copy(qi_pool *pool, const void *bytes, size_t len);

static inline uint8_t *qi_pool_at(const qi_pool *pool, uint32_t address)
{
    return pool->pages.items[address / QI_POOL_PAGE] + address % QI_POOL_PAGE;
}

/* Append a number larger than the last. False when out of memory; the stream is as it was. */
bool qi_stream_push(qi_pool *pool, qi_stream *stream, uint32_t number);

/* The same, quickly for most. */
static inline bool qi_stream_add(qi_pool *pool, qi_stream *stream, uint32_t number)
{
    uint32_t gap = number - stream->last, more = gap >= 0x80;
    if (gap >= 0x4000 || stream->limit - stream->at < 2)
        return qi_stream_push(pool, stream, number);
    uint8_t *to = qi_pool_at(pool, stream->at);
    to[0] = (uint8_t)(gap | more << 7);
    to[1] = (uint8_t)(gap >> 7); /* written over by the next, unless there is more */
    stream->at += 1 + more;
    stream->count++;
    stream->last = number;
    return true;
}

/* All numbers of a stream, of which there are stream->count. */
void qi_stream_decode(const qi_pool *pool, const qi_stream *stream, uint32_t *out);

void qi_stream_open(qi_stream_reader *reader, const qi_pool *pool, const qi_stream *stream);

/* The next number; false at the end. */
bool qi_stream_next(qi_stream_reader *reader, uint32_t *out);

#endif
