/* SPDX-License-Identifier: MIT
 * commit/check.h - proving the committed index, without writing anything. Any thread. */
#ifndef QI_COMMIT_CHECK_H
#define QI_COMMIT_CHECK_H

#include "commit/reader.h"
#include "segment/check.h"

/* Check every segment of the newest commit (of the one before, if the reader opens that) and its
 * deleted documents. Faults are told to `check`, and checking goes on behind them. Errors: IO,
 * MEMORY. */
quire_status qi_check_commit(qi_check *check, const qi_reader *reader, quire_error *err);

#endif
