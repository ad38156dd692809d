/* SPDX-License-Identifier: MIT
 * The file MANIFEST.
 *
 *     | magic 8 | format u32 | incompatible u32 | read-only u32 | 0 u32 | uuid 16 | next u64 |
 *     | schema u32+bytes | commit: the current one | commit: the previous one | xxh3 u64 |
 *     commit: | generation u64 | payload u32+bytes | entries u32 | entry | ...
 *     entry:  | seq | length | hash | documents u32 | deleted u32 | deletes | length | hash |  u64
 * but for two
 *
 * Format and flags are judged before the checksum, for a newer format may have another one. Then
 * nothing is read from bytes that do not match it. The invariants are G-1 to G-7 of FORMAT.md. */
#include "codec/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static const char MAGIC[8] = {'Q', 'U', 'I', 'R', 'E', '-', 'I', 'X'};

enum { ENTRY_SIZE = 56, HEADER_SIZE = 48, HASH_SIZE = 8, DOCUMENTS_MAX = INT32_MAX - 1 };

static quire_status damaged(quire_error *err, uint64_t at, const char *what)
{
    return qi_corrupt(err, QI_MANIFEST_NAME, NULL, at, "%s", what);
}

quire_status qi_manifest_commit_make(qi_manifest_commit *out, uint64_t generation,
                                     const qi_manifest_entry *entries, size_t count,
                                     quire_str payload, quire_error *err)
{
    *out = (qi_manifest_commit){.generation = generation};
    char *copy = qi_mem_copy(payload.ptr, payload.len);
    out->payload = (quire_str){copy, payload.len};
    if (copy == NULL || !QI_VEC_RESERVE(&out->entries, count)) {
        qi_manifest_commit_free(out);
        return qi_no_memory(err);
    }
    if (count != 0)
        memcpy(out->entries.items, entries, count * sizeof *entries);
    out->entries.count = count;
    return QUIRE_OK;
}

void qi_manifest_commit_free(qi_manifest_commit *commit)
{
    qi_mem_free((void *)(uintptr_t)commit->payload.ptr);
    QI_VEC_FREE(&commit->entries);
    *commit = (qi_manifest_commit){0};
}

