/* SPDX-License-Identifier: MIT
 * The result is that of taking every number on its own (segment/merge.c): documents and frequencies
 * come from their own blocks, and are needed only if the new list is in blocks too. A form's
 * ordinals are counted from the first occurrence of its stem in the source, which is where the
 * source's word numbers begin in the stem's new list. */
#include "segment/append.h"

#include "base/mem.h"

void qi_append_field(qi_append *append, uint32_t field)
{
    const uint32_t *starts = append->build->fields[field].starts;
    for (size_t s = 0; s < append->sources->count; s++)
        append->shifts[s] = starts[append->sources->items[s].first_doc];
}

/* Occurrences in all sources, and documents. */
static qi_term_info sum_of(const qi_sources *sources)
{
    qi_term_info sum = {0};
    for (size_t s = 0; s < sources->count; s++)
        if (sources->items[s].has) {
            sum.cf += sources->items[s].terms.info.cf;
            sum.df += sources->items[s].terms.info.df;
        }
    return sum;
}

/* Do all documents of a source stay, from word number 0 on? */
static bool is_whole(const qi_source *from, uint32_t field)
{
    const qi_field_part *part = &from->segment->fields[field];
    return from->whole && (part->starts == NULL || qi_words_start(from->segment, part, 0) == 0);
}

bool qi_append_can(const qi_append *append, uint32_t lane, uint32_t link)
{
    const qi_build *build = append->build;
    uint32_t field = QI_LANE_FIELD(lane);
    uint64_t cf = sum_of(append->sources).cf;
    for (size_t s = 0; s < append->sources->count; s++) {
        const qi_source *from = &append->sources->items[s];
        if (from->has && !is_whole(from, field))
            return false;
    }
    if (cf == 1)
        return true;
    if (lane % 2 == 0 || build->fields[field].starts == NULL)
        return build->fields[field].starts != NULL;
    return link != 0 && link <= build->forms.stems.count &&
           cf <= qi_forms_count(&build->forms, link);
}

/* The one occurrence of a term. */
static quire_status append_once(qi_append *append, uint32_t lane, uint32_t link, quire_error *err)
{
    const qi_sources *sources = append->sources;
    size_t s = 0;
    while (!sources->items[s].has)
        s++;
    const qi_source *from = &sources->items[s];
    bool text = append->build->fields[QI_LANE_FIELD(lane)].starts != NULL;
    qi_term_info info = {.df = 1, .cf = 1};
    uint32_t number = from->terms.info.first;
    if (number >=
        (text ? from->segment->fields[QI_LANE_FIELD(lane)].words : from->segment->doc_count))
        return qi_corrupt(err, from->segment->file.name, "post", number,
                          "L-3: a short list leaves the segment or is damaged");
    info.first = number + (text ? append->shifts[s] : from->first_doc);
    return qi_build_made(append->build, sources->term, link, &info, (quire_str){NULL, 0}, err);
}

/* Append what one source has of a stem; its documents only if they are `wanted`. */
static quire_status append_words(qi_append *append, size_t s, uint32_t lane, bool wanted,
                                 quire_error *err)
{
    const qi_source *from = &append->sources->items[s];
    qi_postings *list = append->list;
    qi_list_writer *to = &append->build->lists;
    QI_TRY(qi_postings_open(list, from->segment, lane, &from->terms.info, err));
    for (uint32_t next = 0; qi_postings_seek_word(list, next);
         next = list->words[list->word_count - 1] + 1)
        qi_lists_add_words(to, list->words, list->word_count, append->shifts[s]);
    if (!wanted)
        to->df += list->df;
    for (uint32_t next = 0; wanted && qi_postings_seek(list, next);
         next = qi_postings_block_last(list) + 1) {
        const uint32_t *freqs = qi_postings_freqs(list);
        if (freqs == NULL)
            break;
        qi_lists_add_docs(to, list->docs, freqs, list->count, from->first_doc);
    }
    return list->status;
}

