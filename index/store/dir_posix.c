/* SPDX-License-Identifier: MIT
 * A folder of the file system.
 *
 * Everything goes through one descriptor of the folder, so that renaming or moving the folder does
 * not matter, and no name is ever followed through a symbolic link. Descriptors are moved to 3 and
 * above: a program that closed its standard streams must not print into the index. A mapped file
 * needs no descriptor. Locks are in dir_posix_lock.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/dir_posix.h"

/* A file being written. */
typedef struct open_file {
    int fd;
    bool failed; /* an append failed: what is in the file is unknown */
    char name[];
} open_file;

/* More than the kernel takes at once. */
enum { LARGEST_WRITE = 1 << 30 };

static int dir_fd(const qi_dir *dir)
{
    return ((const qi_dir_posix *)dir)->fd;
}

int qi_dir_posix_openat(int dir, const char *name, int flags)
{
    int fd;
    do
        fd = openat(dir, name, flags | O_CLOEXEC | O_NOCTTY, 0666);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 || fd > 2)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3), reason = errno;
    close(fd);
    errno = reason;
    return moved;
}

static bool is_plain(const char *name)
{
    return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

static quire_status fail_at_name(qi_dir *dir, const char *what, const char *name, quire_error *err)
{
    return qi_fail_os(err, errno, "cannot %s '%s' in '%.120s'", what, name, dir->name);
}

static quire_status read_whole(int fd, size_t len, qi_bytes *out, quire_error *err)
{
    uint8_t *bytes = qi_mem_new(len, 1);
    if (bytes == NULL)
        return qi_no_memory(err);
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, bytes + done, len - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            int reason = n < 0 ? errno : EIO;
            qi_mem_free(bytes);
            return qi_fail_os(err, reason, "cannot read a file of %zu bytes", len);
        }
        done += (size_t)n;
    }
    *out = (qi_bytes){bytes, len, bytes};
    return QUIRE_OK;
}

static quire_status map_open(qi_dir *dir, int fd, const char *name, qi_bytes *out, quire_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail_at_name(dir, "examine", name, err);
    if (!S_ISREG(st.st_mode))
        return qi_fail(err, QUIRE_ERR_IO, "'%s' in '%.120s' is not a regular file", name,
                       dir->name);
    if ((uint64_t)st.st_size > SIZE_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "'%s' is too large for this machine", name);
    size_t len = (size_t)st.st_size;
    if (len == 0)
        return QUIRE_OK;
    void *at = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) /* a file system without maps, or too many maps already */
        return read_whole(fd, len, out, err);
    *out = (qi_bytes){at, len, NULL};
    return QUIRE_OK;
}

