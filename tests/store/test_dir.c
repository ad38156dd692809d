/* SPDX-License-Identifier: MIT
 * What every folder does (each test runs on a real one and one in memory), and what only a real one
 * does. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/dir.h"
#include "support/temp.h"

static quire_error err;
static qi_dir *dir;
static char path[256];

static void open_posix(void)
{
    temp_folder(path, sizeof path);
    ck_assert_int_eq(qi_dir_open_posix(&dir, path, false, &err), QUIRE_OK);
}

static void open_ram(void)
{
    path[0] = '\0';
    ck_assert_int_eq(qi_dir_open_ram(&dir, &err), QUIRE_OK);
}

static void close_both(void)
{
    qi_dir_free(dir);
    if (path[0] != '\0')
        temp_remove(path);
}

static void put(const char *name, const void *bytes, size_t len)
{
    qi_out out;
    ck_assert_int_eq(dir->ops->create(dir, name, &out, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->append(&out, bytes, len, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->close(&out, true, &err), QUIRE_OK);
}

static void assert_holds(const char *name, const void *bytes, size_t len)
{
    qi_bytes map;
    ck_assert_int_eq(dir->ops->map(dir, name, &map, &err), QUIRE_OK);
    ck_assert_uint_eq(map.len, len);
    if (len != 0)
        ck_assert_mem_eq(map.at, bytes, len);
    dir->ops->unmap(dir, &map);
    ck_assert_ptr_null(map.at);
}

static bool count_name(void *payload, const char *name)
{
    (void)name;
    ++*(int *)payload;
    return true;
}

static int names(void)
{
    int count = 0;
    ck_assert_int_eq(dir->ops->list(dir, count_name, &count, &err), QUIRE_OK);
    return count;
}

START_TEST(what_is_appended_is_mapped)
{
    static uint8_t big[300000];
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 7 + i / 251);
    qi_out out;
    ck_assert_int_eq(dir->ops->create(dir, "s-1.seg", &out, &err), QUIRE_OK);
    for (size_t done = 0; done < sizeof big;) {
        size_t part = done % 977 < sizeof big - done ? done % 977 + 1 : sizeof big - done;
        ck_assert_int_eq(dir->ops->append(&out, big + done, part, &err), QUIRE_OK);
        done += part;
        ck_assert_uint_eq(out.written, done);
    }
    ck_assert_int_eq(dir->ops->append(&out, NULL, 0, &err), QUIRE_OK);
    uint8_t back[100];
    ck_assert_int_eq(dir->ops->read_back(&out, 123456, back, sizeof back, &err), QUIRE_OK);
    ck_assert_mem_eq(back, big + 123456, sizeof back);
    ck_assert_int_eq(dir->ops->read_back(&out, sizeof big - 99, back, sizeof back, &err),
                     QUIRE_ERR_MISUSE);
    ck_assert_int_eq(dir->ops->read_back(&out, UINT64_MAX, back, 1, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(dir->ops->close(&out, true, &err), QUIRE_OK);
    ck_assert_ptr_null(out.owner);
    assert_holds("s-1.seg", big, sizeof big);
}
END_TEST

START_TEST(a_map_that_rested_holds_what_it_held)
{
    static uint8_t big[300000];
    qi_bytes bytes;
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 11 + i / 241);
    put("s-1.seg", big, sizeof big);
    ck_assert_int_eq(dir->ops->map(dir, "s-1.seg", &bytes, &err), QUIRE_OK);
    for (int i = 0; i < 3; i++) {
        if (dir->ops->rest != NULL)
            dir->ops->rest(dir, &bytes);
        ck_assert_uint_eq(bytes.len, sizeof big);
        ck_assert_mem_eq(bytes.at, big, sizeof big);
    }
    dir->ops->unmap(dir, &bytes);
}
END_TEST

START_TEST(an_empty_file_maps_to_nothing)
{
    put("empty", NULL, 0);
    assert_holds("empty", NULL, 0);
}
END_TEST

START_TEST(a_name_is_created_once)
{
    qi_out out;
    put("a", "1", 1);
    ck_assert_int_eq(dir->ops->create(dir, "a", &out, &err), QUIRE_ERR_EXISTS);
    ck_assert_ptr_null(out.owner);
    assert_holds("a", "1", 1);
}
END_TEST

START_TEST(a_missing_file_is_not_found)
{
    qi_bytes map;
    ck_assert_int_eq(dir->ops->map(dir, "absent", &map, &err), QUIRE_ERR_NOT_FOUND);
    ck_assert_ptr_null(map.at);
    ck_assert_int_eq(dir->ops->remove(dir, "absent", &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->publish(dir, "absent", "b", &err), QUIRE_ERR_IO);
}
END_TEST

START_TEST(a_map_outlives_removal_and_replacement)
{
    qi_bytes removed, replaced;
    put("a", "one", 3);
    put("b", "two", 3);
    put("c", "three", 5);
    ck_assert_int_eq(dir->ops->map(dir, "a", &removed, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->map(dir, "b", &replaced, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->remove(dir, "a", &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->publish(dir, "c", "b", &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->sync_dir(dir, &err), QUIRE_OK);
    ck_assert_mem_eq(removed.at, "one", 3);
    ck_assert_mem_eq(replaced.at, "two", 3);
    assert_holds("b", "three", 5);
    ck_assert_int_eq(names(), 1);
    dir->ops->unmap(dir, &removed);
    dir->ops->unmap(dir, &replaced);
}
END_TEST

static bool stop_at_once(void *payload, const char *name)
{
    count_name(payload, name);
    return false;
}

START_TEST(list_tells_every_name_until_told_to_stop)
{
    put("a", "", 0);
    put("b", "", 0);
    put("c", "", 0);
    ck_assert_int_eq(names(), 3);
    int count = 0;
    ck_assert_int_eq(dir->ops->list(dir, stop_at_once, &count, &err), QUIRE_OK);
    ck_assert_int_eq(count, 1);
}
END_TEST

static bool remove_name(void *payload, const char *name)
{
    qi_dir *from = payload;
    ck_assert_int_eq(from->ops->remove(from, name, &err), QUIRE_OK);
    return true;
}

START_TEST(files_may_be_removed_while_they_are_listed)
{
    for (char name[] = "a"; name[0] <= 'z'; name[0]++)
        put(name, "x", 1);
    ck_assert_int_eq(dir->ops->list(dir, remove_name, dir, &err), QUIRE_OK);
    ck_assert_int_eq(names(), 0);
}
END_TEST

START_TEST(an_exclusive_lock_excludes_all_others_on_its_byte)
{
    qi_lock writer, other, pin;
    bool locked;
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, true, &writer, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->lock_check(&writer, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, true, &other, &err), QUIRE_ERR_BUSY);
    ck_assert_ptr_nonnull(strstr(err.message, "this process"));
    ck_assert_ptr_null(other.owner);
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, false, &other, &err), QUIRE_ERR_BUSY);
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_PIN + 1, false, &pin, &err), QUIRE_OK);
    dir->ops->unlock(&writer);
    dir->ops->unlock(&writer);
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, true, &writer, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_WRITER, 1, &locked, &err), QUIRE_OK);
    ck_assert(locked);
    dir->ops->unlock(&writer);
    ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_WRITER, 1, &locked, &err), QUIRE_OK);
    ck_assert(!locked);
    dir->ops->unlock(&pin);
}
END_TEST

START_TEST(shared_locks_are_counted_one_by_one)
{
    qi_lock writer, pins[3];
    bool locked;
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, true, &writer, &err), QUIRE_OK);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_PIN + 7, false, &pins[i], &err), QUIRE_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_PIN, 8, &locked, &err), QUIRE_OK);
        ck_assert(locked);
        ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_PIN, 7, &locked, &err), QUIRE_OK);
        ck_assert(!locked);
        ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_PIN + 8, 100, &locked, &err), QUIRE_OK);
        ck_assert(!locked);
        dir->ops->unlock(&pins[i]);
    }
    ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_PIN, 8, &locked, &err), QUIRE_OK);
    ck_assert(!locked);
    ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_PIN, 0, &locked, &err), QUIRE_OK);
    ck_assert(!locked);
    dir->ops->unlock(&writer);
}
END_TEST

static quire_status try_everything(void)
{
    qi_out out;
    qi_bytes map = {0};
    qi_lock lock = {0};
    quire_status status = dir->ops->create(dir, "x", &out, &err);
    if (status == QUIRE_OK)
        status = dir->ops->append(&out, "abc", 3, &err);
    if (out.owner != NULL) {
        quire_status closed = dir->ops->close(&out, true, &err);
        status = status == QUIRE_OK ? closed : status;
    }
    if (status == QUIRE_OK)
        status = dir->ops->publish(dir, "x", "y", &err);
    if (status == QUIRE_OK)
        status = dir->ops->map(dir, "y", &map, &err);
    if (status == QUIRE_OK)
        status = dir->ops->lock(dir, QI_LOCK_WRITER, true, &lock, &err);
    int count = 0;
    if (status == QUIRE_OK)
        status = dir->ops->list(dir, count_name, &count, &err);
    dir->ops->unlock(&lock);
    dir->ops->unmap(dir, &map);
    return status;
}

START_TEST(running_out_of_memory_anywhere_is_reported_and_leaks_nothing)
{
    quire_status status = QUIRE_ERR_MEMORY;
    for (unsigned long nth = 1; status != QUIRE_OK; nth++) {
        ck_assert_uint_lt(nth, 100);
        qi_mem_fail(nth, false);
        status = try_everything();
        qi_mem_fail(0, false);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
        ck_assert_int_eq(dir->ops->remove(dir, "x", &err), QUIRE_OK);
        if (status != QUIRE_OK)
            ck_assert_int_eq(dir->ops->remove(dir, "y", &err), QUIRE_OK);
    }
    assert_holds("y", "abc", 3);
}
END_TEST

static void *write_and_map_many(void *payload)
{
    for (int i = 0; i < 200; i++) {
        char name[32], temp[32];
        quire_error own;
        qi_out out;
        qi_bytes map;
        qi_lock pin;
        snprintf(name, sizeof name, "t%d-%d", *(int *)payload, i);
        snprintf(temp, sizeof temp, "temp%d", *(int *)payload);
        bool fine = dir->ops->create(dir, temp, &out, &own) == QUIRE_OK &&
                    dir->ops->append(&out, name, strlen(name), &own) == QUIRE_OK &&
                    dir->ops->close(&out, false, &own) == QUIRE_OK &&
                    dir->ops->publish(dir, temp, name, &own) == QUIRE_OK &&
                    dir->ops->lock(dir, QI_LOCK_PIN + 5, false, &pin, &own) == QUIRE_OK &&
                    dir->ops->map(dir, name, &map, &own) == QUIRE_OK && map.len == strlen(name) &&
                    memcmp(map.at, name, map.len) == 0 &&
                    dir->ops->remove(dir, name, &own) == QUIRE_OK;
        if (!fine)
            return payload;
        dir->ops->unmap(dir, &map);
        dir->ops->unlock(&pin);
    }
    return NULL;
}

START_TEST(threads_share_a_folder)
{
    pthread_t threads[4];
    int numbers[4] = {0, 1, 2, 3};
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_and_map_many, &numbers[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
}
END_TEST

/* ---- Real folders only ---- */

