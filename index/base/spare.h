/* SPDX-License-Identifier: MIT
 * base/spare.h - working memory that outlives the call that made it, to serve the next one.
 *
 * What is kept belongs to one immutable thing (a snapshot, a schema) and goes with it; a call takes
 * one for itself and gives it back. There is nothing to wait for: who finds none makes one, and who
 * finds no place for his frees it. */
#ifndef QI_BASE_SPARE_H
#define QI_BASE_SPARE_H

/* The head of everything that can be kept. */
typedef struct qi_spare {
    void (*free)(struct qi_spare *spare);
} qi_spare;

enum { QI_SPARES = 4 };

/* Zeros are an empty one. */
typedef struct qi_spares {
    qi_spare *kept[QI_SPARES];
} qi_spares;

/* One that nobody uses, or NULL. Any thread. */
qi_spare *qi_spares_take(qi_spares *spares);

/* Keep it for another call, or free it. Any thread. */
void qi_spares_give(qi_spares *spares, qi_spare *spare);

/* Free all that are kept. Exclusive. */
void qi_spares_free(qi_spares *spares);

#endif
