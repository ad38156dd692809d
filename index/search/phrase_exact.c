/* SPDX-License-Identifier: MIT
 *
 * A phrase is an AND over word numbers. The rarest word leads: where it stands, the phrase would
 * start at its number minus its offset. Of 256 such starts the next rarest word keeps those where
 * it stands in its place, a block of its list at a time, then the next one, until all have agreed
 * or nothing is left. Documents are found from word numbers afterwards, for hits only; a hit must
 * end in the document it starts in, for a gap of the phrase could span the hole between documents.
 */
#include "search/phrase.h"

#include <string.h>

#include "codec/member.h"
#include "segment/words.h"

enum { AHEAD_BLOCKS = 8 }; /* that are looked at for the next match before others have a say */

/* Make the block of word `w` current that reaches `wanted`, full: one with fewer word numbers
 * repeats its last. False if there is none. */
static bool reach(qi_phrase_state *field, uint32_t w, uint32_t wanted)
{
    qi_postings *list = field->cursors[w].list;
    bool here = list->word_count != 0 && list->words[list->word_count - 1] >= wanted;
    if (!here && !qi_postings_seek_word(list, wanted))
        return false;
    if (field->filled[w] == list->word_block + 1)
        return true;
    for (uint32_t i = list->word_count; i < QI_BLOCK; i++)
        list->words[i] = list->words[list->word_count - 1];
    field->filled[w] = list->word_block + 1;
    return true;
}

/* The first index from `at` on of a start above `limit`; or `count`. The one at `at` is not. */
static uint32_t pass(const uint32_t *starts, uint32_t at, uint32_t count, uint32_t limit)
{
    if (starts[count - 1] <= limit)
        return count;
    return qi_cursor_gallop(starts, at, count, limit + 1);
}

/* Keep the starts at which word `w` stands in its place; their number. */
static uint32_t keep(qi_phrase_state *field, uint32_t w, uint32_t *starts, uint32_t count)
{
    const qi_postings *list = field->cursors[w].list;
    uint32_t offset = field->words[w].position, kept = 0;
    for (uint32_t at = 0, next; at < count && starts[at] <= UINT32_MAX - offset; at = next) {
        if (!reach(field, w, starts[at] + offset))
            break;
        next = pass(starts, at, count, list->words[list->word_count - 1] - offset);
        kept += qi_member_keep(list->words, offset, starts + at, next - at, starts + kept);
    }
    return kept;
}

void qi_phrase_confirm(qi_phrase_state *field, qi_phrase_starts *starts)
{
    for (uint32_t i = 1; i < field->count && starts->count != 0; i++)
        starts->count = keep(field, field->ordered[i], starts->items, starts->count);
}

/* Is document `doc`, where the phrase starts at `start`, the one it ends in? */
static bool ends(const qi_phrase_state *field, uint32_t doc, uint32_t start)
{
    const qi_field_source *source = &field->source;
    return (uint64_t)start + field->last_offset <
           qi_words_start(source->segment, source->field, doc + 1);
}

/* Tell the hits at these starts that lie in the window; the others stay. */
static void tell(qi_phrase_sink *to, qi_phrase_starts *starts)
{
    const qi_phrase_state *field = to->field;
    const qi_segment *segment = field->source.segment;
    uint32_t end = qi_words_start(segment, field->source.field, to->doc + 1);
    for (; starts->at < starts->count; starts->at++) {
        uint32_t start = starts->items[starts->at];
        if (start >= end) {
            uint32_t doc = qi_words_doc(segment, field->source.field, to->doc, start);
            if (doc - to->window->base >= QI_WINDOW || doc >= segment->doc_count)
                return;
            to->doc = doc;
            end = qi_words_start(segment, field->source.field, doc + 1);
        }
        if ((uint64_t)start + field->last_offset < end &&
            qi_window_has(to->window, to->doc - to->window->base))
            qi_phrase_record(to, to->doc, 1);
    }
}

void qi_phrase_begin(qi_phrase_sink *to)
{
    qi_phrase_starts *ahead = to->field->ahead;
    const qi_field_source *source = &to->field->source;
    uint32_t least = qi_words_start(source->segment, source->field, to->doc);
    while (ahead->at < ahead->count && ahead->items[ahead->at] < least)
        ahead->at++;
    tell(to, ahead);
}

void qi_phrase_flush(qi_phrase_sink *to)
{
    qi_phrase_starts *open = to->field->open;
    open->at = 0;
    qi_phrase_confirm(to->field, open);
    tell(to, open);
    open->count = 0;
}

