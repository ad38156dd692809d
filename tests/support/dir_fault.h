/* SPDX-License-Identifier: MIT
 * support/dir_fault.h - a folder whose n-th operation fails.
 *
 * Operations that can fail are counted: all but unmap, unlock and lock_check. A failing append
 * writes half of its bytes, a failing close closes without a sync, any other does nothing. */
#ifndef SUPPORT_DIR_FAULT_H
#define SUPPORT_DIR_FAULT_H

#include "store/dir.h"

/* Wrap a folder, which then belongs to the wrapper. */
qi_dir *fault_new(qi_dir *inner);

/* Fail the `nth` operation from now on (1 is the next; 0: none) with `os_error`, and those after it
 * too if `sticky`. Returns how many operations were counted since the last call. */
unsigned long fault_arm(qi_dir *dir, unsigned long nth, int os_error, bool sticky);

/* How many operations failed since fault_new. */
unsigned long fault_failures(const qi_dir *dir);

/* True if a file was synced again after a failed sync since fault_new, or appended to after one
 * failed. */
bool fault_retried(const qi_dir *dir);

#endif
