/* SPDX-License-Identifier: MIT
 * bench/quire_bench.h - what the subcommands of quire-bench share. */
#ifndef QUIRE_BENCH_H
#define QUIRE_BENCH_H

#include <stddef.h>

#include "quire.h"

/* Subcommands; each returns an exit code. */
int bench_index(int argc, char **argv);
int bench_query(int argc, char **argv);

/* Print the message and exit with 2 unless the status is QUIRE_OK. */
void bench_check(quire_status status, const quire_error *err);

double bench_cpu_seconds(void);  /* of the process */
double bench_wall_seconds(void); /* monotonic */
long bench_peak_kilobytes(void); /* largest resident size so far */

/* The p-quantile (0 to 1) of `count` numbers, which are sorted on the way. */
double bench_quantile(double *numbers, size_t count, double p);

/* The next line of a file, without its end; NULL at the end of the file. Lent until the next call.
 */
char *bench_line(void *file, size_t *len);

#endif