static int run_child(int (*body)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        _exit(body());
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static qi_lock held;

static int lock_in_another_process(void)
{
    qi_dir *own;
    qi_lock lock;
    if (qi_dir_open_posix(&own, path, false, &err) != QUIRE_OK)
        return 100;
    quire_status status = own->ops->lock(own, QI_LOCK_WRITER, true, &lock, &err);
    return -(int)status;
}

START_TEST(a_lock_excludes_other_processes_and_other_handles)
{
    qi_dir *again;
    qi_lock other;
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, true, &held, &err), QUIRE_OK);
    ck_assert_int_eq(run_child(lock_in_another_process), -QUIRE_ERR_BUSY);
    ck_assert_int_eq(qi_dir_open_posix(&again, path, false, &err), QUIRE_OK);
    ck_assert_int_eq(again->ops->lock(again, QI_LOCK_WRITER, true, &other, &err), QUIRE_ERR_BUSY);
    dir->ops->unlock(&held);
    ck_assert_int_eq(run_child(lock_in_another_process), 0);
    ck_assert_int_eq(again->ops->lock(again, QI_LOCK_WRITER, true, &other, &err), QUIRE_OK);
    again->ops->unlock(&other);
    qi_dir_free(again);
}
END_TEST

static int check_inherited_lock(void)
{
    quire_status status = held.dir->ops->lock_check(&held, &err);
    held.dir->ops->unlock(&held);
    return -(int)status;
}

