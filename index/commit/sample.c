/* SPDX-License-Identifier: MIT
 * Where few documents were seen there is no dictionary, and the next commit's documents are another
 * chance. */
#include "commit/sample.h"

#include "base/mem.h"

enum {
    LEAST = 1 << 18, /* bytes of records from which on a dictionary pays */
    ENOUGH = 4 << 20 /* bytes of documents that it is learnt from */
};

quire_status qi_sample_init(qi_sample *sample, const qi_parts *parts, quire_error *err)
{
    *sample = (qi_sample){0};
    qi_buf_init(&sample->records, 0);
    qi_buf_init(&sample->dictionary, 0);
    for (size_t i = 0; i < parts->list.count && !sample->settled; i++) {
        const qi_records *records = &parts->list.items[i].segment->records;
        if (records->dictionary_count == 0)
            continue;
        qi_buf_add(&sample->dictionary, records->dictionaries[0].ptr, records->dictionaries[0].len);
        sample->settled = true;
    }
    if (!sample->dictionary.failed)
        return QUIRE_OK;
    qi_sample_free(sample);
    return qi_no_memory(err);
}

void qi_sample_free(qi_sample *sample)
{
    qi_buf_free(&sample->records);
    qi_buf_free(&sample->dictionary);
    QI_VEC_FREE(&sample->ends);
    *sample = (qi_sample){0};
}

quire_status qi_sample_add(qi_sample *sample, qi_ingest *ingest, const qi_ingest_value *values,
                           size_t count, const char *language, quire_error *err)
{
    size_t before = sample->records.len, bytes = 0;
    if (sample->settled)
        return QUIRE_OK;
    for (size_t i = 0; i < count; i++)
        bytes += values[i].text.len;
    if (!QI_VEC_RESERVE(&sample->ends, 1))
        return qi_no_memory(err);
    if (bytes < ENOUGH)
        QI_TRY(qi_ingest_record(ingest, &sample->records, values, count, language, err));
    if (sample->records.failed) {
        sample->records.failed = false;
        sample->records.len = before;
        return qi_no_memory(err);
    }
    sample->ends.items[sample->ends.count++] = sample->records.len;
    sample->seen += bytes;
    if (sample->seen < ENOUGH)
        return QUIRE_OK;
    QI_TRY(qi_sample_settle(sample, err));
    sample->settled = true; /* if there is none now there will not be one */
    return QUIRE_OK;
}

quire_status qi_sample_settle(qi_sample *sample, quire_error *err)
{
    if (sample->settled || sample->records.len < LEAST)
        return QUIRE_OK;
    quire_str *records = qi_mem_new(sample->ends.count, sizeof *records);
    if (records == NULL)
        return qi_no_memory(err);
    const char *bytes = (const char *)sample->records.bytes;
    for (size_t i = 0; i < sample->ends.count; i++) {
        size_t start = i == 0 ? 0 : sample->ends.items[i - 1];
        records[i] = (quire_str){bytes + start, sample->ends.items[i] - start};
    }
    quire_status status = qi_stored_train(records, sample->ends.count, &sample->dictionary, err);
    qi_mem_free(records);
    if (status != QUIRE_OK) {
        sample->dictionary.len = 0;
        sample->dictionary.failed = false;
        return status;
    }
    sample->settled = true;
    qi_buf_free(&sample->records);
    QI_VEC_FREE(&sample->ends);
    return QUIRE_OK;
}

void qi_sample_forget(qi_sample *sample)
{
    sample->records.len = sample->ends.count = sample->seen = 0;
}

quire_str qi_sample_dictionary(const qi_sample *sample)
{
    return (quire_str){(const char *)sample->dictionary.bytes, sample->dictionary.len};
}