static quire_status map(qi_dir *dir, const char *name, qi_bytes *out, quire_error *err)
{
    *out = (qi_bytes){0};
    if (!is_plain(name))
        return qi_fail(err, QUIRE_ERR_MISUSE, "'%s' is not a plain file name", name);
    /* Not blocking, lest somebody put a pipe there. */
    int fd = qi_dir_posix_openat(dir_fd(dir), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return qi_fail(err, QUIRE_ERR_NOT_FOUND, "there is no '%s' in '%.120s'", name, dir->name);
    if (fd < 0)
        return fail_at_name(dir, "open", name, err);
    quire_status status = map_open(dir, fd, name, out, err);
    close(fd);
    return status;
}

static void unmap(qi_dir *dir, qi_bytes *bytes)
{
    (void)dir;
    if (bytes->owner != NULL)
        qi_mem_free(bytes->owner);
    else if (bytes->len != 0)
        munmap((void *)(uintptr_t)bytes->at, bytes->len);
    *bytes = (qi_bytes){0};
}

static void rest(qi_dir *dir, const qi_bytes *bytes)
{
    (void)dir;
    if (bytes->owner == NULL && bytes->len != 0)
        (void)madvise((void *)(uintptr_t)bytes->at, bytes->len, MADV_DONTNEED);
}

static quire_status create(qi_dir *dir, const char *name, qi_out *out, quire_error *err)
{
    *out = (qi_out){0};
    if (!is_plain(name))
        return qi_fail(err, QUIRE_ERR_MISUSE, "'%s' is not a plain file name", name);
    size_t len = strlen(name);
    open_file *file = qi_mem_new(1, sizeof *file + len + 1);
    if (file == NULL)
        return qi_no_memory(err);
    memcpy(file->name, name, len + 1);
    file->fd = qi_dir_posix_openat(dir_fd(dir), name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (file->fd < 0) {
        int reason = errno;
        qi_mem_free(file);
        if (reason == EEXIST)
            return qi_fail(err, QUIRE_ERR_EXISTS, "there is a '%s' in '%.120s' already", name,
                           dir->name);
        return qi_fail_os(err, reason, "cannot create '%s' in '%.120s'", name, dir->name);
    }
    *out = (qi_out){dir, file, 0};
    return QUIRE_OK;
}

static quire_status append(qi_out *out, const void *bytes, size_t len, quire_error *err)
{
    open_file *file = out->owner;
    if (file->failed)
        return qi_fail(err, QUIRE_ERR_IO, "an earlier write to '%s' failed", file->name);
    for (const uint8_t *at = bytes; len > 0;) {
        size_t part = len < LARGEST_WRITE ? len : LARGEST_WRITE;
        ssize_t n = pwrite(file->fd, at, part, (off_t)out->written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0)
                errno = ENOSPC;
            file->failed = true;
            return fail_at_name(out->dir, "write", file->name, err);
        }
        at += n;
        len -= (size_t)n;
        out->written += (uint64_t)n;
    }
    return QUIRE_OK;
}

static quire_status read_back(qi_out *out, uint64_t offset, void *bytes, size_t len,
                              quire_error *err)
{
    open_file *file = out->owner;
    if (offset > out->written || len > out->written - offset)
        return qi_fail(err, QUIRE_ERR_MISUSE, "reading past what was written to '%s'", file->name);
    for (uint8_t *at = bytes; len > 0;) {
        ssize_t n = pread(file->fd, at, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0)
                errno = EIO;
            return fail_at_name(out->dir, "read back", file->name, err);
        }
        at += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return QUIRE_OK;
}

static quire_status close_file(qi_out *out, bool sync, quire_error *err)
{
    open_file *file = out->owner;
    if (file == NULL)
        return QUIRE_OK;
    quire_status status = QUIRE_OK;
    if (sync && file->failed)
        status = qi_fail(err, QUIRE_ERR_IO, "an earlier write to '%s' failed", file->name);
    else if (sync && fsync(file->fd) != 0)
        status = fail_at_name(out->dir, "sync", file->name, err);
    /* Interrupted or not, the descriptor is gone; some file systems tell of failed writes only
     * here. */
    if (close(file->fd) != 0 && errno != EINTR && sync && status == QUIRE_OK)
        status = fail_at_name(out->dir, "close", file->name, err);
    qi_mem_free(file);
    *out = (qi_out){0};
    return status;
}

static quire_status publish(qi_dir *dir, const char *from, const char *to, quire_error *err)
{
    if (!is_plain(from) || !is_plain(to))
        return qi_fail(err, QUIRE_ERR_MISUSE, "'%s' or '%s' is not a plain file name", from, to);
    if (renameat(dir_fd(dir), from, dir_fd(dir), to) != 0)
        return qi_fail_os(err, errno, "cannot rename '%s' to '%s' in '%.120s'", from, to,
                          dir->name);
    return QUIRE_OK;
}

static quire_status sync_dir(qi_dir *dir, quire_error *err)
{
    /* EINVAL: a file system that has nothing to sync here. */
    if (fsync(dir_fd(dir)) != 0 && errno != EINVAL)
        return qi_fail_os(err, errno, "cannot sync the folder '%.120s'", dir->name);
    return QUIRE_OK;
}

static quire_status remove_file(qi_dir *dir, const char *name, quire_error *err)
{
    if (!is_plain(name))
        return qi_fail(err, QUIRE_ERR_MISUSE, "'%s' is not a plain file name", name);
    if (unlinkat(dir_fd(dir), name, 0) != 0 && errno != ENOENT)
        return fail_at_name(dir, "remove", name, err);
    return QUIRE_OK;
}

static quire_status list(qi_dir *dir, bool (*each)(void *payload, const char *name), void *payload,
                         quire_error *err)
{
    int fd = qi_dir_posix_openat(dir_fd(dir), ".", O_RDONLY | O_DIRECTORY);
    DIR *names = fd < 0 ? NULL : fdopendir(fd);
    if (names == NULL) {
        int reason = errno;
        if (fd >= 0)
            close(fd);
        return qi_fail_os(err, reason, "cannot list '%.120s'", dir->name);
    }
    const struct dirent *entry;
    bool more = true;
    while (more && (errno = 0, entry = readdir(names)) != NULL)
        if (is_plain(entry->d_name))
            more = each(payload, entry->d_name);
    int reason = more ? errno : 0;
    closedir(names);
    return reason == 0 ? QUIRE_OK : qi_fail_os(err, reason, "cannot list '%.120s'", dir->name);
}

static void free_dir(qi_dir *dir)
{
    close(dir_fd(dir));
    qi_mem_free(dir);
}

static const qi_dir_ops ops = {
    .map = map,
    .unmap = unmap,
    .rest = rest,
    .create = create,
    .append = append,
    .read_back = read_back,
    .close = close_file,
    .publish = publish,
    .sync_dir = sync_dir,
    .remove = remove_file,
    .list = list,
    .lock = qi_dir_posix_lock,
    .lock_check = qi_dir_posix_lock_check,
    .unlock = qi_dir_posix_unlock,
    .locked = qi_dir_posix_locked,
    .free = free_dir,
};

/* Make the folder if it is missing, and its name in the parent folder durable. */
static quire_status make(const char *path, quire_error *err)
{
    if (mkdir(path, 0777) != 0)
        return errno == EEXIST ? QUIRE_OK
                               : qi_fail_os(err, errno, "cannot make the folder '%.120s'", path);
    int fd = qi_dir_posix_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
    int parent = fd < 0 ? -1 : qi_dir_posix_openat(fd, "..", O_RDONLY | O_DIRECTORY);
    quire_status status = QUIRE_OK;
    /* A parent that may be written but not read cannot be synced. */
    if (parent >= 0 && fsync(parent) != 0 && errno != EINVAL)
        status = qi_fail_os(err, errno, "cannot sync the folder that holds '%.120s'", path);
    if (parent >= 0)
        close(parent);
    if (fd >= 0)
        close(fd);
    return status;
}

quire_status qi_dir_open_posix(qi_dir **out, const char *path, bool create, quire_error *err)
{
    *out = NULL;
    if (create)
        QI_TRY(make(path, err));
    size_t len = strlen(path);
    qi_dir_posix *dir = qi_mem_new(1, sizeof *dir + len + 1);
    if (dir == NULL)
        return qi_no_memory(err);
    memcpy(dir->path, path, len + 1);
    dir->fd = qi_dir_posix_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
    if (dir->fd < 0) {
        int reason = errno;
        qi_mem_free(dir);
        if (reason == ENOENT)
            return qi_fail(err, QUIRE_ERR_NOT_FOUND, "there is no folder '%.200s'", path);
        if (reason == ENOTDIR)
            return qi_fail(err, QUIRE_ERR_FORMAT, "'%.150s' is not a folder, so not an index",
                           path);
        return qi_fail_os(err, reason, "cannot open the folder '%.120s'", path);
    }
    dir->base = (qi_dir){&ops, dir->path};
    *out = &dir->base;
    return QUIRE_OK;
}

void qi_dir_free(qi_dir *dir)
{
    if (dir != NULL)
        dir->ops->free(dir);
}
