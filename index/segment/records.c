/* SPDX-License-Identifier: MIT
 * Each document's record is compressed on its own, so that one is reached without the others; the
 * dictionary makes up for what small inputs lose. A merge copies records as they are and takes over
 * the dictionaries of its sources; should there be more than fit, records of the last ones are
 * compressed anew. */
#include "segment/records.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "segment/out.h"

enum { NO_DICTIONARY = 255, RECOMPRESS = 254 };

static size_t index_size(uint32_t doc_count)
{
    return ((size_t)doc_count + 63) / 64 * 8 + (size_t)doc_count * 4;
}

static quire_status damaged(const qi_records *records, uint32_t doc, const char *what,
                            quire_error *err)
{
    return qi_corrupt(err, records->file->name, "stor", doc, "%s", what);
}

/* Cut section "sdic" into its dictionaries. */
static quire_status open_dictionaries(qi_records *records, quire_error *err)
{
    qi_view view = qi_file_section(records->file, "sdic");
    QI_TRY(qi_file_touch(records->file, view.at, qi_view_left(&view), err));
    records->dictionary_count = qi_view_u8(&view);
    for (uint32_t i = 0; i < records->dictionary_count && i < QI_RECORD_DICTIONARIES; i++) {
        size_t len = qi_view_u32(&view);
        records->dictionaries[i] = (quire_str){(const char *)qi_view_take(&view, len), len};
    }
    if (view.overrun || records->dictionary_count > QI_RECORD_DICTIONARIES)
        return damaged(records, 0, "P-1: the dictionaries do not fit their section", err);
    return QUIRE_OK;
}

quire_status qi_records_open(qi_records *out, const qi_file *file, uint32_t doc_count,
                             quire_error *err)
{
    *out = (qi_records){.file = file, .doc_count = doc_count};
    qi_view bytes = qi_file_section(file, "stor"), index = qi_file_section(file, "stix");
    if (bytes.at == NULL || index.at == NULL || qi_view_left(&index) != index_size(doc_count) ||
        qi_file_section(file, "sdic").at == NULL)
        return damaged(out, 0, "P-2: a section is missing or of the wrong size", err);
    out->index = index.at;
    out->bytes = bytes.at;
    out->size = qi_view_left(&bytes);
    QI_TRY(open_dictionaries(out, err));
    out->unpackers = qi_mem_new(QI_RECORD_DICTIONARIES + 1, sizeof(void *));
    return out->unpackers == NULL ? qi_no_memory(err) : QUIRE_OK;
}

void qi_records_close(qi_records *records)
{
    for (int i = 0; records->unpackers != NULL && i <= QI_RECORD_DICTIONARIES; i++)
        qi_stored_unpacker_free(records->unpackers[i]);
    qi_mem_free(records->unpackers);
    *records = (qi_records){0};
}

/* The unpacker of a dictionary (QI_RECORD_DICTIONARIES: of none). Should two threads make it at
 * once, one of them throws its own away. */
static quire_status unpacker_of(const qi_records *records, uint32_t number,
                                qi_stored_unpacker **out, quire_error *err)
{
    qi_stored_unpacker **slot = &records->unpackers[number];
    *out = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    if (*out != NULL)
        return QUIRE_OK;
    quire_str dictionary =
        number == QI_RECORD_DICTIONARIES ? (quire_str){NULL, 0} : records->dictionaries[number];
    qi_stored_unpacker *made, *none = NULL;
    QI_TRY(qi_stored_unpacker_new(&made, dictionary, records->file->name, err));
    if (!__atomic_compare_exchange_n(slot, &none, made, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE)) {
        qi_stored_unpacker_free(made);
        made = none;
    }
    *out = made;
    return QUIRE_OK;
}

/* The compressed record of a document; verified. */
static quire_status find(const qi_records *records, uint32_t doc, quire_str *out, quire_error *err)
{
    const uint8_t *group = records->index + 8 * (size_t)(doc / 64);
    const uint8_t *lengths = records->index + 8 * (((size_t)records->doc_count + 63) / 64);
    const uint8_t *first = lengths + 4 * (size_t)(doc / 64 * 64);
    QI_TRY(qi_file_touch(records->file, group, 8, err));
    QI_TRY(qi_file_touch(records->file, first, 4 * (size_t)(doc % 64 + 1), err));
    uint64_t offset = qi_load64(group);
    for (uint32_t i = 0; i < doc % 64; i++)
        offset += qi_load32(first + 4 * (size_t)i);
    size_t len = qi_load32(first + 4 * (size_t)(doc % 64));
    if (offset > records->size || len > records->size - offset)
        return damaged(records, doc, "P-3: a record lies outside its section", err);
    *out = (quire_str){(const char *)records->bytes + offset, len};
    return qi_file_touch(records->file, records->bytes + offset, len, err);
}

quire_status qi_records_get(const qi_records *records, uint32_t doc, qi_buf *out, quire_error *err)
{
    quire_str packed;
    out->len = 0;
    QI_TRY(find(records, doc, &packed, err));
    if (packed.len == 0)
        return QUIRE_OK;
    uint32_t number = (uint8_t)packed.ptr[0];
    if (number == NO_DICTIONARY)
        number = QI_RECORD_DICTIONARIES;
    else if (number >= records->dictionary_count)
        return damaged(records, doc, "P-4: a record names a dictionary that is not there", err);
    qi_stored_unpacker *unpacker;
    QI_TRY(unpacker_of(records, number, &unpacker, err));
    return qi_stored_unpack(unpacker, (quire_str){packed.ptr + 1, packed.len - 1}, out, err);
}

