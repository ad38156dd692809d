/* SPDX-License-Identifier: MIT
 * base/bits.h - little-endian loads and stores at any alignment, and counting bits. */
#ifndef QI_BASE_BITS_H
#define QI_BASE_BITS_H

#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Said outright, for compilers do not always see through the bytewise way. */
static inline uint16_t qi_load16(const void *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t qi_load32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t qi_load64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void qi_store16(void *p, uint16_t v)
{
    memcpy(p, &v, sizeof v);
}

static inline void qi_store32(void *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
}

static inline void qi_store64(void *p, uint64_t v)
{
    memcpy(p, &v, sizeof v);
}
#else
static inline uint16_t qi_load16(const void *p)
{
    const uint8_t *b = p;
    return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t qi_load32(const void *p)
{
    const uint8_t *b = p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t qi_load64(const void *p)
{
    return (uint64_t)qi_load32(p) | (uint64_t)qi_load32((const uint8_t *)p + 4) << 32;
}

static inline void qi_store16(void *p, uint16_t v)
{
    uint8_t *b = p;
    b[0] = (uint8_t)v;
    b[1] = (uint8_t)(v >> 8);
}

static inline void qi_store32(void *p, uint32_t v)
{
    uint8_t *b = p;
    for (int i = 0; i < 4; i++)
        b[i] = (uint8_t)(v >> 8 * i);
}

static inline void qi_store64(void *p, uint64_t v)
{
    qi_store32(p, (uint32_t)v);
    qi_store32((uint8_t *)p + 4, (uint32_t)(v >> 32));
}
#endif

static inline uint32_t qi_float_bits(float f)
{
    uint32_t v;
    memcpy(&v, &f, sizeof v);
    return v;
}

static inline float qi_float_of_bits(uint32_t v)
{
    float f;
    memcpy(&f, &v, sizeof f);
    return f;
}

/* Number of set bits. In plain operations, which compilers inline: for the processors that all
 * builds run on they would call a function instead of using an instruction. */
static inline unsigned qi_popcount(uint64_t v)
{
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (unsigned)(v * 0x0101010101010101u >> 56);
}

/* Index of the lowest set bit; v must not be 0. */
static inline unsigned qi_ctz(uint64_t v)
{
    return (unsigned)__builtin_ctzll(v);
}

/* Bits needed to write v: 0 for 0. */
static inline unsigned qi_width(uint64_t v)
{
    return v == 0 ? 0 : 64u - (unsigned)__builtin_clzll(v);
}

#endif
