/* SPDX-License-Identifier: MIT
 * search/print.h - a tree as text.
 *
 * The canonical text of a tree reads back strictly as an equal tree, with the same language and,
 * where the root is a SMART, with SMART as the default operator; no other option of the reading
 * matters. */
#ifndef QI_SEARCH_PRINT_H
#define QI_SEARCH_PRINT_H

#include "base/buf.h"
#include "search/tree.h"

/* What a query is, lent by it; its canonical text is printed when somebody asks first, and empty
 * where there is no memory for it. Any thread. */
const quire_query_info *qi_print_describe(const quire_query *query);

/* Has it only ASCII letters and digits, which always mean themselves? */
bool qi_print_plain(quire_str text);

/* Append `text` as it must stand between quotes to mean itself. */
void qi_print_escaped(qi_buf *out, quire_str text);

#endif
