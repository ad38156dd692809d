/* SPDX-License-Identifier: MIT
 * Random numbers for tests: seeded from the clock or QUIRE_SEED, and the seed is printed. */
#ifndef QI_TESTS_SUPPORT_ROLL_H
#define QI_TESTS_SUPPORT_ROLL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t roll_state;

static inline void roll_seed(void)
{
    const char *given = getenv("QUIRE_SEED");
    roll_state = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    printf("QUIRE_SEED=%llu\n", (unsigned long long)roll_state);
    fflush(stdout); /* a test that fails ends its process */
}

/* 64 random bits. */
static inline uint64_t roll64(void)
{
    uint64_t v = roll_state += 0x9E3779B97F4A7C15u;
    v = (v ^ v >> 30) * 0xBF58476D1CE4E5B9u;
    v = (v ^ v >> 27) * 0x94D049BB133111EBu;
    return v ^ v >> 31;
}

static inline uint32_t roll32(void)
{
    return (uint32_t)(roll64() >> 32);
}

/* A number below `below`, which is not 0. */
static inline uint32_t roll(uint32_t below)
{
    return (uint32_t)((uint64_t)roll32() * below >> 32);
}

#endif
