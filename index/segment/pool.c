/* SPDX-License-Identifier: MIT
 * A slice of level n has 8 << n bytes; its last four hold the address of the next slice. Slices
 * never cross a page, for their sizes divide what is left or a new page is begun. */
#include "segment/pool.h"

#include "base/bits.h"
#include "base/mem.h"

enum { FIRST_SLICE = 8, LEVELS = 8, LINK = 4, LONGEST = 5 /* bytes of a gap */ };

static uint32_t slice_size(uint32_t level)
{
    return (uint32_t)FIRST_SLICE << level;
}

void qi_pool_init(qi_pool *pool)
{
    *pool = (qi_pool){.used = QI_POOL_PAGE};
}

void qi_pool_free(qi_pool *pool)
{
    for (size_t i = 0; i < pool->pages.count; i++)
        qi_mem_free(pool->pages.items[i]);
    QI_VEC_FREE(&pool->pages);
    qi_pool_init(pool);
}

size_t qi_pool_memory(const qi_pool *pool)
{
    return pool->pages.count * QI_POOL_PAGE + pool->pages.room * sizeof *pool->pages.items;
}

bool qi_pool_full(const qi_pool *pool)
{
    return pool->pages.count > UINT32_MAX / QI_POOL_PAGE - 4096;
}

static uint32_t take(qi_pool *pool, uint32_t size)
{
    if (QI_POOL_PAGE - pool->used < size) {
        if (pool->pages.count >= UINT32_MAX / QI_POOL_PAGE || !QI_VEC_RESERVE(&pool->pages, 1))
            return UINT32_MAX;
        uint8_t *page = qi_mem_resize(NULL, QI_POOL_PAGE, 1);
        if (page == NULL)
            return UINT32_MAX;
        pool->pages.items[pool->pages.count++] = page;
        pool->used = 0;
    }
    uint32_t address = (uint32_t)(pool->pages.count - 1) * QI_POOL_PAGE + pool->used;
    pool->used += size;
    return address;
}

uint32_t qi_pool_copy(qi_pool *pool, const void *bytes, size_t len)
{
    uint32_t address = len <= QI_POOL_PAGE ? take(pool, (uint32_t)len) : UINT32_MAX;
    if (address != UINT32_MAX && len != 0)
        memcpy(qi_pool_at(pool, address), bytes, len);
    return address;
}

/* Chain the next slice to a stream whose slice is full. */
static bool extend(qi_pool *pool, qi_stream *stream)
{
    bool first = stream->limit == 0;
    uint32_t level = first || stream->level == LEVELS ? stream->level : stream->level + 1;
    uint32_t slice = take(pool, slice_size(level));
    if (slice == UINT32_MAX)
        return false;
    if (first)
        stream->head = slice;
    else
        qi_store32(qi_pool_at(pool, stream->limit), slice);
    stream->at = slice;
    stream->limit = slice + slice_size(level) - LINK;
    stream->level = level;
    return true;
}

static bool push_byte(qi_pool *pool, qi_stream *stream, uint8_t byte)
{
    if (stream->at == stream->limit && !extend(pool, stream))
        return false;
    *qi_pool_at(pool, stream->at++) = byte;
    return true;
}

/* Append a gap that may have to be cut at the end of the slice. */
static bool push_gap(qi_pool *pool, qi_stream *stream, uint32_t gap)
{
    qi_stream before = *stream;
    bool pushed = true;
    for (; pushed && gap >= 0x80; gap >>= 7)
        pushed = push_byte(pool, stream, (uint8_t)(gap | 0x80));
    if (pushed && push_byte(pool, stream, (uint8_t)gap))
        return true;
    *stream = before; /* a slice already chained is chained over by the next push */
    return false;
}

bool qi_stream_push(qi_pool *pool, qi_stream *stream, uint32_t number)
{
    uint32_t gap = stream->count == 0 ? number : number - stream->last;
    if (stream->limit - stream->at >= LONGEST) {
        uint8_t *start = qi_pool_at(pool, stream->at), *to = start;
        for (; gap >= 0x80; gap >>= 7)
            *to++ = (uint8_t)(gap | 0x80);
        *to++ = (uint8_t)gap;
        stream->at += (uint32_t)(to - start);
    } else if (!push_gap(pool, stream, gap)) {
        return false;
    }
    stream->count++;
    stream->last = number;
    return true;
}

void qi_stream_decode(const qi_pool *pool, const qi_stream *stream, uint32_t *out)
{
    const uint32_t *end = out + stream->count;
    uint32_t gap = 0, last = 0, level = 0, slice = stream->head;
    unsigned shift = 0;
    while (out < end) {
        const uint8_t *at = qi_pool_at(pool, slice), *limit = at + slice_size(level) - LINK;
        bool more = slice + slice_size(level) - LINK != stream->limit;
        if (more) { /* the last slice has no link */
            slice = qi_load32(limit);
            __builtin_prefetch(qi_pool_at(pool, slice));
        }
        for (; at < limit && out < end; at++) {
            gap |= (uint32_t)(*at & 0x7F) << shift;
            shift += 7;
            if (*at < 0x80) {
                *out++ = last += gap;
                gap = shift = 0;
            }
        }
        level += level < LEVELS;
    }
}

void qi_stream_open(qi_stream_reader *reader, const qi_pool *pool, const qi_stream *stream)
{
    *reader = (qi_stream_reader){.pool = pool,
                                 .at = stream->head,
                                 .limit = stream->head + slice_size(0) - LINK,
                                 .left = stream->count};
}

static uint8_t next_byte(qi_stream_reader *reader)
{
    if (reader->at == reader->limit) {
        if (reader->level < LEVELS)
            reader->level++;
        reader->at = qi_load32(qi_pool_at(reader->pool, reader->at));
        reader->limit = reader->at + slice_size(reader->level) - LINK;
    }
    return *qi_pool_at(reader->pool, reader->at++);
}

bool qi_stream_next(qi_stream_reader *reader, uint32_t *out)
{
    if (reader->left == 0)
        return false;
    uint32_t gap = 0;
    uint8_t b;
    unsigned shift = 0;
    do {
        b = next_byte(reader);
        gap |= (uint32_t)(b & 0x7F) << shift;
        shift += 7;
    } while (b >= 0x80);
    reader->left--;
    reader->last += gap;
    *out = reader->last;
    return true;
}