START_TEST(a_lock_does_not_cross_a_fork_and_the_child_does_not_release_it)
{
    qi_lock pin;
    bool locked;
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, true, &held, &err), QUIRE_OK);
    ck_assert_int_eq(run_child(check_inherited_lock), -QUIRE_ERR_MISUSE);
    ck_assert_int_eq(dir->ops->lock_check(&held, &err), QUIRE_OK);
    ck_assert_int_eq(run_child(lock_in_another_process), -QUIRE_ERR_BUSY);
    dir->ops->unlock(&held);
    put("a", "", 0);
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_PIN + 3, false, &pin, &err), QUIRE_OK);
    held = pin;
    ck_assert_int_eq(run_child(check_inherited_lock), -QUIRE_ERR_MISUSE);
    ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_PIN + 3, 1, &locked, &err), QUIRE_OK);
    ck_assert(locked);
    dir->ops->unlock(&pin);
}
END_TEST

/* A process takes the lock, forks a child that lives on, and is killed. */
static int die_with_a_child_alive(void)
{
    if (dir->ops->lock(dir, QI_LOCK_WRITER, true, &held, &err) != QUIRE_OK)
        return 1;
    int pipes[2];
    if (pipe(pipes) != 0)
        return 2;
    pid_t child = fork();
    if (child == 0) {
        char byte = 'x';
        if (write(pipes[1], &byte, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    char byte;
    char pid_path[300];
    if (read(pipes[0], &byte, 1) != 1)
        return 3;
    snprintf(pid_path, sizeof pid_path, "%s/pid", path);
    FILE *f = fopen(pid_path, "w");
    fprintf(f, "%d", (int)child);
    fclose(f);
    raise(SIGKILL);
    return 4;
}

START_TEST(a_killed_writer_leaves_no_lock_even_if_its_child_lives)
{
    char pid_path[300];
    int child = 0;
    ck_assert_int_eq(run_child(die_with_a_child_alive), 128 + SIGKILL);
    quire_status status = dir->ops->lock(dir, QI_LOCK_WRITER, true, &held, &err);
    snprintf(pid_path, sizeof pid_path, "%s/pid", path);
    FILE *f = fopen(pid_path, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fscanf(f, "%d", &child), 1);
    fclose(f);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(status, QUIRE_OK);
    dir->ops->unlock(&held);
}
END_TEST

START_TEST(a_lock_file_that_is_replaced_is_noticed)
{
    char lock_path[300];
    snprintf(lock_path, sizeof lock_path, "%s/q.lock", path);
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, true, &held, &err), QUIRE_OK);
    ck_assert_int_eq(unlink(lock_path), 0);
    ck_assert_int_eq(dir->ops->lock_check(&held, &err), QUIRE_ERR_IO);
    int fd = open(lock_path, O_CREAT | O_RDWR, 0666);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(dir->ops->lock_check(&held, &err), QUIRE_ERR_IO);
    dir->ops->unlock(&held);
}
END_TEST

START_TEST(a_reader_makes_no_lock_file_and_does_without)
{
    qi_lock pin;
    bool locked;
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_PIN + 1, false, &pin, &err), QUIRE_OK);
    ck_assert_ptr_null(pin.owner);
    ck_assert_int_eq(names(), 0);
    ck_assert_int_eq(dir->ops->locked(dir, QI_LOCK_PIN, 100, &locked, &err), QUIRE_OK);
    ck_assert(!locked);
    dir->ops->unlock(&pin);
}
END_TEST

