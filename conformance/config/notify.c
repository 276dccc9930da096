/* readiness for the tests, static so that it runs anywhere.
 *   notify listen ADDRESS COUNT   a service manager: prints COUNT datagrams that it gets on ADDRESS ("@name": abstract), with the number
 *                                 of descriptors of each, which it closes
 *   notify say TEXT...            a service: sends each TEXT, with \n for a newline, to $NOTIFY_SOCKET */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t make(struct sockaddr_un *address, const char *name) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  strncpy(address->sun_path, name, sizeof address->sun_path - 1);
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(name);
  if (name[0] != '@') return length + 1;
  address->sun_path[0] = 0;
  return length;
}

static void show(const char *text, ssize_t length) {
  for (ssize_t i = 0; i < length; i++)
    if (text[i] == '\n') printf("\\n");
    else putchar(text[i]);
}

static int listen_for(int server, int count) {
  printf("listening\n");
  while (count-- > 0) {
    char text[4096], control[CMSG_SPACE(16 * sizeof(int))];
    struct iovec io = {text, sizeof text};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(server, &message, MSG_CMSG_CLOEXEC);
    if (length < 0) return 1;
    int fds = 0;
    for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
      int here = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (int i = 0; i < here; i++) close(((int *)CMSG_DATA(each))[i]);
      fds += here;
    }
    show(text, length);
    printf(" fds=%d\n", fds);
  }
  return 0;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address;
  if (argc == 4 && strcmp(argv[1], "listen") == 0) {
    socklen_t length = make(&address, argv[2]);
    if (bind(fd, (struct sockaddr *)&address, length) != 0) return perror("bind"), 1;
    return listen_for(fd, atoi(argv[3]));
  }
  const char *name = getenv("NOTIFY_SOCKET");
  if (name == NULL) return puts("no NOTIFY_SOCKET"), 1;
  socklen_t length = make(&address, name);
  for (int i = 2; i < argc; i++) {
    char text[4096];
    size_t size = 0;
    for (const char *from = argv[i]; *from && size < sizeof text; from++)
      if (from[0] == '\\' && from[1] == 'n') text[size++] = '\n', from++;
      else text[size++] = *from;
    if (sendto(fd, text, size, 0, (struct sockaddr *)&address, length) < 0) return perror("sendto"), 1;
  }
  return 0;
}
