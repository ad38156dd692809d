/* SPDX-License-Identifier: MIT
 * The main of every test program: runs its suite. Each test runs in a process of its own unless
 * CK_FORK=no, which sanitizer builds set. */
#include <check.h>
#include <stdlib.h>

Suite *suite(void);

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