const qi_manifest_entry *qi_manifest_commit_find(const qi_manifest_commit *commit, uint64_t seq)
{
    size_t low = 0, high = commit->entries.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (commit->entries.items[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < commit->entries.count && commit->entries.items[low].seq == seq;
    return found ? &commit->entries.items[low] : NULL;
}

void qi_manifest_free(qi_manifest *manifest)
{
    qi_manifest_commit_free(&manifest->current);
    qi_manifest_commit_free(&manifest->previous);
    qi_schema_release(manifest->schema);
    *manifest = (qi_manifest){0};
}

static void encode_commit(const qi_manifest_commit *commit, qi_buf *out)
{
    qi_buf_u64(out, commit->generation);
    qi_buf_u32(out, (uint32_t)commit->payload.len);
    qi_buf_add(out, commit->payload.ptr, commit->payload.len);
    qi_buf_u32(out, (uint32_t)commit->entries.count);
    for (size_t i = 0; i < commit->entries.count; i++) {
        const qi_manifest_entry *entry = &commit->entries.items[i];
        qi_buf_u64(out, entry->seq);
        qi_buf_u64(out, entry->length);
        qi_buf_u64(out, entry->hash);
        qi_buf_u32(out, entry->documents);
        qi_buf_u32(out, entry->deleted);
        qi_buf_u64(out, entry->deletes);
        qi_buf_u64(out, entry->deletes_length);
        qi_buf_u64(out, entry->deletes_hash);
    }
}

void qi_manifest_encode(const qi_manifest *manifest, qi_buf *out)
{
    size_t start = out->len;
    qi_buf_add(out, MAGIC, sizeof MAGIC);
    qi_buf_u32(out, QUIRE_FORMAT_VERSION);
    for (int flags = 0; flags < 3; flags++)
        qi_buf_u32(out, 0);
    qi_buf_add(out, manifest->uuid, sizeof manifest->uuid);
    qi_buf_u64(out, manifest->next);
    size_t length_at = out->len;
    qi_buf_u32(out, 0);
    qi_schema_encode(manifest->schema, out);
    if (!out->failed)
        qi_store32(out->bytes + length_at, (uint32_t)(out->len - length_at - 4));
    encode_commit(&manifest->current, out);
    encode_commit(&manifest->previous, out);
    qi_buf_u64(out, out->failed ? 0 : qi_hash(out->bytes + start, out->len - start));
}

bool qi_manifest_known(const void *bytes, size_t len)
{
    return len >= sizeof MAGIC && memcmp(bytes, MAGIC, sizeof MAGIC) == 0;
}

/* Is it a manifest that this release reads? */
static quire_status check_format(const uint8_t *bytes, size_t len, const char *folder,
                                 quire_error *err)
{
    if (!qi_manifest_known(bytes, len))
        return qi_fail(err, QUIRE_ERR_FORMAT,
                       "the file " QI_MANIFEST_NAME " in '%.120s' is not that of a Quire index",
                       folder);
    if (len < HEADER_SIZE + HASH_SIZE)
        return damaged(err, len, "G-1: the file is cut short");
    uint32_t format = qi_load32(bytes + 8), incompatible = qi_load32(bytes + 12);
    if (format > QUIRE_FORMAT_VERSION || incompatible != 0)
        return qi_fail(err, QUIRE_ERR_FORMAT,
                       "'%.120s' was written by a newer Quire (format %" PRIu32 ", flags %" PRIx32
                       "; this one reads format %d): update Quire to read it",
                       folder, format, incompatible, QUIRE_FORMAT_VERSION);
    if (format < QUIRE_FORMAT_VERSION)
        return qi_fail(err, QUIRE_ERR_FORMAT,
                       "'%.120s' was written in format %" PRIu32
                       ", which this Quire no longer reads: index anew",
                       folder, format);
    return QUIRE_OK;
}

/* What is wrong with an entry, or NULL. `least` is the smallest number it may have. */
static const char *entry_fault(const qi_manifest_entry *entry, uint64_t least, uint64_t next)
{
    if (entry->seq < least || entry->seq >= next)
        return "G-4: numbers of segments do not increase, or reach the next number";
    if (entry->documents == 0 || entry->documents > DOCUMENTS_MAX ||
        entry->deleted > entry->documents)
        return "G-5: a segment has no documents, or more deleted ones than documents";
    bool has = entry->deletes != 0;
    if (has != (entry->deleted != 0) || entry->deletes >= next ||
        (!has && (entry->deletes_length != 0 || entry->deletes_hash != 0)))
        return "G-6: a segment has deleted documents without a file of deletes, or the reverse";
    return NULL;
}

static quire_status decode_entries(qi_manifest_commit *commit, qi_view *in, const uint8_t *start,
                                   uint64_t next, quire_error *err)
{
    size_t count = qi_view_u32(in);
    if (in->overrun || count > qi_view_left(in) / ENTRY_SIZE)
        return damaged(err, (uint64_t)(in->at - start), "G-1: entries are cut short");
    if (!QI_VEC_RESERVE(&commit->entries, count))
        return qi_no_memory(err);
    uint64_t least = 1;
    for (size_t i = 0; i < count; i++) {
        qi_manifest_entry *entry = &commit->entries.items[commit->entries.count++];
        *entry = (qi_manifest_entry){.seq = qi_view_u64(in)};
        entry->length = qi_view_u64(in);
        entry->hash = qi_view_u64(in);
        entry->documents = qi_view_u32(in);
        entry->deleted = qi_view_u32(in);
        entry->deletes = qi_view_u64(in);
        entry->deletes_length = qi_view_u64(in);
        entry->deletes_hash = qi_view_u64(in);
        const char *fault = entry_fault(entry, least, next);
        if (fault != NULL)
            return damaged(err, (uint64_t)(in->at - start) - ENTRY_SIZE, fault);
        least = entry->seq + 1;
    }
    return QUIRE_OK;
}

static quire_status decode_commit(qi_manifest_commit *commit, qi_view *in, const uint8_t *start,
                                  uint64_t next, quire_error *err)
{
    commit->generation = qi_view_u64(in);
    size_t len = qi_view_u32(in);
    const uint8_t *payload = qi_view_take(in, len);
    if (payload == NULL || len > QI_MANIFEST_PAYLOAD_MAX)
        return damaged(err, (uint64_t)(in->at - start),
                       "G-1: the payload is cut short or too long");
    char *copy = qi_mem_copy(payload, len);
    if (copy == NULL)
        return qi_no_memory(err);
    commit->payload = (quire_str){copy, len};
    return decode_entries(commit, in, start, next, err);
}

static quire_status decode_schema(qi_manifest *out, qi_view *in, const uint8_t *start,
                                  quire_error *err)
{
    size_t len = qi_view_u32(in);
    const uint8_t *bytes = qi_view_take(in, len);
    if (bytes == NULL)
        return damaged(err, (uint64_t)(in->at - start), "G-1: the schema is cut short");
    qi_view schema = qi_view_of(bytes, len);
    QI_TRY(qi_schema_decode(&out->schema, &schema, QI_MANIFEST_NAME, err));
    if (qi_view_left(&schema) != 0)
        return damaged(err, (uint64_t)(schema.at - start), "G-1: bytes follow the schema");
    return QUIRE_OK;
}

static quire_status decode_body(qi_manifest *out, qi_view *in, quire_error *err)
{
    const uint8_t *start = in->at;
    qi_view_take(in, 20);
    if (qi_view_u32(in) != 0)
        return damaged(err, 20, "G-2: reserved bytes are not zero");
    memcpy(out->uuid, qi_view_take(in, sizeof out->uuid), sizeof out->uuid);
    out->next = qi_view_u64(in);
    QI_TRY(decode_schema(out, in, start, err));
    QI_TRY(decode_commit(&out->current, in, start, out->next, err));
    QI_TRY(decode_commit(&out->previous, in, start, out->next, err));
    if (in->overrun || qi_view_left(in) != 0)
        return damaged(err, (uint64_t)(in->at - start), "G-1: bytes follow the last commit");
    /* Generations leave room for the locks that pin them. */
    uint64_t generation = out->current.generation;
    if (generation == 0 || generation >> 62 != 0 || out->previous.generation != generation - 1)
        return damaged(err, 0, "G-3: the previous generation is not one less than the current");
    if (out->previous.generation == 0 &&
        (out->previous.entries.count != 0 || out->previous.payload.len != 0))
        return damaged(err, 0, "G-3: there is a commit before the first");
    return QUIRE_OK;
}

quire_status qi_manifest_decode(qi_manifest *out, const void *bytes, size_t len, const char *folder,
                                quire_error *err)
{
    *out = (qi_manifest){0};
    QI_TRY(check_format(bytes, len, folder, err));
    if (len > QI_MANIFEST_MAX)
        return damaged(err, len, "G-1: the file is longer than 16 MiB");
    const uint8_t *end = (const uint8_t *)bytes + len - HASH_SIZE;
    if (qi_hash(bytes, len - HASH_SIZE) != qi_load64(end))
        return damaged(err, len - HASH_SIZE, "G-7: the checksum does not match");
    qi_view in = qi_view_of(bytes, len - HASH_SIZE);
    quire_status status = decode_body(out, &in, err);
    if (status != QUIRE_OK)
        qi_manifest_free(out);
    return status;
}

void qi_manifest_segment_name(char out[QI_MANIFEST_NAME_ROOM], uint64_t seq)
{
    snprintf(out, QI_MANIFEST_NAME_ROOM, "s-%" PRIu64 ".seg", seq);
}

void qi_manifest_deletes_name(char out[QI_MANIFEST_NAME_ROOM], uint64_t seq, uint64_t deletes)
{
    snprintf(out, QI_MANIFEST_NAME_ROOM, "d-%" PRIu64 "-%" PRIu64 ".del", seq, deletes);
}

static uint64_t parse_number(const char **at)
{
    uint64_t n = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        n = n * 10 + (uint64_t)(**at - '0');
    return n;
}

bool qi_manifest_parse_name(const char *name, uint64_t *seq, uint64_t *deletes)
{
    char again[QI_MANIFEST_NAME_ROOM] = "";
    const char *at = name;
    *seq = *deletes = 0;
    if (strncmp(name, "s-", 2) == 0) {
        at += 2;
        *seq = parse_number(&at);
        qi_manifest_segment_name(again, *seq);
    } else if (strncmp(name, "d-", 2) == 0) {
        at += 2;
        *seq = parse_number(&at);
        at += *at == '-';
        *deletes = parse_number(&at);
        qi_manifest_deletes_name(again, *seq, *deletes);
    }
    /* Leading zeros, overflows and anything else show in the comparison. */
    return *seq != 0 && strcmp(name, again) == 0 && (name[0] == 's' || *deletes != 0);
}
