/* A seccomp agent for the tests: listens on the socket argv[1], takes one container process state with its listener, prints the
 * state, how many descriptors came and whether the connection was closed after it, and answers argv[2] notifications: mkdir of
 * a path that ends in "denied" with EACCES, of one that ends in "pretend" with success, everything else goes on. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int take(int connection, char *text, size_t size) {
  int fds[8], fd = -1, count = 0;
  char control[CMSG_SPACE(sizeof fds)];
  struct iovec io = {text, size - 1};
  struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(connection, &message, 0);
  if (length < 0) die("recvmsg");
  for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    int here = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(each), here * sizeof(int));
    fd = fds[0];
    count += here;
  }
  while (length < (ssize_t)size - 1) {
    ssize_t more = read(connection, text + length, size - 1 - length);
    if (more <= 0) break;
    length += more;
  }
  text[length] = 0;
  printf("%s\ndescriptors %d\n", text, count);
  return fd;
}

static void read_path(int pid, unsigned long address, char *path, size_t size) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/mem", pid);
  int memory = open(name, O_RDONLY | O_CLOEXEC);
  ssize_t length = memory < 0 ? -1 : pread(memory, path, size - 1, address);
  path[length < 0 ? 0 : length] = 0;
  if (memory >= 0) close(memory);
}

static int ends_in(const char *text, const char *end) {
  size_t a = strlen(text), b = strlen(end);
  return a >= b && strcmp(text + a - b, end) == 0;
}

static void answer(int listener) {
  struct seccomp_notif request;
  memset(&request, 0, sizeof request);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) die("SECCOMP_IOCTL_NOTIF_RECV");
  struct seccomp_notif_resp response = {.id = request.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  if (request.data.nr == SYS_mkdir || request.data.nr == SYS_mkdirat) {
    char path[256];
    read_path(request.pid, request.data.args[request.data.nr == SYS_mkdir ? 0 : 1], path, sizeof path);
    printf("mkdir %s\n", path);
    if (ends_in(path, "denied")) response.flags = 0, response.error = -EACCES;
    if (ends_in(path, "pretend")) response.flags = 0;
  } else {
    printf("call %d\n", request.data.nr);
  }
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0) die("SECCOMP_IOCTL_NOTIF_SEND");
}

int main(int argc, char **argv) {
  (void)argc;
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 4) != 0) die("listen");
  printf("listening\n");
  int connection = accept4(server, NULL, NULL, SOCK_CLOEXEC);
  if (connection < 0) die("accept4");
  static char text[1 << 20];
  int listener = take(connection, text, sizeof text);
  printf("closed\n");
  for (int left = atoi(argv[2]); left > 0; left--) answer(listener);
  printf("end\n");
  return 0;
}