START_TEST(links_pipes_and_folders_are_not_read)
{
    char name[300];
    qi_bytes map;
    qi_lock lock;
    put("real", "x", 1);
    snprintf(name, sizeof name, "%s/link", path);
    ck_assert_int_eq(symlink("real", name), 0);
    ck_assert_int_eq(dir->ops->map(dir, "link", &map, &err), QUIRE_ERR_IO);
    ck_assert_int_eq(err.os_error, ELOOP);
    snprintf(name, sizeof name, "%s/pipe", path);
    ck_assert_int_eq(mkfifo(name, 0666), 0);
    ck_assert_int_eq(dir->ops->map(dir, "pipe", &map, &err), QUIRE_ERR_IO);
    snprintf(name, sizeof name, "%s/folder", path);
    ck_assert_int_eq(mkdir(name, 0777), 0);
    ck_assert_int_eq(dir->ops->map(dir, "folder", &map, &err), QUIRE_ERR_IO);
    snprintf(name, sizeof name, "%s/q.lock", path);
    ck_assert_int_eq(symlink("real", name), 0);
    ck_assert_int_eq(dir->ops->lock(dir, QI_LOCK_WRITER, true, &lock, &err), QUIRE_ERR_IO);
}
END_TEST

START_TEST(names_that_lead_elsewhere_are_refused)
{
    static const char *const bad[] = {"", ".", "..", "../x", "a/b", "/etc/passwd"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        qi_bytes map;
        qi_out out;
        ck_assert_int_eq(dir->ops->map(dir, bad[i], &map, &err), QUIRE_ERR_MISUSE);
        ck_assert_int_eq(dir->ops->create(dir, bad[i], &out, &err), QUIRE_ERR_MISUSE);
        ck_assert_int_eq(dir->ops->remove(dir, bad[i], &err), QUIRE_ERR_MISUSE);
        ck_assert_int_eq(dir->ops->publish(dir, bad[i], "a", &err), QUIRE_ERR_MISUSE);
        ck_assert_int_eq(dir->ops->publish(dir, "a", bad[i], &err), QUIRE_ERR_MISUSE);
    }
}
END_TEST

