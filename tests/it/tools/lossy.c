/* A disk that can forget: preloaded into a server, it keeps an undo log of what was written to its house and not yet
 * synced. After kill -9, whoever applies that log backwards has what a power cut leaves. It changes no result, except
 * that fsync lies while the file LOSSY_LIE exists.
 *
 * LOSSY_HOUSE: the directory, canonical. LOSSY_UNDO: the log. The wal-index (-shm) is mapped memory that SQLite rebuilds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { CHANGED = 1, REMOVED = 2, SYNCED = 3 };

/* One entry, followed by the path and the bytes that were there before. */
struct entry {
    uint64_t kind, number, path_len, offset, old_size, old_len;
};

static const char *house, *lie;
static int undo = -1;
static uint64_t entries;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("LOSSY_UNDO");
    house = getenv("LOSSY_HOUSE");
    lie = getenv("LOSSY_LIE");
    if (house && path)
        undo = syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
}

static void give_up(const char *why)
{
    dprintf(2, "lossy: %s\n", why);
    abort();
}

static int is_ours(const char *path)
{
    size_t length = strlen(house), path_length = strlen(path);
    int is_inside = !strncmp(path, house, length) && (path[length] == '/' || !path[length]);
    int is_index = path_length > 4 && !strcmp(path + path_length - 4, "-shm");
    return is_inside && !is_index;
}

/* Whether a descriptor is of the house; its path. */
static int find(int fd, char *path)
{
    char link[64];
    int before = errno;
    if (undo < 0 || fd == undo)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    errno = before;
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_ours(path);
}

static void note(struct entry entry, const char *path, void *old)
{
    entry.path_len = strlen(path);
    struct iovec parts[3] = {{&entry, sizeof entry}, {(void *)path, entry.path_len}, {old, entry.old_len}};
    ssize_t length = sizeof entry + entry.path_len + entry.old_len;
    if (syscall(SYS_writev, undo, parts, 3) != length)
        give_up("the undo log cannot be written");
}

/* Bytes from offset to offset + length are about to change, or all from offset on with the size. */
static void note_change(int fd, const char *path, uint64_t offset, uint64_t length)
{
    struct stat file;
    if (fstat(fd, &file))
        give_up("a file of the house has no size");
    uint64_t size = file.st_size, end = length < size && offset < size - length ? offset + length : size;
    uint64_t old_len = end > offset ? end - offset : 0;
    void *old = malloc(old_len + 1);
    if (!old || (old_len && syscall(SYS_pread64, fd, old, old_len, offset) != (ssize_t)old_len))
        give_up("what was there before cannot be read");
    note((struct entry){CHANGED, entries++, 0, offset, size, old_len}, path, old);
    free(old);
}

static uint64_t position(int fd)
{
    struct stat file;
    if (fcntl(fd, F_GETFL) & O_APPEND)
        return fstat(fd, &file) ? 0 : file.st_size;
    return lseek(fd, 0, SEEK_CUR);
}

/* Does what changes a file, having noted what it overwrites. */
#define CHANGING(fd, offset, length, call)        \
    do {                                          \
        char path[PATH_MAX];                      \
        if (!find(fd, path))                      \
            return call;                          \
        pthread_mutex_lock(&one_at_a_time);       \
        note_change(fd, path, offset, length);    \
        ssize_t done = call;                      \
        pthread_mutex_unlock(&one_at_a_time);     \
        return done;                              \
    } while (0)

static uint64_t total(const struct iovec *parts, int count)
{
    uint64_t length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    return length;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    CHANGING(fd, position(fd), length, syscall(SYS_write, fd, bytes, length));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    CHANGING(fd, position(fd), total(parts, count), syscall(SYS_writev, fd, parts, count));
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    CHANGING(fd, offset, length, syscall(SYS_pwrite64, fd, bytes, length, offset));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    return pwrite64(fd, bytes, length, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    CHANGING(fd, offset, total(parts, count), syscall(SYS_pwritev, fd, parts, count, offset, 0));
}

int ftruncate64(int fd, off64_t size)
{
    CHANGING(fd, size, UINT64_MAX, syscall(SYS_ftruncate, fd, size));
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

static int sync_with(long call, int fd)
{
    char path[PATH_MAX];
    if (!find(fd, path))
        return syscall(call, fd);
    if (lie && !access(lie, F_OK))
        return 0;
    pthread_mutex_lock(&one_at_a_time);
    uint64_t before = entries;
    pthread_mutex_unlock(&one_at_a_time);
    int failed = syscall(call, fd);
    pthread_mutex_lock(&one_at_a_time);
    if (!failed)
        note((struct entry){SYNCED, before, 0, 0, 0, 0}, path, NULL);
    pthread_mutex_unlock(&one_at_a_time);
    return failed;
}

int fsync(int fd)
{
    return sync_with(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_with(SYS_fdatasync, fd);
}

int unlink(const char *name)
{
    char path[PATH_MAX];
    struct stat file;
    if (undo < 0 || !realpath(name, path) || !is_ours(path))
        return syscall(SYS_unlinkat, AT_FDCWD, name, 0);
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0 || fstat(fd, &file))
        give_up("what is removed cannot be read");
    void *old = malloc(file.st_size + 1);
    if (!old || syscall(SYS_pread64, fd, old, file.st_size, 0) != file.st_size)
        give_up("what is removed cannot be read");
    close(fd);
    pthread_mutex_lock(&one_at_a_time);
    note((struct entry){REMOVED, entries++, 0, 0, file.st_size, file.st_size}, path, old);
    int failed = syscall(SYS_unlinkat, AT_FDCWD, name, 0);
    pthread_mutex_unlock(&one_at_a_time);
    free(old);
    return failed;
}

int rename(const char *from, const char *to)
{
    char path[PATH_MAX];
    if (undo >= 0 && realpath(from, path) && is_ours(path))
        give_up("nothing in the house was renamed when this was written");
    return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
