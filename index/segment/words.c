/* SPDX-License-Identifier: MIT
 * Looking up the table of starts. Documents without words share the start of the next one, so the
 * document of a word number is the last that starts at or before it. */
#include "segment/words.h"

quire_status qi_words_verify(const qi_segment *segment, uint32_t field, quire_error *err)
{
    const qi_field_part *part = &segment->fields[field];
    size_t docs = segment->doc_count;
    size_t size = (docs + 63) / 64 * 4 + docs * (part->wide_starts ? 4 : 2);
    return part->starts == NULL ? QUIRE_OK : qi_file_touch(&segment->file, part->starts, size, err);
}

uint32_t qi_words_doc(const qi_segment *segment, const qi_field_part *field, uint32_t from,
                      uint32_t word)
{
    uint32_t end = segment->doc_count;
    if (from >= end || word >= field->words || qi_words_start(segment, field, from) > word)
        return end;
    uint32_t low = from, step = 1;
    while (end - low > step && qi_words_start(segment, field, low + step) <= word) {
        low += step;
        step = step > end / 2 ? step : step * 2;
    }
    uint32_t high = end - low > step ? low + step : end;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (qi_words_start(segment, field, middle) <= word)
            low = middle;
        else
            high = middle;
    }
    return low;
}
