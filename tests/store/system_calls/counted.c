/* Counts the calls that change files, and kills the process before the n-th of them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

static long count = 0, last = -1;

/* From now on, count; kill before call number n, from 1. None with n < 1. */
void kill_before(long n) { count = 0; last = n; }
long calls(void) { return count; }

static void step(void) {
  count += 1;
  if (count == last) kill(getpid(), SIGKILL);
}

#define NEXT(name) __typeof__(&name) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name); step()

ssize_t write(int f, const void *b, size_t n) { NEXT(write); return next(f, b, n); }
ssize_t pwrite(int f, const void *b, size_t n, off_t o) { NEXT(pwrite); return next(f, b, n, o); }
ssize_t pwrite64(int f, const void *b, size_t n, off64_t o) { NEXT(pwrite64); return next(f, b, n, o); }
int ftruncate(int f, off_t n) { NEXT(ftruncate); return next(f, n); }
int ftruncate64(int f, off64_t n) { NEXT(ftruncate64); return next(f, n); }
int fsync(int f) { NEXT(fsync); return next(f); }
int fdatasync(int f) { NEXT(fdatasync); return next(f); }
int unlink(const char *p) { NEXT(unlink); return next(p); }
int unlinkat(int d, const char *p, int a) { NEXT(unlinkat); return next(d, p, a); }
int rename(const char *a, const char *b) { NEXT(rename); return next(a, b); }
int link(const char *a, const char *b) { NEXT(link); return next(a, b); }
int linkat(int d, const char *a, int e, const char *b, int g) { NEXT(linkat); return next(d, a, e, b, g); }
int mkdir(const char *p, mode_t m) { NEXT(mkdir); return next(p, m); }
int rmdir(const char *p) { NEXT(rmdir); return next(p); }
ssize_t sendfile(int o, int i, off_t *f, size_t n) { NEXT(sendfile); return next(o, i, f, n); }
ssize_t sendfile64(int o, int i, off64_t *f, size_t n) { NEXT(sendfile64); return next(o, i, f, n); }

static int mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; }

#define OPEN(name)                                           \
  int name(const char *path, int flags, ...) {               \
    va_list rest;                                            \
    va_start(rest, flags);                                   \
    int mode = mode_of(flags, rest);                         \
    va_end(rest);                                            \
    int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
    if (flags & (O_CREAT | O_TRUNC)) step();                 \
    return next(path, flags, mode);                          \
  }
#undef open
#undef open64
OPEN(open)
OPEN(open64)
