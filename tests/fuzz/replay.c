/* SPDX-License-Identifier: MIT
 * Runs a fuzz target without libFuzzer: every file of the folder given, then mutations of them made
 * by a seeded generator, QUIRE_FUZZ_RUNS of them (default 2000). Prints the seed; QUIRE_SEED sets
 * it. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 1 << 16 };

static uint64_t state;

static uint32_t roll(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return below == 0 ? 0 : (uint32_t)(state >> 33) % below;
}

static size_t mutate(uint8_t *bytes, size_t size)
{
    for (uint32_t n = 1 + roll(8); n > 0; n--) {
        uint32_t at = roll((uint32_t)size + 1);
        switch (roll(4)) {
        case 0:
            if (at < size)
                bytes[at] = (uint8_t)roll(256);
            break;
        case 1:
            if (at < size)
                bytes[at] ^= (uint8_t)(1u << roll(8));
            break;
        case 2:
            if (size + 1 < LONGEST) {
                memmove(bytes + at + 1, bytes + at, size - at);
                bytes[at] = (uint8_t)roll(256);
                size++;
            }
            break;
        default:
            if (roll(4) == 0)
                size = at;
        }
    }
    return size;
}

static size_t load(const char *folder, const char *name, uint8_t *bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    size_t n = f == NULL ? 0 : fread(bytes, 1, LONGEST, f);
    if (f != NULL)
        fclose(f);
    return n;
}

int main(int argc, char **argv)
{
    const char *seed = getenv("QUIRE_SEED"), *runs = getenv("QUIRE_FUZZ_RUNS");
    state = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
    printf("QUIRE_SEED=%llu\n", (unsigned long long)state);
    long left = runs != NULL ? atol(runs) : 2000;
    struct dirent **names = NULL;
    int count = argc > 1 ? scandir(argv[1], &names, NULL, alphasort) : -1;
    uint8_t *bytes = malloc(LONGEST);
    if (bytes == NULL)
        return 1;
    LLVMFuzzerTestOneInput(bytes, 0);
    for (int i = 0; i < count; i++)
        LLVMFuzzerTestOneInput(bytes, load(argv[1], names[i]->d_name, bytes));
    for (long i = 0; i < left; i++) {
        size_t size =
            count > 0 ? load(argv[1], names[roll((uint32_t)count)]->d_name, bytes) : roll(64);
        LLVMFuzzerTestOneInput(bytes, mutate(bytes, size));
    }
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    free(bytes);
    return 0;
}
