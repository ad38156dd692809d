/* SPDX-License-Identifier: MIT
 * Covers: os.
 * A real folder whose system calls are interrupted, cut short, or fail. The calls are those below,
 * which take the place of the C library's in this program. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/dir.h"
#include "store/os.h"
#include "support/temp.h"

/* Which call misbehaves; the one after so many good ones. */
static struct {
    long call; /* a number of the system's; 0: none */
    int error; /* errno; 0: do a part of it only; -1: give nothing */
    int good;
} fault;

static bool faulty(long call)
{
    if (fault.call != call || fault.good-- > 0)
        return false;
    fault.call = 0;
    errno = fault.error;
    return true;
}

static size_t part_of(size_t len)
{
    return fault.error == 0 && len > 1 ? len / 2 : len;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    bool bad = faulty(SYS_pwrite64);
    if (bad && fault.error != 0)
        return fault.error < 0 ? 0 : -1;
    return syscall(SYS_pwrite64, fd, bytes, bad ? part_of(len) : len, at);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t at)
{
    bool bad = faulty(SYS_pread64);
    if (bad && fault.error != 0)
        return fault.error < 0 ? 0 : -1;
    return syscall(SYS_pread64, fd, bytes, bad ? part_of(len) : len, at);
}

int fsync(int fd)
{
    return faulty(SYS_fsync) ? -1 : (int)syscall(SYS_fsync, fd);
}

static bool refuse_maps;

void *mmap(void *where, size_t len, int protection, int flags, int fd, off_t at)
{
    if (refuse_maps && fd >= 0) {
        errno = ENODEV;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, where, len, protection, flags, fd, at);
}

ssize_t getrandom(void *bytes, size_t len, unsigned flags)
{
    bool bad = faulty(SYS_getrandom);
    if (bad && fault.error != 0)
        return -1;
    return syscall(SYS_getrandom, bytes, bad ? part_of(len) : len, flags);
}

static quire_error err;
static qi_dir *dir;
static char path[256];

static void setup(void)
{
    temp_folder(path, sizeof path);
    ck_assert_int_eq(qi_dir_open_posix(&dir, path, false, &err), QUIRE_OK);
}

static void teardown(void)
{
    fault.call = 0;
    qi_dir_free(dir);
    temp_remove(path);
}

static void arm(long call, int error, int good)
{
    fault.call = call;
    fault.error = error;
    fault.good = good;
}

/* Write a file in three pieces, read a bit back, sync. */
static quire_status write_file(const char *name, const uint8_t *bytes, size_t len)
{
    qi_out out;
    uint8_t back[10];
    quire_status status = dir->ops->create(dir, name, &out, &err);
    for (int i = 0; i < 3 && status == QUIRE_OK; i++)
        status = dir->ops->append(&out, bytes + len / 3 * (size_t)i,
                                  i == 2 ? len - len / 3 * 2 : len / 3, &err);
    if (status == QUIRE_OK)
        status = dir->ops->read_back(&out, 5, back, sizeof back, &err);
    if (status == QUIRE_OK && memcmp(back, bytes + 5, sizeof back) != 0)
        status = QUIRE_ERR_CORRUPT;
    quire_status closed = dir->ops->close(&out, true, &err);
    ck_assert_ptr_null(out.owner);
    return status == QUIRE_OK ? closed : status;
}

static const uint8_t *sample(size_t *len)
{
    static uint8_t bytes[5000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 13 + i / 256);
    *len = sizeof bytes;
    return bytes;
}

static void assert_holds(const char *name)
{
    qi_bytes map;
    size_t len;
    const uint8_t *bytes = sample(&len);
    ck_assert_int_eq(dir->ops->map(dir, name, &map, &err), QUIRE_OK);
    ck_assert_uint_eq(map.len, len);
    ck_assert_mem_eq(map.at, bytes, len);
    dir->ops->unmap(dir, &map);
}

START_TEST(interrupted_and_partial_calls_are_continued)
{
    static const long calls[] = {SYS_pwrite64, SYS_pread64};
    size_t len;
    const uint8_t *bytes = sample(&len);
    for (int c = 0; c < 2; c++)
        for (int good = 0; good < 3; good++)
            for (int partial = 0; partial < 2; partial++) {
                char name[32];
                snprintf(name, sizeof name, "f-%d-%d-%d", c, good, partial);
                arm(calls[c], partial ? 0 : EINTR, good);
                ck_assert_int_eq(write_file(name, bytes, len), QUIRE_OK);
                fault.call = 0;
                assert_holds(name);
            }
}
END_TEST

