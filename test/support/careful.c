#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char part[4096];
static volatile sig_atomic_t stop;
static void on_stop(int n) { stop = n; }
static int fail(const char *what) { fprintf(stderr, "careful: %s: %s\n", what, strerror(errno)); if (part[0]) unlink(part); return 1; }
static ssize_t again_read(int fd, char *b, size_t n) { ssize_t r; do r = read(fd, b, n); while (r < 0 && errno == EINTR && !stop); return r; }
int main(int c, char **v) {
  struct sigaction a = { .sa_handler = on_stop };
  sigaction(SIGTERM, &a, 0); sigaction(SIGINT, &a, 0);
  if (c != 3) return 2;
  int in = open(v[1], O_RDONLY); if (in < 0) return fail(v[1]);
  snprintf(part, sizeof part, "%s.part", v[2]);
  int out = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0644); if (out < 0) { part[0] = 0; return fail(v[2]); }
  char b[8192]; ssize_t n;
  while (!stop && (n = again_read(in, b, sizeof b)) != 0) {
    if (n < 0) return fail("read");
    for (ssize_t done = 0; done < n;) { ssize_t w = write(out, b + done, n - done); if (w < 0) { if (errno == EINTR && !stop) continue; return fail("write"); } done += w; }
  }
  if (fsync(out) < 0 || close(out) < 0) return fail("write");
  if (stop) { unlink(part); fprintf(stderr, "careful: stopped\n"); return 128 + stop; }
  if (rename(part, v[2]) < 0) return fail("rename");
  return 0;
}