void qi_phrase_append(qi_phrase_starts *starts, qi_cursor *lead, uint32_t offset, uint32_t end)
{
    const uint32_t *words = lead->list->words;
    uint32_t room = QI_BLOCK - starts->count, left = lead->list->word_count - lead->at;
    uint32_t n = room < left ? room : left;
    if (n != 0 && words[lead->at + n - 1] >= end)
        n = qi_cursor_gallop(words, lead->at, lead->at + n, end) - lead->at;
    for (uint32_t i = 0; i < n; i++)
        starts->items[starts->count + i] = words[lead->at + i] - offset;
    starts->count += n;
}

void qi_phrase_exact(qi_phrase_sink *to, uint32_t doc, uint32_t end)
{
    qi_phrase_state *field = to->field;
    const qi_field_source *source = &field->source;
    qi_cursor *lead = &field->cursors[field->ordered[0]];
    uint32_t offset = field->words[field->ordered[0]].position;
    uint64_t from = (uint64_t)qi_words_start(source->segment, source->field, doc) + offset;
    uint32_t limit = qi_words_start(source->segment, source->field, end);
    from = from < field->done ? field->done : from;
    while (from < limit && qi_cursor_seek_word(lead, (uint32_t)from) &&
           qi_cursor_word(lead) < limit) {
        qi_phrase_append(field->open, lead, offset, limit);
        from = (uint64_t)field->open->items[field->open->count - 1] + offset + 1;
        if (field->open->count == QI_BLOCK)
            qi_phrase_flush(to);
    }
}

/* Documents that are asked one by one. */
typedef struct asked {
    const uint32_t *docs;
    uint32_t count, at; /* starts to come lie in none before docs[at] */
    uint32_t *freqs;
} asked;

static void settle(qi_phrase_state *field, asked *in)
{
    const qi_field_source *source = &field->source;
    qi_phrase_starts *open = field->open;
    uint32_t at = in->at, end = qi_words_start(source->segment, source->field, in->docs[at] + 1);
    qi_phrase_confirm(field, open);
    for (uint32_t i = 0; i < open->count; i++) {
        while (open->items[i] >= end && at + 1 < in->count)
            end = qi_words_start(source->segment, source->field, in->docs[++at] + 1);
        in->freqs[at] += (uint64_t)open->items[i] + field->last_offset < end;
    }
    in->at = at;
    open->count = 0;
}

void qi_phrase_among(qi_phrase_state *field, const uint32_t *docs, uint32_t count, uint32_t *freqs)
{
    const qi_field_source *source = &field->source;
    qi_cursor *lead = &field->cursors[field->ordered[0]];
    uint32_t offset = field->words[field->ordered[0]].position;
    asked in = {docs, count, 0, freqs};
    field->open->count = 0;
    memset(freqs, 0, count * sizeof *freqs);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t from = (uint64_t)qi_words_start(source->segment, source->field, docs[i]) + offset;
        uint32_t limit = qi_words_start(source->segment, source->field, docs[i] + 1);
        while (from < limit && qi_cursor_seek_word(lead, (uint32_t)from) &&
               qi_cursor_word(lead) < limit) {
            qi_phrase_append(field->open, lead, offset, limit);
            from = (uint64_t)field->open->items[field->open->count - 1] + offset + 1;
            if (field->open->count == QI_BLOCK)
                settle(field, &in);
        }
    }
    if (field->open->count != 0)
        settle(field, &in);
}

/* Find starts in what is left of the lead's next block. False at the end. */
static bool look_ahead(qi_phrase_state *field, uint32_t least)
{
    qi_cursor *lead = &field->cursors[field->ordered[0]];
    uint32_t offset = field->words[field->ordered[0]].position;
    uint64_t from = (uint64_t)least + offset;
    from = from < field->done ? field->done : from;
    if (from >= field->source.field->words || !qi_cursor_seek_word(lead, (uint32_t)from))
        return false;
    field->ahead->at = field->ahead->count = 0;
    qi_phrase_append(field->ahead, lead, offset, UINT32_MAX);
    field->done = lead->list->words[lead->list->word_count - 1] + 1;
    qi_phrase_confirm(field, field->ahead);
    return true;
}

uint32_t qi_phrase_next(qi_phrase_state *field, uint32_t target)
{
    const qi_field_source *source = &field->source;
    const qi_segment *segment = source->segment;
    qi_phrase_starts *ahead = field->ahead;
    if (target >= segment->doc_count)
        return QI_END;
    uint32_t least = qi_words_start(segment, source->field, target);
    for (int blocks = 0;; blocks++) {
        for (; ahead->at < ahead->count; ahead->at++) {
            uint32_t start = ahead->items[ahead->at];
            if (start < least)
                continue;
            target = qi_words_doc(segment, source->field, target, start);
            if (target >= segment->doc_count)
                return QI_END;
            least = start;
            if (ends(field, target, start))
                return target;
        }
        if (blocks == AHEAD_BLOCKS)
            return qi_words_doc(segment, source->field, target, field->done);
        if (!look_ahead(field, least))
            return QI_END;
    }
}
