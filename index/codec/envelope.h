/* SPDX-License-Identifier: MIT
 * codec/envelope.h - what every file of an index has around its sections.
 *
 *   | header 64 | section | padding | section | padding | ... | block hashes | section table |
 * footer 40 |
 *
 * Sections start at multiples of 64 and are followed by at least 64 zero bytes, so that a kernel
 * may read beyond their end. Each 16 KiB block before the block hashes has a hash there; hashes and
 * table have one in the footer; the footer has one of itself, and that is what a manifest keeps of
 * the file. E-1: header and footer are sound, and of the file that was asked for.  E-2: the table
 * is sound.  E-3: sections lie in order, aligned, inside the file.  E-4: a block has the hash that
 * it had when it was written. */
#ifndef QI_CODEC_ENVELOPE_H
#define QI_CODEC_ENVELOPE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/vec.h"
#include "base/view.h"

#ifndef QI_ENVELOPE_BLOCK_BYTES
#define QI_ENVELOPE_BLOCK_BYTES 16384 /* a test builds the library with small ones */
#endif

enum {
    QI_ENVELOPE_BLOCK = QI_ENVELOPE_BLOCK_BYTES,
    QI_ENVELOPE_ALIGN = 64,
    QI_ENVELOPE_HEADER = 64,
    QI_ENVELOPE_FOOTER = 40,
    QI_ENVELOPE_SECTIONS = 4096 /* at most */
};

/* Which file it is. */
typedef struct qi_envelope_id {
    uint32_t kind;    /* four letters */
    uint8_t uuid[16]; /* of the index */
    uint64_t seq;     /* the file's own number */
} qi_envelope_id;

typedef struct qi_section {
    char name[8]; /* NUL-padded */
    uint64_t offset, length;
} qi_section;

/* ---- Writing ---- */

/* Collects what the trailer says. The caller writes the bytes and feeds each of them once, in
 * order. Exclusive. */
typedef struct qi_envelope_builder {
    QI_VEC(qi_section) sections;
    QI_VEC(uint64_t) hashes;
    qi_hash_state *block; /* of the block in progress */
    size_t in_block;
    uint64_t fed;
    bool failed; /* out of memory */
} qi_envelope_builder;

/* Errors: MEMORY. */
quire_status qi_envelope_builder_init(qi_envelope_builder *builder, quire_error *err);
void qi_envelope_builder_free(qi_envelope_builder *builder);

/* Append the header. */
void qi_envelope_header(qi_buf *out, const qi_envelope_id *id);

/* Hash bytes that go to the file. */
void qi_envelope_feed(qi_envelope_builder *builder, const void *bytes, size_t len);

/* Note a section. Its name has at most 8 bytes. */
void qi_envelope_section(qi_envelope_builder *builder, const char *name, uint64_t offset,
                         uint64_t length);

/* Append hashes, table and footer, after everything before was fed; `hash` is the footer's.
 * Errors: MEMORY, LIMIT. */
quire_status qi_envelope_trailer(qi_envelope_builder *builder, qi_buf *out, uint64_t *hash,
                                 quire_error *err);

/* ---- Reading ---- */

/* An open envelope: points into the bytes it was opened on. Immutable. */
typedef struct qi_envelope {
    const uint8_t *bytes;
    uint64_t body; /* bytes before the block hashes */
    const uint8_t *hashes;
    const uint8_t *table;
    uint32_t section_count;
    uint64_t hash; /* the footer's */
} qi_envelope;

/* Prove header, footer and table. Errors: FORMAT (not a file of Quire's, or of a newer version),
 * CORRUPT naming `file`. */
quire_status qi_envelope_open(qi_envelope *out, const uint8_t *bytes, size_t len,
                              const qi_envelope_id *id, const char *file, quire_error *err);

/* A section by name; at == NULL if there is none. */
qi_view qi_envelope_find(const qi_envelope *envelope, const char *name);

/* Number of blocks; and prove block `i`. Errors: CORRUPT. */
size_t qi_envelope_blocks(const qi_envelope *envelope);
quire_status qi_envelope_verify(const qi_envelope *envelope, size_t i, const char *file,
                                quire_error *err);

#endif
