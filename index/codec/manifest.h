/* SPDX-License-Identifier: MIT
 * codec/manifest.h - the record of a commit: which files make up the index, and the commit before.
 *
 * The file MANIFEST is replaced as a whole at each commit. It tells the length and the hash of the
 * trailer of every file, so that none that is stale, cut, foreign or swapped goes unnoticed, and it
 * carries the list of the previous commit too, whose files are kept until the next one. */
#ifndef QI_CODEC_MANIFEST_H
#define QI_CODEC_MANIFEST_H

#include "codec/schema.h"

#define QI_MANIFEST_NAME "MANIFEST"
#define QI_MANIFEST_TEMP "MANIFEST.tmp"

enum {
    QI_MANIFEST_MAX = 16 << 20,         /* bytes of the file */
    QI_MANIFEST_PAYLOAD_MAX = 64 << 10, /* bytes of a commit's payload */
    QI_MANIFEST_NAME_ROOM = 48          /* bytes of a file name */
};

/* A segment: "s-<seq>.seg", and if some of its documents are deleted "d-<seq>-<deletes>.del". Every
 * file of an index has a number of its own, seq or deletes, which is never given again. */
typedef struct qi_manifest_entry {
    uint64_t seq, length, hash; /* length in bytes; hash of the trailer */
    uint32_t documents, deleted;
    uint64_t deletes; /* number of the file of deletes; 0: none */
    uint64_t deletes_length, deletes_hash;
} qi_manifest_entry;

/* A commit. */
typedef struct qi_manifest_commit {
    uint64_t generation;               /* 0: there is none */
    quire_str payload;                 /* owned */
    QI_VEC(qi_manifest_entry) entries; /* by increasing seq */
} qi_manifest_commit;

typedef struct qi_manifest {
    uint8_t uuid[16];     /* of the index */
    uint64_t next;        /* greater than the number of any file */
    quire_schema *schema; /* a share */
    qi_manifest_commit current, previous;
} qi_manifest;

/* Fill `out` with copies. MEMORY; then it is empty. */
quire_status qi_manifest_commit_make(qi_manifest_commit *out, uint64_t generation,
                                     const qi_manifest_entry *entries, size_t count,
                                     quire_str payload, quire_error *err);
void qi_manifest_commit_free(qi_manifest_commit *commit);

/* The entry of segment `seq`, or NULL. */
const qi_manifest_entry *qi_manifest_commit_find(const qi_manifest_commit *commit, uint64_t seq);

/* Append the bytes of the file. They can exceed QI_MANIFEST_MAX; check out->len. */
void qi_manifest_encode(const qi_manifest *manifest, qi_buf *out);

/* Do the bytes begin as those of an index do, whatever its format? Any thread. */
bool qi_manifest_known(const void *bytes, size_t len);

/* Read the bytes of the file. FORMAT if they are not of an index, or of a newer format than this
 * one; CORRUPT for any other fault; MEMORY. `folder` is named in messages. */
quire_status qi_manifest_decode(qi_manifest *out, const void *bytes, size_t len, const char *folder,
                                quire_error *err);

/* Free what it holds; empty it is fine. */
void qi_manifest_free(qi_manifest *manifest);

/* Names of files. */
void qi_manifest_segment_name(char out[QI_MANIFEST_NAME_ROOM], uint64_t seq);
void qi_manifest_deletes_name(char out[QI_MANIFEST_NAME_ROOM], uint64_t seq, uint64_t deletes);

/* Take a name apart; *deletes is 0 for a segment. False if it is not exactly a name that the above
 * give. */
bool qi_manifest_parse_name(const char *name, uint64_t *seq, uint64_t *deletes);

#endif
