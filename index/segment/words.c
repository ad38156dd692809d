/* SPDX-License-Identifier: MIT
 * Looking up the table of starts. Documents without words share the start of the next one, so the
 * document of a word number is the last that starts at or before it. */
#include "segment/words.h"

#include "codec/member.h"

enum { GROUP = 64 /* documents */, NEAR = 4 /* groups that are tried before guessing */ };

quire_status qi_words_verify(const qi_segment *segment, uint32_t field, quire_error *err)
{
    const qi_field_part *part = &segment->fields[field];
    size_t docs = segment->doc_count;
    size_t size = (docs + 63) / 64 * 4 + docs * (part->wide_starts ? 4 : 2);
    return part->starts == NULL ? QUIRE_OK : qi_file_touch(&segment->file, part->starts, size, err);
}

static uint32_t base_of(const qi_field_part *field, uint32_t group)
{
    return qi_load32(field->starts + 4 * (size_t)group);
}

/* The last group of 64 documents from `from` on, whose base is at most `word`, that has such a
 * base too. Words are spread evenly enough for a guess to be near. */
static uint32_t find_group(const qi_field_part *field, uint32_t from, uint32_t count, uint32_t word)
{
    uint64_t ahead = (uint64_t)(word - base_of(field, from)) * count / field->words;
    uint32_t low = from + (uint32_t)(ahead < count - from ? ahead : count - from - 1);
    uint32_t high = low + 1, step = 1;
    while (low > from && base_of(field, low) > word) {
        high = low;
        low = low - from > step ? low - step : from;
        step *= 2;
    }
    while (high < count && base_of(field, high) <= word) {
        low = high;
        high = count - high > step ? high + step : count;
        step *= 2;
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (base_of(field, middle) <= word)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* How many of the `count` documents of a group, whose offsets stand at `at`, start within `ahead`
 * of its base. Starts never decrease, so that all can be asked, and nothing waits for a branch. */
static inline uint32_t count_starts(const uint8_t *at, uint32_t count, uint32_t ahead)
{
    uint16_t most = ahead < UINT16_MAX ? (uint16_t)ahead : UINT16_MAX, found = 0;
    for (uint32_t i = 0; i < count; i++)
        found = (uint16_t)(found + (qi_load16(at + 2 * (size_t)i) <= most));
    return found;
}

static uint32_t count_wide_starts(const uint8_t *at, uint32_t count, uint32_t ahead)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++)
        found += qi_load32(at + 4 * (size_t)i) <= ahead;
    return found;
}

/* The last document of a group that starts at or before `word`, but not before document `from` of
 * it, which does. */
static uint32_t find_doc(const qi_segment *segment, const qi_field_part *field, uint32_t group,
                         uint32_t from, uint32_t word)
{
    uint32_t first = GROUP * group, ahead = word - base_of(field, group);
    uint32_t count = segment->doc_count - first < GROUP ? segment->doc_count - first : GROUP;
    const uint8_t *offsets = field->starts + 4 * (((size_t)segment->doc_count + 63) / 64);
    uint32_t found = field->wide_starts
                         ? count_wide_starts(offsets + 4 * (size_t)first, count, ahead)
                     : count == GROUP ? count_starts(offsets + 2 * (size_t)first, GROUP, ahead)
                                      : count_starts(offsets + 2 * (size_t)first, count, ahead);
    return found == 0 || first + found - 1 < from ? from : first + found - 1;
}

uint32_t qi_words_doc(const qi_segment *segment, const qi_field_part *field, uint32_t from,
                      uint32_t word)
{
    uint32_t end = segment->doc_count;
    if (from >= end || word >= field->words || qi_words_start(segment, field, from) > word)
        return end;
    if (qi_words_start(segment, field, from + 1) > word)
        return from;
    from++;
    uint32_t group = from / GROUP, groups = end / GROUP + (end % GROUP != 0);
    if (group + 1 < groups && base_of(field, group + 1) <= word)
        from = GROUP * (group = find_group(field, group + 1, groups, word));
    return find_doc(segment, field, group, from, word);
}

/* Groups ahead are tried first: word numbers mostly come in order, and near each other. */
static uint32_t step_group(const qi_field_part *field, uint32_t group, uint32_t count,
                           uint32_t word)
{
    for (uint32_t i = 0; i < NEAR; i++, group++)
        if (group + 1 >= count || base_of(field, group + 1) > word)
            return group;
    return find_group(field, group, count, word);
}

uint32_t qi_words_range(const qi_segment *segment, const qi_field_part *field, uint32_t from,
                        uint32_t word)
{
    return step_group(field, from, segment->doc_count / GROUP + (segment->doc_count % GROUP != 0),
                      word);
}

/* The documents of word numbers in a whole group with narrow starts. */
static void find_in_group(const uint8_t *offsets, const qi_field_part *field, uint32_t group,
                          const uint32_t *words, uint32_t n, uint32_t *docs)
{
    qi_member_counts(offsets + 2 * (size_t)GROUP * group, base_of(field, group), words, n, docs);
    for (uint32_t i = 0; i < n; i++)
        docs[i] = GROUP * group + docs[i] - (docs[i] != 0);
}

uint32_t qi_words_docs(const qi_segment *segment, const qi_field_part *field, uint32_t from,
                       const uint32_t *words, uint32_t n, uint32_t *docs)
{
    uint32_t count = segment->doc_count, groups = count / GROUP + (count % GROUP != 0);
    uint32_t group = from / GROUP;
    const uint8_t *offsets = field->starts + 4 * (size_t)groups;
    for (uint32_t i = 0, next; i < n; i = next) {
        group = step_group(field, group, groups, words[i]);
        uint32_t limit = group + 1 < groups ? base_of(field, group + 1) : UINT32_MAX;
        for (next = i + 1; next < n && words[next] < limit;)
            next++;
        if (!field->wide_starts && group + 1 < groups)
            find_in_group(offsets, field, group, words + i, next - i, docs + i);
        else
            for (uint32_t j = i; j < next; j++)
                docs[j] = find_doc(segment, field, group, GROUP * group, words[j]);
    }
    return docs[n - 1];
}
