/* SPDX-License-Identifier: MIT
 * A document's text follows from its key and version: any other text is recognised. */
#include "support/library.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "segment/postings.h"

enum { ID, BODY, NOTE, NUMBER, TEXT_ROOM = 4096 };

static quire_field named(const char *name, quire_field_type type)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.type = type;
    return field;
}

quire_status library_create(qi_dir *dir, library *lib, quire_error *err)
{
    quire_schema *schema;
    quire_field id = named("id", QUIRE_KEYWORD), body = named("body", QUIRE_TEXT);
    quire_field note = named("note", QUIRE_TEXT), number = named("n", QUIRE_NUMBER);
    id.key = body.stored = body.searched = body.exact = note.stored = note.not_indexed = true;
    const quire_field *fields[] = {&id, &body, &note, &number};
    *lib = (library){.next_version = 1};
    QI_TRY(qi_schema_new(&schema, err));
    quire_status status = QUIRE_OK;
    for (size_t i = 0; i < 4 && status == QUIRE_OK; i++)
        status = qi_schema_add(schema, fields[i], err);
    if (status == QUIRE_OK)
        status = qi_catalog_create(dir, schema, err);
    qi_schema_release(schema);
    return status;
}

static quire_str key_text(uint32_t key, char *room)
{
    return (quire_str){room, (size_t)sprintf(room, "key%u", key)};
}

/* Some words that many documents share, and one of the document's own. */
static quire_str body_text(uint32_t key, uint32_t version, char *room)
{
    size_t len = (size_t)sprintf(room, "own%uv%u", key, version);
    for (uint32_t i = 0; i < version % 40; i++)
        len += (size_t)sprintf(room + len, " common%u word", (key + i * version) % 30);
    return (quire_str){room, len};
}

quire_status library_add(qi_writer *writer, library *lib, uint32_t key, quire_error *err)
{
    char id[32], body[TEXT_ROOM], note[32];
    uint32_t version = lib->next_version++;
    qi_ingest_value values[] = {
        {NUMBER, {NULL, 0}, version},
        {BODY, body_text(key, version, body), 0},
        {ID, key_text(key, id), 0},
        {NOTE, {note, (size_t)sprintf(note, "note %u", version)}, 0},
    };
    QI_TRY(qi_writer_add(writer, values, 4, version % 3 == 0 ? "english" : NULL, err));
    lib->pending.versions[key] = version;
    return QUIRE_OK;
}

quire_status library_delete(qi_writer *writer, library *lib, uint32_t key, quire_error *err)
{
    char id[32];
    QI_TRY(qi_writer_delete(writer, key_text(key, id), err));
    lib->pending.versions[key] = 0;
    return QUIRE_OK;
}

static size_t payload_of(uint64_t generation, char *room)
{
    return (size_t)sprintf(room, "generation %" PRIu64, generation);
}

quire_status library_commit(qi_writer *writer, library *lib, uint64_t generation, quire_error *err)
{
    char payload[64];
    lib->committed[generation % LIBRARY_GENERATIONS] = lib->pending;
    lib->payloads[generation % LIBRARY_GENERATIONS] = generation;
    return qi_writer_commit(writer, (quire_str){payload, payload_of(generation, payload)}, false,
                            err);
}

quire_status library_merge(qi_writer *writer, library *lib, uint32_t most, uint64_t generation,
                           quire_error *err)
{
    for (uint64_t more = 1; more <= 2; more++) {
        lib->committed[(generation + more) % LIBRARY_GENERATIONS] = lib->pending;
        lib->payloads[(generation + more) % LIBRARY_GENERATIONS] =
            lib->payloads[generation % LIBRARY_GENERATIONS];
    }
    return qi_writer_merge(writer, most, err);
}

quire_status library_rollback(qi_writer *writer, library *lib, uint64_t generation,
                              quire_error *err)
{
    QI_TRY(qi_writer_rollback(writer, err));
    lib->pending = lib->committed[generation % LIBRARY_GENERATIONS];
    return QUIRE_OK;
}

/* ---- Verifying ---- */