START_TEST(a_folder_is_made_one_level_deep_only_if_asked)
{
    char name[300], below[310];
    qi_dir *made;
    snprintf(name, sizeof name, "%s/new", path);
    snprintf(below, sizeof below, "%s/new/er", path);
    ck_assert_int_eq(qi_dir_open_posix(&made, name, false, &err), QUIRE_ERR_NOT_FOUND);
    ck_assert_ptr_null(made);
    ck_assert_int_eq(qi_dir_open_posix(&made, below, true, &err), QUIRE_ERR_IO);
    ck_assert_int_eq(qi_dir_open_posix(&made, name, true, &err), QUIRE_OK);
    qi_dir_free(made);
    ck_assert_int_eq(qi_dir_open_posix(&made, name, true, &err), QUIRE_OK);
    qi_dir_free(made);
    put("file", "", 0);
    snprintf(name, sizeof name, "%s/file", path);
    ck_assert_int_eq(qi_dir_open_posix(&made, name, false, &err), QUIRE_ERR_FORMAT);
}
END_TEST

START_TEST(a_folder_may_be_renamed_while_it_is_open)
{
    char moved[300];
    put("a", "1", 1);
    snprintf(moved, sizeof moved, "%s-moved", path);
    ck_assert_int_eq(rename(path, moved), 0);
    put("b", "2", 1);
    assert_holds("a", "1", 1);
    assert_holds("b", "2", 1);
    ck_assert_int_eq(rename(moved, path), 0);
}
END_TEST

static int files_stay_clear_of_the_standard_streams(void)
{
    char standard[1] = {'!'};
    qi_dir *own;
    qi_out out;
    qi_lock lock;
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    if (qi_dir_open_posix(&own, path, false, &err) != QUIRE_OK ||
        own->ops->create(own, "clear", &out, &err) != QUIRE_OK ||
        own->ops->lock(own, QI_LOCK_WRITER, true, &lock, &err) != QUIRE_OK)
        return 1;
    for (int fd = 0; fd < 3; fd++)
        if (write(fd, standard, 1) != -1 || errno != EBADF)
            return 2;
    return own->ops->append(&out, "ok", 2, &err) == QUIRE_OK &&
                   own->ops->close(&out, true, &err) == QUIRE_OK
               ? 0
               : 3;
}

