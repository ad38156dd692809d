/* SPDX-License-Identifier: MIT
 * Locks on bytes of the file "q.lock" of a folder.
 *
 * They belong to an open file description (OFD locks), so that they hold between the handles of one
 * process as between processes, and a process that dies leaves none behind. Each lock has a
 * description of its own. The file is empty, made by the first writer, and never removed.
 *
 * A child of fork() shares the descriptions of its parent, and would keep the writer's lock after
 * the parent's death. Hence the one mutable global of the library, a list of the exclusive locks
 * held, which the child lets go of. It also tells "held by this process" apart. Shared locks may
 * stay in a child, for it may go on searching. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/dir_posix.h"

typedef struct held_lock {
    int fd; /* -1: in the child of a fork, where it does not hold */
    bool exclusive;
    uint64_t at;
    pid_t owner;
    dev_t device;
    ino_t inode;
    struct held_lock *next; /* of the exclusive ones */
} held_lock;

static const char LOCK_FILE[] = "q.lock";

static struct {
    pthread_once_t once;
    pthread_mutex_t mutex;
    held_lock *first;
    bool forgets; /* the handlers of fork are in place */
} exclusive_locks = {PTHREAD_ONCE_INIT, PTHREAD_MUTEX_INITIALIZER, NULL, false};

static void before_fork(void)
{
    pthread_mutex_lock(&exclusive_locks.mutex);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&exclusive_locks.mutex);
}

static void after_fork_in_child(void)
{
    for (held_lock *lock = exclusive_locks.first; lock != NULL; lock = lock->next) {
        close(lock->fd);
        lock->fd = -1;
    }
    exclusive_locks.first = NULL;
    pthread_mutex_unlock(&exclusive_locks.mutex);
}

static void watch_forks(void)
{
    exclusive_locks.forgets =
        pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
}

static bool remember(held_lock *lock)
{
    pthread_once(&exclusive_locks.once, watch_forks);
    pthread_mutex_lock(&exclusive_locks.mutex);
    lock->next = exclusive_locks.first;
    exclusive_locks.first = lock;
    pthread_mutex_unlock(&exclusive_locks.mutex);
    return exclusive_locks.forgets;
}

static void forget(const held_lock *lock)
{
    pthread_mutex_lock(&exclusive_locks.mutex);
    for (held_lock **link = &exclusive_locks.first; *link != NULL; link = &(*link)->next)
        if (*link == lock) {
            *link = lock->next;
            break;
        }
    pthread_mutex_unlock(&exclusive_locks.mutex);
}

static bool held_here(const held_lock *wanted)
{
    pthread_mutex_lock(&exclusive_locks.mutex);
    const held_lock *lock = exclusive_locks.first;
    while (lock != NULL && (lock->device != wanted->device || lock->inode != wanted->inode))
        lock = lock->next;
    pthread_mutex_unlock(&exclusive_locks.mutex);
    return lock != NULL;
}

static int set(int fd, short type, uint64_t at)
{
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)at, .l_len = 1};
    int result;
    do
        result = fcntl(fd, F_OFD_SETLK, &range);
    while (result != 0 && errno == EINTR);
    return result;
}

static int open_lock_file(const qi_dir *dir, int flags)
{
    return qi_dir_posix_openat(((const qi_dir_posix *)dir)->fd, LOCK_FILE,
                               flags | O_NOFOLLOW | O_NONBLOCK);
}