static bool stored_is(const quire_snapshot *snapshot, const qi_part *part, uint32_t doc,
                      uint32_t key, uint32_t version)
{
    char body[TEXT_ROOM], note[32];
    quire_str expected = body_text(key, version, body);
    size_t note_len = (size_t)sprintf(note, "note %u", version);
    qi_buf bytes;
    qi_arena memory;
    qi_stored_record record;
    qi_buf_init(&bytes, 0);
    qi_arena_init(&memory, 0);
    bool same = qi_records_get(&part->segment->records, doc, &bytes, NULL) == QUIRE_OK &&
                qi_stored_decode(&record, (quire_str){(const char *)bytes.bytes, bytes.len},
                                 (uint32_t)snapshot->schema->fields.count, &memory, "test",
                                 NULL) == QUIRE_OK &&
                record.count == 2 && record.values[0].field == BODY &&
                record.values[0].text.len == expected.len &&
                memcmp(record.values[0].text.ptr, expected.ptr, expected.len) == 0 &&
                record.values[1].field == NOTE && record.values[1].text.len == note_len &&
                memcmp(record.values[1].text.ptr, note, note_len) == 0 &&
                record.language.len == (version % 3 == 0 ? strlen("english") : 0);
    qi_buf_free(&bytes);
    qi_arena_free(&memory);
    return same;
}

/* Is the document's own word where it should be? */
static bool own_word_is(const qi_part *part, uint32_t doc, uint32_t key, uint32_t version)
{
    char word[64];
    size_t len = (size_t)sprintf(word, "own%uv%u", key, version);
    qi_term_info info;
    qi_postings *list = qi_mem_new(1, sizeof *list);
    bool found =
        list != NULL &&
        qi_segment_find(part->segment, QI_LANE(BODY, true), (quire_str){word, len}, &info, NULL) ==
            QUIRE_OK &&
        info.df == 1 &&
        qi_postings_open(list, part->segment, QI_LANE(BODY, true), &info, NULL) == QUIRE_OK &&
        qi_postings_seek(list, 0) && list->count == 1 && list->docs[0] == doc;
    qi_mem_free(list);
    return found;
}

static bool document_is(const quire_snapshot *snapshot, uint32_t key, uint32_t version,
                        char why[512])
{
    char id[32];
    quire_doc number;
    quire_error err = {0};
    size_t part;
    uint32_t doc;
    bool has;
    int64_t n;
    quire_status status = qi_snapshot_find(snapshot, key_text(key, id), &number, &err);
    if (version == 0 && status == QUIRE_ERR_NOT_FOUND)
        return true;
    if (version == 0 || status != QUIRE_OK) {
        snprintf(why, 512, "key %u, version %u: status %d %s", key, version, status, err.message);
        return false;
    }
    bool same =
        qi_snapshot_locate(snapshot, number, &part, &doc, &err) == QUIRE_OK &&
        qi_segment_column(snapshot->parts[part].segment, NUMBER, doc, &has, &n, &err) == QUIRE_OK &&
        has && n == version && stored_is(snapshot, &snapshot->parts[part], doc, key, version) &&
        own_word_is(&snapshot->parts[part], doc, key, version);
    if (!same)
        snprintf(why, 512, "key %u, version %u: another document %s", key, version, err.message);
    return same;
}

bool library_verify_snapshot(const quire_snapshot *snapshot, const library *lib, char why[512])
{
    const library_state *state = &lib->committed[snapshot->stat.generation % LIBRARY_GENERATIONS];
    char payload[64];
    uint64_t named = lib->payloads[snapshot->stat.generation % LIBRARY_GENERATIONS];
    size_t len = named == 0 ? 0 : payload_of(named, payload);
    uint64_t live = 0;
    why[0] = '\0';
    for (uint32_t key = 0; key < LIBRARY_KEYS; key++) {
        live += state->versions[key] != 0;
        if (!document_is(snapshot, key, state->versions[key], why))
            return false;
    }
    if (live != snapshot->stat.documents)
        snprintf(why, 512, "%" PRIu64 " documents, not %" PRIu64, snapshot->stat.documents, live);
    else if (len != snapshot->stat.payload.len ||
             (len != 0 && memcmp(payload, snapshot->stat.payload.ptr, len) != 0))
        snprintf(why, 512, "another payload");
    return why[0] == '\0';
}

static void nothing(void *owner)
{
    (void)owner;
}

bool library_verify(qi_dir *dir, const library *lib, bool previous, uint64_t *generation,
                    char why[512])
{
    qi_reader reader;
    quire_snapshot *snapshot = NULL;
    quire_error err = {0};
    *generation = 0;
    why[0] = '\0';
    quire_status status = qi_reader_init(&reader, dir, &err);
    if (status == QUIRE_OK) {
        reader.previous = previous;
        status = qi_reader_snapshot(&reader, (qi_reader_owner){nothing, NULL}, &snapshot, &err);
    }
    if (status == QUIRE_OK) {
        *generation = snapshot->stat.generation;
        library_verify_snapshot(snapshot, lib, why);
    } else if (!previous || status != QUIRE_ERR_NOT_FOUND) {
        snprintf(why, 512, "status %d: %s", status, err.message);
    }
    qi_snapshot_release(snapshot);
    qi_reader_free(&reader);
    return why[0] == '\0';
}
