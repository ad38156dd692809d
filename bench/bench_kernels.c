/* SPDX-License-Identifier: MIT
 * quire-bench kernels: nanoseconds a value of the codec's inner loops, as the library calls them.
 *
 * Which code runs is what the library was built with and the processor has: bench/run sets a build
 * without vectors beside the usual one. Gaps are drawn so that their mean is 2^width. The least of
 * many passes over blocks that fit the first-level cache counts. */
#include <math.h>
#include <string.h>

#include "codec/bitmap.h"
#include "codec/rice.h"
#include "quire_bench.h"

enum { BLOCKS = 16, PASSES = 4000, WORDS = 1024 };

typedef struct bed {
    uint32_t values[BLOCKS][QI_BLOCK], out[QI_BLOCK];
    size_t starts[BLOCKS];
    qi_buf code;
    uint64_t words[WORDS], sum;
    uint8_t bitmap[WORDS * 8];
} bed;

static uint64_t random_bits(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Blocks of gaps, geometric around 2^width. */
static void fill(bed *b, unsigned width)
{
    b->code.len = 0;
    for (int i = 0; i < BLOCKS; i++) {
        for (int v = 0; v < QI_BLOCK; v++) {
            double u = ((double)(random_bits() >> 11) + 0.5) / 9007199254740992.0;
            b->values[i][v] = (uint32_t)(-log(u) * (double)(1u << width));
        }
        b->starts[i] = b->code.len;
        qi_rice_encode(&b->code, b->values[i], QI_BLOCK);
    }
    if (b->code.failed)
        bench_fail("no memory", "kernels");
}

static void decode(bed *b)
{
    for (int i = 0; i < BLOCKS; i++)
        b->sum += qi_rice_decode(b->code.bytes + b->starts[i], b->code.len - b->starts[i], QI_BLOCK,
                                 b->out);
}

static void decode_sums(bed *b)
{
    for (int i = 0; i < BLOCKS; i++)
        b->sum += qi_rice_decode_sums(b->code.bytes + b->starts[i], b->code.len - b->starts[i],
                                      QI_BLOCK, 0, b->out);
}

static void encode(bed *b)
{
    b->code.len = 0;
    for (int i = 0; i < BLOCKS; i++) {
        b->starts[i] = b->code.len;
        qi_rice_encode(&b->code, b->values[i], QI_BLOCK);
    }
}

static void count_bits(bed *b)
{
    b->sum += qi_bitmap_count(b->words, WORDS);
}

static void or_bits(bed *b)
{
    qi_bitmap_or(b->words, b->bitmap, WORDS);
}

static void and_bits(bed *b)
{
    qi_bitmap_and(b->words, b->bitmap, WORDS);
}

static void and_not_bits(bed *b)
{
    qi_bitmap_and_not(b->words, b->bitmap, WORDS);
}

/* Nanoseconds of the fastest pass, for each of `count` things. */
static double time_kernel(bed *b, void (*run)(bed *), int count)
{
    uint64_t least = UINT64_MAX;
    for (int pass = 0; pass < PASSES; pass++) {
        uint64_t start = bench_nanoseconds();
        run(b);
        uint64_t spent = bench_nanoseconds() - start;
        least = spent < least ? spent : least;
    }
    return (double)least / count;
}

int bench_kernels(void)
{
    static bed b;
    static const unsigned widths[] = {0, 2, 4, 6, 8, 12};
    static const struct {
        const char *name;
        void (*run)(bed *);
    } codes[] = {{"rice decode", decode},
                 {"rice decode sums", decode_sums},
                 {"rice encode", encode}},
      bits[] = {{"bitmap count", count_bits},
                {"bitmap or", or_bits},
                {"bitmap and", and_bits},
                {"bitmap and not", and_not_bits}};
    printf("[");
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        fill(&b, widths[w]);
        for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
            printf("{\"kernel\": \"%s\", \"width\": %u, \"ns\": %.4f, \"unit\": \"value\"}, ",
                   codes[i].name, widths[w], time_kernel(&b, codes[i].run, BLOCKS * QI_BLOCK));
    }
    for (size_t i = 0; i < WORDS; i++)
        memcpy(b.bitmap + 8 * i, &(uint64_t){random_bits()}, 8);
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        printf("{\"kernel\": \"%s\", \"width\": 64, \"ns\": %.4f, \"unit\": \"word\"}%s",
               bits[i].name, time_kernel(&b, bits[i].run, WORDS),
               i + 1 < sizeof bits / sizeof *bits ? ", " : "]\n");
    qi_buf_free(&b.code);
    return b.sum == 1;
}
