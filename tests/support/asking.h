/* SPDX-License-Identifier: MIT
 * support/asking.h - random query trees over the words of a naive index. */
#ifndef SUPPORT_ASKING_H
#define SUPPORT_ASKING_H

#include "support/naive.h"

typedef struct asking {
    const naive *index;
    qi_arena *memory;
    uint32_t prefixes; /* how many more of them the tree may hold: the oracle is slow on these */
} asking;

/* A random tree of at most `depth` levels of operators. All kinds of nodes occur. */
qi_node *asking_tree(asking *from, uint32_t depth);

/* Print a tree in one line. */
void asking_print(const qi_node *node);

#endif
