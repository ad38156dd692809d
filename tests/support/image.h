/* SPDX-License-Identifier: MIT
 * support/image.h - the files of a folder as bytes that a test may damage, and a folder that shows
 * them to a reader.
 *
 * Each file is a block of the heap of just its length, so that the address sanitizer sees a read
 * past its end. The folder refuses to be written, and counts who tried. */
#ifndef SUPPORT_IMAGE_H
#define SUPPORT_IMAGE_H

#include "store/dir.h"

enum { IMAGE_FILES = 16, IMAGE_NAME_ROOM = 48 };

typedef struct image_file {
    char name[IMAGE_NAME_ROOM];
    uint8_t *bytes;
    size_t len;
} image_file;

typedef struct image {
    image_file files[IMAGE_FILES];
    size_t count;
} image;

/* Copy every file of a folder. Files are ordered by name; q.lock is left out. Aborts on failure. */
void image_take(image *out, qi_dir *dir);

/* A copy of its own. */
void image_copy(image *out, const image *from);
void image_free(image *all);

/* The file of this name, or NULL. */
image_file *image_find(image *all, const char *name);

/* Give a file other contents. */
void image_set(image_file *file, const void *bytes, size_t len);

/* One hash of all names and contents. */
uint64_t image_hash(const image *all);

/* A folder that shows the files, as they are when they are mapped; `all` must outlive it. */
qi_dir *image_dir(const image *all);

/* How many operations that write were asked of the folder. */
unsigned long image_dir_writes(const qi_dir *dir);

/* Make the checksums of one file of bytes right again: header, blocks, table and footer of an
 * envelope, or the end of a manifest. What the table says is believed as far as it fits. */
void image_repair_file(uint8_t *bytes, size_t len);

/* Make every checksum right again, also those by which the manifest knows the files. */
void image_repair(image *all);

/* Cut the contents of an enveloped file to `body` bytes, and close it anew with right checksums;
 * sections lose what was cut. False if the file's own table cannot be read. */
bool image_cut(image_file *file, size_t body);

#endif
