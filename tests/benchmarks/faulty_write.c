/* Makes the N-th call that writes under a folder fail, or the process die there.
 *
 * Loaded with LD_PRELOAD. What to do stands in a small file that all processes share, which
 * FAULTS names, or `faults_arm`; see tests/benchmarks/faulty_write.py, which writes it. Calls
 * of all the processes are counted together, those of the children that a program starts too.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ONCE, FROM_THEN_ON, NO_ROOM }; /* NO_ROOM: only what must put bytes on the disk */
enum { KILL = -1, TEAR = -2 }; /* instead of an errno: die before the call, or half through */

struct state {
    _Atomic long count; /* calls so far */
    long at;            /* the call to fail; 0: only count */
    int mode;
    int error;
    _Atomic long fired;
    char root[1024];
    char call[32]; /* the first that failed, and on what */
    char path[1024];
};

static struct state *state;
static size_t root_length;

void faults_arm(const char *file) {
    int fd = (int)((long (*)(const char *, int))dlsym(RTLD_NEXT, "open"))(file, O_RDWR);
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED) return;
    state = at;
    root_length = strlen(state->root);
}

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAULTS");
    if (file && *file) faults_arm(file);
}

/* The errno that a call on a path is to fail with, KILL, TEAR, or 0 to let it through. */
static int fate(const char *call, const char *path) {
    if (!state || strncmp(path, state->root, root_length) != 0) return 0;
    if (path[root_length] != '/' && path[root_length] != '\0') return 0;
    if (state->mode == NO_ROOM && !strchr("wpsc", call[0])) return 0; /* write, pwrite, send, copy */
    long n = atomic_fetch_add(&state->count, 1) + 1;
    if (!state->at || n < state->at || (n > state->at && state->mode == ONCE)) return 0;
    if (atomic_fetch_add(&state->fired, 1) == 0) {
        strncpy(state->call, call, sizeof state->call - 1);
        strncpy(state->path, path, sizeof state->path - 1);
    }
    return state->error;
}

static void name_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
}

static int fate_of(const char *call, int fd) {
    char path[PATH_MAX];
    if (!state) return 0;
    int saved = errno;
    name_of(fd, path);
    errno = saved;
    return fate(call, path);
}

static int fate_at(const char *call, int folder, const char *name) {
    char path[PATH_MAX];
    if (!state) return 0;
    int saved = errno;
    if (name[0] == '/') {
        snprintf(path, sizeof path, "%s", name);
    } else {
        if (folder != AT_FDCWD) name_of(folder, path);
        else if (!getcwd(path, sizeof path)) path[0] = '\0';
        size_t used = strlen(path);
        snprintf(path + used, sizeof path - used, "/%s", name);
    }
    errno = saved;
    return fate(call, path);
}

static void die(void) { kill(getpid(), SIGKILL); pause(); }

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define REFUSE(found) \
    int todo = found; \
    if (todo == KILL || todo == TEAR) die(); \
    if (todo > 0) { errno = todo; return -1; }

ssize_t write(int fd, const void *bytes, size_t n) {
    REAL(write);
    int todo = fate_of("write", fd);
    if (todo == TEAR) real(fd, bytes, n / 2);
    if (todo < 0) die();
    if (todo > 0) { errno = todo; return -1; }
    return real(fd, bytes, n);
}

#define PWRITE(name, offset_type) \
    ssize_t name(int fd, const void *bytes, size_t n, offset_type offset) { \
        REAL(name); \
        int todo = fate_of(#name, fd); \
        if (todo == TEAR) real(fd, bytes, n / 2, offset); \
        if (todo < 0) die(); \
        if (todo > 0) { errno = todo; return -1; } \
        return real(fd, bytes, n, offset); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int n) {
    REAL(writev);
    REFUSE(fate_of("writev", fd))
    return real(fd, parts, n);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t n);
ssize_t sendfile(int to, int from, off_t *offset, size_t n) {
    REAL(sendfile);
    REFUSE(fate_of("sendfile", to))
    return real(to, from, offset, n);
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t n);
ssize_t sendfile64(int to, int from, off64_t *offset, size_t n) {
    REAL(sendfile64);
    REFUSE(fate_of("sendfile64", to))
    return real(to, from, offset, n);
}

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *offset, size_t n, unsigned flags) {
    REAL(copy_file_range);
    REFUSE(fate_of("copy_file_range", to))
    return real(from, at, to, offset, n, flags);
}

#define ON_DESCRIPTOR(name, parameters, ...) \
    int name parameters { \
        REAL(name); \
        REFUSE(fate_of(#name, fd)) \
        return real(__VA_ARGS__); \
    }
ON_DESCRIPTOR(fsync, (int fd), fd)
ON_DESCRIPTOR(fdatasync, (int fd), fd)
ON_DESCRIPTOR(ftruncate, (int fd, off_t length), fd, length)
ON_DESCRIPTOR(ftruncate64, (int fd, off64_t length), fd, length)

#define ON_PATH(name, parameters, folder, path, ...) \
    int name parameters { \
        REAL(name); \
        REFUSE(fate_at(#name, folder, path)) \
        return real(__VA_ARGS__); \
    }
ON_PATH(mkdir, (const char *path, mode_t mode), AT_FDCWD, path, path, mode)
ON_PATH(mkdirat, (int at, const char *path, mode_t mode), at, path, at, path, mode)
ON_PATH(rename, (const char *old, const char *path), AT_FDCWD, path, old, path)
ON_PATH(renameat, (int from, const char *old, int at, const char *path), at, path, from, old, at,
        path)
ON_PATH(unlink, (const char *path), AT_FDCWD, path, path)
ON_PATH(unlinkat, (int at, const char *path, int flags), at, path, at, path, flags)
ON_PATH(rmdir, (const char *path), AT_FDCWD, path, path)

#define WRITES(flags) ((flags) & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))
#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & O_CREAT) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        MODE(flags) \
        if (WRITES(flags)) { REFUSE(fate_at(#name, AT_FDCWD, path)) } \
        return real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int at, const char *path, int flags, ...) { \
        REAL(name); \
        MODE(flags) \
        if (WRITES(flags)) { REFUSE(fate_at(#name, at, path)) } \
        return real(at, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name) \
    FILE *name(const char *path, const char *how) { \
        REAL(name); \
        if (strpbrk(how, "wa+")) { \
            int todo = fate_at(#name, AT_FDCWD, path); \
            if (todo < 0) die(); \
            if (todo > 0) { errno = todo; return NULL; } \
        } \
        return real(path, how); \
    }
FOPEN(fopen)
FOPEN(fopen64)