START_TEST(descriptors_are_never_those_of_the_standard_streams)
{
    ck_assert_int_eq(run_child(files_stay_clear_of_the_standard_streams), 0);
    assert_holds("clear", "ok", 2);
}
END_TEST

static int count_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

START_TEST(maps_hold_no_descriptors)
{
    qi_bytes maps[20];
    put("a", "x", 1);
    int before = count_descriptors();
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(dir->ops->map(dir, "a", &maps[i], &err), QUIRE_OK);
    ck_assert_int_eq(count_descriptors(), before);
    for (int i = 0; i < 20; i++)
        dir->ops->unmap(dir, &maps[i]);
}
END_TEST

START_TEST(a_full_disk_is_an_error_with_its_number)
{
    qi_out out;
    struct stat st;
    if (stat("/dev/full", &st) != 0)
        return;
    static uint8_t block[1 << 16];
    ck_assert_int_eq(dir->ops->create(dir, "full", &out, &err), QUIRE_OK);
    /* The descriptor behind it becomes one that is always full. */
    int full = open("/dev/full", O_RDWR);
    int last = -1;
    for (int fd = 3; fd < 256; fd++) {
        char link[64], target[512];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, target, sizeof target - 1);
        if (n > 5 && memcmp(target + n - 5, "/full", 5) == 0 && fd != full)
            last = fd;
    }
    ck_assert_int_ge(last, 3);
    ck_assert_int_eq(dup2(full, last), last);
    close(full);
    ck_assert_int_eq(dir->ops->append(&out, block, sizeof block, &err), QUIRE_ERR_IO);
    ck_assert_int_eq(err.os_error, ENOSPC);
    ck_assert_int_eq(dir->ops->append(&out, block, 1, &err), QUIRE_ERR_IO);
    ck_assert_int_eq(dir->ops->close(&out, true, &err), QUIRE_ERR_IO);
    ck_assert_ptr_null(out.owner);
}
END_TEST

static void add_common(TCase *t)
{
    tcase_add_test(t, what_is_appended_is_mapped);
    tcase_add_test(t, a_map_that_rested_holds_what_it_held);
    tcase_add_test(t, an_empty_file_maps_to_nothing);
    tcase_add_test(t, a_name_is_created_once);
    tcase_add_test(t, a_missing_file_is_not_found);
    tcase_add_test(t, a_map_outlives_removal_and_replacement);
    tcase_add_test(t, list_tells_every_name_until_told_to_stop);
    tcase_add_test(t, files_may_be_removed_while_they_are_listed);
    tcase_add_test(t, an_exclusive_lock_excludes_all_others_on_its_byte);
    tcase_add_test(t, shared_locks_are_counted_one_by_one);
    tcase_add_test(t, running_out_of_memory_anywhere_is_reported_and_leaks_nothing);
    tcase_add_test(t, threads_share_a_folder);
}

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("store.dir");
    TCase *t = tcase_create("posix");
    tcase_add_checked_fixture(t, open_posix, close_both);
    add_common(t);
    tcase_add_test(t, a_lock_excludes_other_processes_and_other_handles);
    tcase_add_test(t, a_lock_does_not_cross_a_fork_and_the_child_does_not_release_it);
    tcase_add_test(t, a_killed_writer_leaves_no_lock_even_if_its_child_lives);
    tcase_add_test(t, a_lock_file_that_is_replaced_is_noticed);
    tcase_add_test(t, a_reader_makes_no_lock_file_and_does_without);
    tcase_add_test(t, links_pipes_and_folders_are_not_read);
    tcase_add_test(t, names_that_lead_elsewhere_are_refused);
    tcase_add_test(t, a_folder_is_made_one_level_deep_only_if_asked);
    tcase_add_test(t, a_folder_may_be_renamed_while_it_is_open);
    tcase_add_test(t, descriptors_are_never_those_of_the_standard_streams);
    tcase_add_test(t, maps_hold_no_descriptors);
    tcase_add_test(t, a_full_disk_is_an_error_with_its_number);
    suite_add_tcase(s, t);
    t = tcase_create("memory");
    tcase_add_checked_fixture(t, open_ram, close_both);
    add_common(t);
    suite_add_tcase(s, t);
    return s;
}
