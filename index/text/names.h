/* SPDX-License-Identifier: MIT
 * text/names.h - what words of a text are called, remembered in pairs of slots.
 *
 * Two slots are a line of the processor's cache. A word that is met again goes to the first of its
 * pair, a new one to the second, so that words that come once drive out each other. Exclusive. */
#ifndef QI_TEXT_NAMES_H
#define QI_TEXT_NAMES_H

#include <stdbool.h>
#include <string.h>

#include "base/error.h"

enum { QI_NAMES_KEY = 16, QI_NAMES_BYTES = 24 };

/* A remembered word; private to names.c. */
typedef struct qi_named {
    char bytes[QI_NAMES_BYTES]; /* of the word, then zeros */
    uint32_t name;              /* plus one; 0: free */
    uint8_t len, space;
} qi_named;

/* Zero is one that remembers nothing, until qi_names_enlarge. */
typedef struct qi_names {
    void *room;
    qi_named *slots; /* in `room`, at the start of a line */
    size_t pairs;    /* a power of two */
    size_t entered;  /* since there are as many */
} qi_names;

/* A word of at most QI_NAMES_BYTES bytes in a space: its first bytes, followed by zeros, and a hash
 * of it. */
typedef struct qi_names_word {
    const char *key; /* QI_NAMES_KEY bytes */
    quire_str raw;
    uint32_t hash;
    uint8_t space;
} qi_names_word;

/* Room for so many pairs, a power of two, with the words that are there; whatever cannot be had
 * stays as it is. `hash` is that of a word, from its first QI_NAMES_KEY bytes and all of them. */
void qi_names_enlarge(qi_names *names, size_t pairs,
                      uint32_t (*hash)(const char *key, quire_str raw, uint8_t space));

/* Forget all words. */
void qi_names_forget(qi_names *names);

void qi_names_free(qi_names *names);

/* Remember a word that is not there; nothing if there is no room at all. */
void qi_names_add(qi_names *names, const qi_names_word *word, uint32_t name);

static inline qi_named *qi_names_pair(const qi_names *names, uint32_t hash)
{
    return &names->slots[2 * (hash & (names->pairs - 1))];
}

static inline bool qi_names_holds(const qi_named *slot, const qi_names_word *word)
{
    size_t len = word->raw.len;
    return slot->len == len && slot->space == word->space &&
           memcmp(slot->bytes, word->key, QI_NAMES_KEY) == 0 &&
           (len <= QI_NAMES_KEY || memcmp(slot->bytes + QI_NAMES_KEY, word->raw.ptr + QI_NAMES_KEY,
                                          len - QI_NAMES_KEY) == 0);
}

/* The name of a word, plus one; 0: not known. There must be room. */
static inline uint32_t qi_names_find(qi_names *names, const qi_names_word *word)
{
    qi_named *pair = qi_names_pair(names, word->hash);
    if (qi_names_holds(&pair[0], word))
        return pair[0].name;
    if (!qi_names_holds(&pair[1], word))
        return 0;
    qi_named found = pair[1];
    pair[1] = pair[0];
    pair[0] = found;
    return found.name;
}

#endif