/* The ordinal of the first occurrence of the stem at hand from `word` on. */
static size_t ordinal_of(const qi_forms_writer *forms, uint32_t word)
{
    size_t low = 0, high = forms->stem_words.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (forms->stem_words.items[middle] < word)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Decode the blocks of a form's ordinals; false if they are damaged. */
static bool decode_blocks(qi_view area, size_t count, uint32_t *out)
{
    qi_form_parts parts;
    if (count < QI_LIST_BLOCKED)
        return qi_rice_decode_sums(area.at, qi_view_left(&area), (unsigned)count, UINT32_MAX,
                                   out) != 0;
    if (!qi_form_cut(&parts, area, count))
        return false;
    uint32_t before = UINT32_MAX;
    for (size_t done = 0; done < count; done += QI_BLOCK) {
        size_t at = qi_load32(parts.heads + QI_FORM_HEAD * (done / QI_BLOCK) + 8);
        unsigned n = count - done < QI_BLOCK ? (unsigned)(count - done) : QI_BLOCK;
        if (at >= parts.size ||
            qi_rice_decode_sums(parts.data + at, parts.size - at, n, before, out + done) == 0)
            return false;
        before = out[done + n - 1];
    }
    return true;
}

/* Decode the ordinals that a source has of a form, `info`, which is a part of its stem. */
static quire_status decode_form(const qi_source *from, const qi_term_info *info, uint32_t *out,
                                quire_error *err)
{
    const qi_segment *segment = from->segment;
    if (info->offset > segment->lists_size || info->length > segment->lists_size - info->offset)
        return qi_corrupt(err, segment->file.name, "post", info->offset,
                          "L-1: a term's record points outside the lists or counts too much");
    const uint8_t *area = segment->lists + info->offset;
    QI_TRY(qi_file_touch(&segment->file, area, (size_t)info->length, err));
    if (decode_blocks(qi_view_of(area, (size_t)info->length), (size_t)info->cf, out))
        return QUIRE_OK;
    return qi_corrupt(err, segment->file.name, "post", info->offset,
                      "F-6: a block of a form's ordinals is damaged");
}

/* Append the ordinals that one source has of a form. There is room for all of the stem's. */
static quire_status append_ordinals(qi_append *append, size_t s, quire_error *err)
{
    qi_forms_writer *forms = &append->build->forms;
    const qi_source *from = &append->sources->items[s];
    const qi_term_info *info = &from->terms.info;
    uint32_t *out = forms->words.items + forms->words.count;
    size_t base = ordinal_of(forms, append->shifts[s]), count = (size_t)info->cf;
    if (count == 1) {
        base = 0;
        out[0] = (uint32_t)ordinal_of(forms, info->first + append->shifts[s]);
    } else if (info->length == 0) {
        for (size_t i = 0; i < count; i++)
            out[i] = (uint32_t)i;
    } else {
        QI_TRY(decode_form(from, info, out, err));
    }
    for (size_t i = 0; i < count; i++)
        out[i] += (uint32_t)base;
    bool sound = out[count - 1] >= base && out[count - 1] < forms->stem_words.count &&
                 (forms->words.count == 0 || out[0] > out[-1]) &&
                 (count > 1 || forms->stem_words.items[out[0]] == info->first + append->shifts[s]);
    forms->words.count += count;
    return sound ? QUIRE_OK
                 : qi_corrupt(err, from->segment->file.name, "post", info->offset,
                              "F-5: a form has more occurrences than its stem");
}

/* A form that is a part of its stem. */
static quire_status append_part(qi_append *append, uint32_t link, quire_error *err)
{
    qi_build *build = append->build;
    qi_forms_writer *forms = &build->forms;
    QI_TRY(qi_forms_load(forms, link, err));
    forms->words.count = 0;
    if (!QI_VEC_RESERVE(&forms->words, forms->stem_words.count))
        return qi_no_memory(err);
    for (size_t s = 0; s < append->sources->count; s++)
        if (append->sources->items[s].has)
            QI_TRY(append_ordinals(append, s, err));
    qi_form_words form = {forms->stem_words.items, forms->words.items, forms->words.count};
    build->area.len = 0;
    build->area.failed = false;
    qi_forms_list(&form, &build->area);
    forms->words.count = 0;
    return build->area.failed ? qi_no_memory(err) : QUIRE_OK;
}

static quire_status append_form(qi_append *append, uint32_t link, quire_error *err)
{
    qi_build *build = append->build;
    qi_term_info info = sum_of(append->sources);
    quire_str list = {NULL, 0};
    if (info.cf != qi_forms_count(&build->forms, link)) {
        QI_TRY(append_part(append, link, err));
        list = (quire_str){(const char *)build->area.bytes, build->area.len};
    }
    return qi_build_made(build, append->sources->term, link, &info, list, err);
}

quire_status qi_append_term(qi_append *append, uint32_t lane, uint32_t link, quire_error *err)
{
    uint64_t cf = sum_of(append->sources).cf;
    if (cf == 1)
        return append_once(append, lane, link, err);
    if (lane % 2 == 1)
        return append_form(append, link, err);
    for (size_t s = 0; s < append->sources->count; s++)
        if (append->sources->items[s].has)
            QI_TRY(append_words(append, s, lane, cf >= QI_LIST_BLOCKED, err));
    return qi_build_term(append->build, append->sources->term, link, err);
}
