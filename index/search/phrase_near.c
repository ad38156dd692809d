/* SPDX-License-Identifier: MIT
 *
 * Phrases with slop: each document of a span that the rarest word stands in, and all others too, is
 * judged whole. Places of its words are gathered in memory that is kept for the next document, and
 * search/slop.h says how near they are. */
#include "search/memory.h"
#include "search/phrase.h"
#include "segment/words.h"

enum { POLL_WORDS = 1024 };

static bool push_place(const qi_phrase_sink *to, qi_phrase_places *list, uint32_t place)
{
    if (list->count == list->room) {
        uint32_t room = list->room < 32 ? 64 : list->room * 2;
        uint32_t *at = qi_arena_new(to->memory, room, sizeof *at);
        if (at == NULL) {
            *to->spec->status = qi_memory_full(to->memory, to->spec->err);
            return false;
        }
        for (uint32_t i = 0; i < list->count; i++)
            at[i] = list->at[i];
        list->at = at;
        list->room = room;
    }
    list->at[list->count++] = place;
    return true;
}

/* Gather where each word stands in a document, the rarest first. False if one does not. */
static bool gather(const qi_phrase_sink *to, uint32_t doc)
{
    qi_phrase_state *field = to->field;
    const qi_field_source *source = &field->source;
    uint32_t begin = qi_words_start(source->segment, source->field, doc);
    uint32_t end = qi_words_start(source->segment, source->field, doc + 1);
    for (uint32_t i = 0; i < field->count; i++) {
        uint32_t w = field->ordered[i];
        uint32_t target = begin;
        field->places[w].count = 0;
        while (target < end && qi_cursor_seek_word(&field->cursors[w], target) &&
               qi_cursor_word(&field->cursors[w]) < end) {
            target = qi_cursor_word(&field->cursors[w]) + 1;
            if (!push_place(to, &field->places[w], target - 1))
                return false;
        }
        if (field->places[w].count == 0)
            return false;
    }
    return true;
}

/* Count the words that are about to be placed; now and then ask whether to go on. */
static bool goes_on(const qi_phrase_sink *to)
{
    qi_phrase_state *field = to->field;
    field->judged += field->count;
    if (field->judged < POLL_WORDS)
        return *to->spec->status == QUIRE_OK;
    field->judged = 0;
    return !qi_phrase_stopped(to->spec);
}

static void judge(const qi_phrase_sink *to, uint32_t doc)
{
    qi_phrase_state *field = to->field;
    if (!gather(to, doc))
        return;
    for (uint32_t w = 0; w < field->count; w++) {
        field->slop_words[w].at = field->places[w].at;
        field->slop_words[w].count = field->places[w].count;
    }
    float tf = 0;
    for (uint32_t i = 0; i < field->places[0].count && goes_on(to); i++) {
        uint32_t width = qi_slop_width(field->slop_words, field->count, to->spec->slop, i, NULL);
        if (width != QI_SLOP_NONE)
            tf += 1 / (1 + (float)width);
    }
    if (tf > 0)
        qi_phrase_record(to, doc, tf);
}

void qi_phrase_near(qi_phrase_sink *to, uint32_t doc, uint32_t end)
{
    qi_phrase_state *field = to->field;
    const qi_field_source *source = &field->source;
    qi_cursor *lead = &field->cursors[field->ordered[0]];
    uint32_t target = qi_words_start(source->segment, source->field, doc);
    uint32_t limit = qi_words_start(source->segment, source->field, end);
    while (target < limit && goes_on(to) && qi_cursor_seek_word(lead, target) &&
           qi_cursor_word(lead) < limit) {
        doc = qi_words_doc(source->segment, source->field, doc, qi_cursor_word(lead));
        if (doc - to->window->base >= QI_WINDOW)
            return;
        if (qi_window_has(to->window, doc - to->window->base))
            judge(to, doc);
        target = qi_words_start(source->segment, source->field, doc + 1);
    }
}
