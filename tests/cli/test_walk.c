/* SPDX-License-Identifier: MIT
 * Ignore patterns by a table of cases, and a walk over a folder with every trap in it. */
#include "ignore.h"
#include "walk.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *suite(void);

static const struct {
    const char *rules, *path;
    bool folder, ignored;
} cases[] = {
    {"*.o", "a.o", false, true},
    {"*.o", "d/a.o", false, true},
    {"/a", "a", false, true},
    {"/a", "d/a", false, false},
    {"d/a", "x/d/a", false, false},
    {"**/d/a", "x/d/a", false, true},
    {"a/**/b", "a/b", false, true},
    {"a/**/b", "a/x/y/b", false, true},
    {"a/**", "a/x", false, true},
    {"a/**", "a", true, false},
    {"b/", "b", false, false},
    {"b/", "b", true, true},
    {"*.md\n!keep.md", "keep.md", false, false},
    {"# no\n\\#yes", "#yes", false, true},
    {"a?c", "abc", false, true},
    {"a?c", "a/c", false, false},
    {"[a-c]x", "bx", false, true},
    {"[!a-c]x", "bx", false, false},
    {"foo/*", "foo/a/b", false, false},
    {"trail  ", "trail", false, true},
    {"[broken", "[broken", false, false},
};

START_TEST(a_path_is_ignored_as_git_would)
{
    ignore_rules rules = {0};
    ignore_read(&rules, quire_cstr(cases[_i].rules), 0);
    ck_assert_msg(ignore_matches(&rules, cases[_i].path, cases[_i].folder) == cases[_i].ignored,
                  "%s | %s", cases[_i].rules, cases[_i].path);
    ignore_shrink(&rules, 0);
}
END_TEST

START_TEST(a_pattern_made_to_be_slow_ends_soon)
{
    char path[2000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    ck_assert(!ignore_glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", path));
    ck_assert(!ignore_glob("**/**/**/**/**/**/**/**/b", path));
}
END_TEST

static bytes log_;

static bool wanted(void *payload, const char *path, const struct stat *st)
{
    (void)payload;
    (void)path;
    (void)st;
    return true;
}

static bool file(void *payload, int fd, const char *path, const struct stat *st)
{
    struct stat now;
    (void)payload;
    ck_assert_int_eq(fstat(fd, &now), 0);
    ck_assert(S_ISREG(st->st_mode));
    bytes_printf(&log_, "%s ", strstr(path, "/tree") + 5);
    return true;
}

static bool problem(void *payload, const char *path, const char *why)
{
    (void)payload;
    (void)why;
    bytes_printf(&log_, "!%s ", strstr(path, "/tree") + 5);
    return true;
}

START_TEST(a_walk_meets_each_regular_file_once_and_nothing_else)
{
    char command[2048], root[] = "/tmp/quire-walk-XXXXXX", tree[64];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(
        command, sizeof command,
        "cd %s && mkdir -p tree/b/c tree/.git tree/skip tree/index && cd tree && "
        "touch a.md b/x.md b/c/y.md b/no.tmp .git/z.md skip/s.md .hidden.md index/i.md && "
        "ln -s ../.. b/up && ln -s /etc/passwd link.md && mkfifo pipe.md && ln -s nowhere dead && "
        "echo '*.tmp' > .gitignore && echo 'skip/' > .quireignore && echo '!no.tmp' > b/.gitignore",
        root);
    ck_assert_int_eq(system(command), 0);
    snprintf(tree, sizeof tree, "%s/tree", root);
    snprintf(command, sizeof command, "%s/tree/index", root);
    struct stat index;
    ck_assert_int_eq(stat(command, &index), 0);
    walk_visitor v = {.wanted = wanted,
                      .file = file,
                      .problem = problem,
                      .skip_device = index.st_dev,
                      .skip_inode = index.st_ino};
    ck_assert(walk_tree(tree, &v));
    ck_assert_str_eq(bytes_cstr(&log_), "/a.md /b/c/y.md /b/no.tmp /b/x.md ");
    snprintf(command, sizeof command, "rm -r %s", root);
    ck_assert_int_eq(system(command), 0);
    bytes_free(&log_);
}
END_TEST

Suite *suite(void)
{
    Suite *s = suite_create("cli.walk");
    TCase *t = tcase_create("walk");
    tcase_add_loop_test(t, a_path_is_ignored_as_git_would, 0, sizeof cases / sizeof *cases);
    tcase_add_test(t, a_pattern_made_to_be_slow_ends_soon);
    tcase_add_test(t, a_walk_meets_each_regular_file_once_and_nothing_else);
    suite_add_tcase(s, t);
    return s;
}
