/* SPDX-License-Identifier: MIT
 * The slots stand at the start of a line of the processor's cache, which the heap does not promise,
 * so that one line has all of a pair. */
#include "text/names.h"

#include <assert.h>

#include "base/mem.h"

enum { LINE = 64 };

_Static_assert(2 * sizeof(qi_named) == LINE, "a pair is a line");

void qi_names_add(qi_names *names, const qi_names_word *word, uint32_t name)
{
    if (names->slots == NULL)
        return;
    assert(word->raw.len != 0 && word->raw.len <= QI_NAMES_BYTES);
    qi_named *pair = qi_names_pair(names, word->hash);
    qi_named *slot = pair[0].name == 0 ? pair : pair + 1;
    *slot = (qi_named){.name = name + 1, .len = (uint8_t)word->raw.len, .space = word->space};
    memcpy(slot->bytes, word->raw.ptr, word->raw.len);
    names->entered++;
}

void qi_names_enlarge(qi_names *names, size_t pairs,
                      uint32_t (*hash)(const char *key, quire_str raw, uint8_t space))
{
    qi_names larger = {.room = qi_mem_table(pairs + 1, LINE), .pairs = pairs};
    names->entered = 0;
    if (larger.room == NULL)
        return;
    uintptr_t at = ((uintptr_t)larger.room + LINE - 1) / LINE * LINE;
    larger.slots = (qi_named *)at;
    for (size_t i = 0; i < 2 * names->pairs; i++) {
        const qi_named *slot = &names->slots[i];
        quire_str raw = {slot->bytes, slot->len};
        qi_names_word word = {slot->bytes, raw, 0, slot->space};
        if (slot->name == 0)
            continue;
        word.hash = hash(word.key, raw, slot->space);
        qi_names_add(&larger, &word, slot->name - 1);
    }
    larger.entered = 0;
    qi_names_free(names);
    *names = larger;
}

void qi_names_forget(qi_names *names)
{
    if (names->slots != NULL)
        memset(names->slots, 0, 2 * names->pairs * sizeof *names->slots);
}

void qi_names_free(qi_names *names)
{
    qi_mem_free(names->room);
    *names = (qi_names){0};
}
