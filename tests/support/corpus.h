/* SPDX-License-Identifier: MIT
 * support/corpus.h - real texts and tables that a machine may have, and that are no part of the
 * project. */
#ifndef SUPPORT_CORPUS_H
#define SUPPORT_CORPUS_H

#include <stdio.h>

/* Open file `path` below $QUIRE_CORPORA (default: ~/.cache/quire-corpora), or `path` itself if it
 * begins with
 * '/'. If there is none, say on one line that what needs it is skipped, and return NULL. */
FILE *corpus_open(const char *path);

#endif
