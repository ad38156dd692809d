/* SPDX-License-Identifier: MIT
 * A few places, each exchanged atomically: what is in a place is in nobody's hands, and what was
 * taken out of it is in one caller's alone. */
#include "base/spare.h"

#include <stdbool.h>
#include <stddef.h>

qi_spare *qi_spares_take(qi_spares *spares)
{
    for (int i = 0; i < QI_SPARES; i++) {
        if (__atomic_load_n(&spares->kept[i], __ATOMIC_RELAXED) == NULL)
            continue;
        qi_spare *spare = __atomic_exchange_n(&spares->kept[i], NULL, __ATOMIC_ACQUIRE);
        if (spare != NULL)
            return spare;
    }
    return NULL;
}

void qi_spares_give(qi_spares *spares, qi_spare *spare)
{
    for (int i = 0; i < QI_SPARES; i++) {
        qi_spare *none = NULL;
        if (__atomic_compare_exchange_n(&spares->kept[i], &none, spare, false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED))
            return;
    }
    spare->free(spare);
}

void qi_spares_free(qi_spares *spares)
{
    for (int i = 0; i < QI_SPARES; i++) {
        if (spares->kept[i] != NULL)
            spares->kept[i]->free(spares->kept[i]);
        spares->kept[i] = NULL;
    }
}