START_TEST(a_failed_write_or_sync_is_told_with_its_number)
{
    static const struct {
        long call;
        int error, told;
    } faults[] = {
        {SYS_pwrite64, ENOSPC, ENOSPC}, {SYS_pwrite64, EDQUOT, EDQUOT}, {SYS_pwrite64, EIO, EIO},
        {SYS_pwrite64, -1, ENOSPC},     {SYS_pread64, EIO, EIO},        {SYS_pread64, -1, EIO},
        {SYS_fsync, EIO, EIO},          {SYS_fsync, ENOSPC, ENOSPC},
    };
    size_t len;
    const uint8_t *bytes = sample(&len);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        err = (quire_error){0};
        arm(faults[i].call, faults[i].error, 0);
        ck_assert_int_eq(write_file("f", bytes, len), QUIRE_ERR_IO);
        if (faults[i].call != SYS_pwrite64) /* closing says that a write failed before */
            ck_assert_int_eq(err.os_error, faults[i].told);
        ck_assert_int_eq(dir->ops->remove(dir, "f", &err), QUIRE_OK);
    }
    ck_assert_int_eq(write_file("f", bytes, len), QUIRE_OK);
    assert_holds("f");
}
END_TEST

START_TEST(a_folder_that_cannot_be_synced_is_told)
{
    arm(SYS_fsync, EIO, 0);
    ck_assert_int_eq(dir->ops->sync_dir(dir, &err), QUIRE_ERR_IO);
    ck_assert_int_eq(err.os_error, EIO);
    arm(SYS_fsync, EINVAL, 0); /* a file system that has no such thing */
    ck_assert_int_eq(dir->ops->sync_dir(dir, &err), QUIRE_OK);
    char below[300];
    qi_dir *made;
    snprintf(below, sizeof below, "%s/new", path);
    arm(SYS_fsync, EIO, 0);
    ck_assert_int_eq(qi_dir_open_posix(&made, below, true, &err), QUIRE_ERR_IO);
    ck_assert_ptr_null(made);
    ck_assert_int_eq(qi_dir_open_posix(&made, below, true, &err), QUIRE_OK);
    qi_dir_free(made);
}
END_TEST

START_TEST(random_bytes_come_whole_or_not_at_all)
{
    uint8_t bytes[16] = {0}, zeros[16] = {0};
    arm(SYS_getrandom, EINTR, 0);
    ck_assert_int_eq(qi_os_random(bytes, sizeof bytes, &err), QUIRE_OK);
    arm(SYS_getrandom, 0, 0);
    ck_assert_int_eq(qi_os_random(bytes, sizeof bytes, &err), QUIRE_OK);
    ck_assert_mem_ne(bytes, zeros, 8);
    ck_assert_mem_ne(bytes + 8, zeros, 8);
    arm(SYS_getrandom, ENOSYS, 0);
    ck_assert_int_eq(qi_os_random(bytes, sizeof bytes, &err), QUIRE_ERR_IO);
}
END_TEST

/* With maps refused, as on a file system without, files are read. */
START_TEST(a_file_that_cannot_be_mapped_is_read)
{
    size_t len;
    qi_bytes map;
    const uint8_t *bytes = sample(&len);
    ck_assert_int_eq(write_file("f", bytes, len), QUIRE_OK);
    for (int round = 0; round < 5; round++) {
        static const int errors[] = {EINTR, 0, EIO, -1, ENOENT};
        arm(SYS_pread64, errors[round], 0);
        qi_mem_fail(round == 4 ? 1 : 0, false);
        refuse_maps = true;
        quire_status status = dir->ops->map(dir, "f", &map, &err);
        refuse_maps = false;
        qi_mem_fail(0, false);
        ck_assert_int_eq(status, round < 2   ? QUIRE_OK
                                 : round < 4 ? QUIRE_ERR_IO
                                             : QUIRE_ERR_MEMORY);
        if (status == QUIRE_OK)
            ck_assert_mem_eq(map.at, bytes, len);
        dir->ops->unmap(dir, &map);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("store.dir_posix");
    TCase *t = tcase_create("faults");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, interrupted_and_partial_calls_are_continued);
    tcase_add_test(t, a_failed_write_or_sync_is_told_with_its_number);
    tcase_add_test(t, a_folder_that_cannot_be_synced_is_told);
    tcase_add_test(t, a_file_that_cannot_be_mapped_is_read);
    tcase_add_test(t, random_bytes_come_whole_or_not_at_all);
    suite_add_tcase(s, t);
    return s;
}
