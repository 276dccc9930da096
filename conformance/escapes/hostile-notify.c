/*
 * A service that misuses its NOTIFY_SOCKET.
 *   hostile-notify fds        datagrams that are no text, each with as many descriptors as one can have
 *   hostile-notify flood      talks for ever in processes of its own, and ends
 *   hostile-notify large      one datagram of 100000 bytes that begins with readiness
 * And a service manager that never reads: hostile-notify deaf ADDRESS fills its own queue, says "listening", and waits.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { most = 253 };

static int with_descriptors(int fd, const char *text) {
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(most * sizeof(int))];
	} control;
	struct iovec io = {(char *)text, strlen(text)};
	struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int null = open("/dev/null", O_RDONLY);
	control.header = (struct cmsghdr){CMSG_LEN(most * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	for (int i = 0; i < most; i++) ((int *)CMSG_DATA(&control.header))[i] = null;
	int result = sendmsg(fd, &message, 0) < 0 ? errno : 0;
	close(null);
	return result;
}

static int deaf(int client, const char *name) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int server = socket(AF_UNIX, SOCK_DGRAM, 0);
	strncpy(address.sun_path, name, sizeof address.sun_path - 1);
	if (bind(server, (struct sockaddr *)&address, sizeof address) != 0) return 4;
	if (connect(client, (struct sockaddr *)&address, sizeof address) != 0) return 5;
	while (send(client, "x", 1, MSG_DONTWAIT) == 1) ;
	puts("listening");
	fflush(stdout);
	return pause();
}

int main(int argc, char **argv) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (argc == 3) return deaf(fd, argv[2]);
	if (argc != 2 || name == NULL) return 2;
	strncpy(address.sun_path, name, sizeof address.sun_path - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return 3;
	if (strcmp(argv[1], "fds") == 0) {
		for (int i = 0; i < 64; i++) {
			int error = with_descriptors(fd, "\xff\xfe");
			/* So many are on their way: wait until some have come. */
			if (error == ETOOMANYREFS) usleep(1000);
			else if (error != 0) return puts(strerrorname_np(error)), 0;
		}
		return puts("taken"), 0;
	}
	if (strcmp(argv[1], "large") == 0) {
		static char text[100000];
		memset(text, '\n', sizeof text);
		memcpy(text, "READY=1", 7);
		return send(fd, text, sizeof text, 0) < 0;
	}
	if (fork() == 0 || fork() == 0 || fork() == 0)
		for (;;) send(fd, "STATUS=still here\n", 18, 0);
	return 0;
}