/* Is the lock's file the one that now has the name? */
static bool is_current(const qi_dir *dir, const held_lock *lock)
{
    struct stat now;
    return fstatat(((const qi_dir_posix *)dir)->fd, LOCK_FILE, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           now.st_dev == lock->device && now.st_ino == lock->inode;
}

static quire_status lock_exclusive(qi_dir *dir, held_lock *lock, quire_error *err)
{
    struct stat st;
    lock->fd = open_lock_file(dir, O_RDWR | O_CREAT);
    if (lock->fd < 0 || fstat(lock->fd, &st) != 0)
        return qi_fail_os(err, errno, "cannot open '%s' in '%.120s' for writing", LOCK_FILE,
                          dir->name);
    lock->device = st.st_dev;
    lock->inode = st.st_ino;
    if (set(lock->fd, F_WRLCK, lock->at) == 0)
        return QUIRE_OK;
    if (errno != EAGAIN && errno != EACCES)
        return qi_fail_os(err, errno, "cannot lock '%s' in '%.120s'", LOCK_FILE, dir->name);
    return qi_fail(err, QUIRE_ERR_BUSY, "another writer of %s holds '%.150s'",
                   held_here(lock) ? "this process" : "another process", dir->name);
}

static quire_status lock_shared(qi_dir *dir, held_lock *lock, quire_error *err)
{
    lock->fd = open_lock_file(dir, O_RDONLY);
    if (lock->fd >= 0 && set(lock->fd, F_RDLCK, lock->at) == 0)
        return QUIRE_OK;
    if (lock->fd >= 0 && (errno == EAGAIN || errno == EACCES))
        return qi_fail(err, QUIRE_ERR_BUSY, "a byte of '%s' in '%.150s' is locked", LOCK_FILE,
                       dir->name);
    switch (errno) {
    case ENOENT: /* no lock file, or a folder or file system that does not let us lock: do without
                  */
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOLCK:
    case EINVAL:
    case EOPNOTSUPP:
        return QUIRE_DONE;
    default:
        return qi_fail_os(err, errno, "cannot lock '%s' in '%.120s'", LOCK_FILE, dir->name);
    }
}

static void close_lock(held_lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    qi_mem_free(lock);
}

quire_status qi_dir_posix_lock(qi_dir *dir, uint64_t at, bool exclusive, qi_lock *out,
                               quire_error *err)
{
    *out = (qi_lock){0};
    held_lock *lock = qi_mem_new(1, sizeof *lock);
    if (lock == NULL)
        return qi_no_memory(err);
    *lock = (held_lock){.fd = -1, .exclusive = exclusive, .at = at, .owner = getpid()};
    quire_status status = exclusive ? lock_exclusive(dir, lock, err) : lock_shared(dir, lock, err);
    if (status == QUIRE_OK && exclusive && !remember(lock)) {
        forget(lock);
        status = qi_no_memory(err);
    }
    if (status == QUIRE_OK)
        *out = (qi_lock){dir, lock};
    else
        close_lock(lock);
    return status == QUIRE_DONE ? QUIRE_OK : status;
}

quire_status qi_dir_posix_lock_check(const qi_lock *held, quire_error *err)
{
    const held_lock *lock = held->owner;
    if (lock->fd < 0 || lock->owner != getpid())
        return qi_fail(err, QUIRE_ERR_MISUSE, "the lock of '%.120s' was taken before fork()",
                       held->dir->name);
    if (lock->exclusive && !is_current(held->dir, lock))
        return qi_fail(err, QUIRE_ERR_IO,
                       "'%s' in '%.120s' was removed or replaced while it was held", LOCK_FILE,
                       held->dir->name);
    return QUIRE_OK;
}

void qi_dir_posix_unlock(qi_lock *held)
{
    held_lock *lock = held->owner;
    *held = (qi_lock){0};
    if (lock == NULL)
        return;
    /* A child must not take from its parent the lock that both descriptors share. Otherwise unlock
     * before closing, for a child may hold a copy of the descriptor. */
    if (lock->owner == getpid()) {
        if (lock->exclusive)
            forget(lock);
        set(lock->fd, F_UNLCK, lock->at);
    }
    close_lock(lock);
}

quire_status qi_dir_posix_locked(qi_dir *dir, uint64_t at, uint64_t len, bool *out,
                                 quire_error *err)
{
    *out = false;
    if (len == 0)
        return QUIRE_OK;
    int fd = open_lock_file(dir, O_RDONLY);
    if (fd < 0 && errno == ENOENT)
        return QUIRE_OK;
    if (fd < 0)
        return qi_fail_os(err, errno, "cannot open '%s' in '%.120s'", LOCK_FILE, dir->name);
    struct flock range = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)at, .l_len = (off_t)len};
    int result = fcntl(fd, F_OFD_GETLK, &range), reason = errno;
    close(fd);
    if (result != 0)
        return qi_fail_os(err, reason, "cannot examine the locks of '%.120s'", dir->name);
    *out = range.l_type != F_UNLCK;
    return QUIRE_OK;
}