quire_status qi_records_begin(qi_records_writer *writer, qi_writer_file *file, quire_error *err)
{
    *writer = (qi_records_writer){.file = file};
    qi_buf_init(&writer->scratch, 0);
    qi_buf_init(&writer->packed, 0);
    qi_buf_init(&writer->dictionaries, 0);
    writer->number = NO_DICTIONARY;
    QI_TRY(qi_stored_packer_new(&writer->packer, (quire_str){NULL, 0}, file->id.name, err));
    return qi_out_begin(file, "stor", err);
}

/* The number of a dictionary, entered if it is new and there is room; else RECOMPRESS. */
static uint8_t enter(qi_records_writer *writer, quire_str dictionary)
{
    uint64_t hash = qi_hash(dictionary.ptr, dictionary.len);
    for (uint32_t i = 0; i < writer->dictionary_count; i++)
        if (writer->hashes[i] == hash)
            return (uint8_t)i;
    if (writer->dictionary_count == QI_RECORD_DICTIONARIES)
        return RECOMPRESS;
    qi_buf_u32(&writer->dictionaries, (uint32_t)dictionary.len);
    qi_buf_add(&writer->dictionaries, dictionary.ptr, dictionary.len);
    writer->hashes[writer->dictionary_count] = hash;
    return (uint8_t)writer->dictionary_count++;
}

quire_status qi_records_dictionary(qi_records_writer *writer, quire_str dictionary,
                                   quire_error *err)
{
    if (dictionary.len == 0)
        return QUIRE_OK;
    writer->number = enter(writer, dictionary);
    qi_stored_packer_free(writer->packer);
    writer->packer = NULL;
    return qi_stored_packer_new(&writer->packer, dictionary, writer->file->id.name, err);
}

/* Write the bytes in `packed` as the next document's. */
static quire_status put(qi_records_writer *writer, quire_error *err)
{
    if (writer->packed.failed || !QI_VEC_PUSH(&writer->lengths, (uint32_t)writer->packed.len))
        return qi_no_memory(err);
    writer->written += writer->packed.len;
    return qi_out_add(writer->file, writer->packed.bytes, writer->packed.len, err);
}

quire_status qi_records_add(qi_records_writer *writer, quire_str record, quire_error *err)
{
    writer->packed.len = 0;
    if (record.len != 0) {
        qi_buf_u8(&writer->packed, writer->number);
        QI_TRY(qi_stored_pack(writer->packer, record, &writer->packed, err));
    }
    return put(writer, err);
}

quire_status qi_records_source(qi_records_writer *writer, const qi_records *from,
                               uint8_t numbers[QI_RECORD_DICTIONARIES], quire_error *err)
{
    for (uint32_t i = 0; i < from->dictionary_count; i++)
        numbers[i] = enter(writer, from->dictionaries[i]);
    return writer->dictionaries.failed ? qi_no_memory(err) : QUIRE_OK;
}

quire_status qi_records_copy(qi_records_writer *writer, const qi_records *from,
                             const uint8_t numbers[QI_RECORD_DICTIONARIES], uint32_t doc,
                             quire_error *err)
{
    quire_str packed;
    QI_TRY(find(from, doc, &packed, err));
    uint8_t number = packed.len != 0 ? (uint8_t)packed.ptr[0] : NO_DICTIONARY;
    if (number != NO_DICTIONARY && number >= from->dictionary_count)
        return damaged(from, doc, "P-4: a record names a dictionary that is not there", err);
    if (number != NO_DICTIONARY)
        number = numbers[number];
    if (number == RECOMPRESS) {
        QI_TRY(qi_records_get(from, doc, &writer->scratch, err));
        return qi_records_add(
            writer, (quire_str){(const char *)writer->scratch.bytes, writer->scratch.len}, err);
    }
    writer->packed.len = 0;
    qi_buf_add(&writer->packed, packed.ptr, packed.len);
    if (writer->packed.len != 0)
        writer->packed.bytes[0] = number;
    return put(writer, err);
}

/* A u64 for each 64 documents: where the first one's record is; then each one's length. */
static void encode_index(const qi_records_writer *writer, qi_buf *out)
{
    uint64_t offset = 0;
    for (size_t doc = 0; doc < writer->lengths.count; doc++) {
        if (doc % 64 == 0)
            qi_buf_u64(out, offset);
        offset += writer->lengths.items[doc];
    }
    for (size_t doc = 0; doc < writer->lengths.count; doc++)
        qi_buf_u32(out, writer->lengths.items[doc]);
}

quire_status qi_records_end(qi_records_writer *writer, quire_segment_stat *stat, quire_error *err)
{
    QI_TRY(qi_out_end(writer->file, err));
    qi_buf index, dictionaries;
    qi_buf_init(&index, 0);
    qi_buf_init(&dictionaries, 0);
    encode_index(writer, &index);
    qi_buf_u8(&dictionaries, (uint8_t)writer->dictionary_count);
    qi_buf_add(&dictionaries, writer->dictionaries.bytes, writer->dictionaries.len);
    stat->stored_bytes += writer->written + index.len + dictionaries.len;
    quire_status status = writer->dictionaries.failed
                              ? qi_no_memory(err)
                              : qi_out_section(writer->file, "stix", &index, err);
    if (status == QUIRE_OK)
        status = qi_out_section(writer->file, "sdic", &dictionaries, err);
    qi_buf_free(&index);
    qi_buf_free(&dictionaries);
    return status;
}

void qi_records_free(qi_records_writer *writer)
{
    qi_stored_packer_free(writer->packer);
    qi_buf_free(&writer->scratch);
    qi_buf_free(&writer->packed);
    qi_buf_free(&writer->dictionaries);
    QI_VEC_FREE(&writer->lengths);
    *writer = (qi_records_writer){0};
}
