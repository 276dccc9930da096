/*
 * A seccomp agent, or whatever else listens on a socket that runt is told of, that is stuck: stuck-agent ADDRESS HOW
 *   full     its queue of connections is full, and it accepts none
 *   deaf     it accepts one, and reads nothing
 *   silent   it reads what it is sent, and keeps the listener without ever answering a call
 * Says "listening" first.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
	static char text[1 << 16];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	if (argc != 3) return 2;
	strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
	if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 0) != 0) return 1;
	if (strcmp(argv[2], "full") == 0) {
		int client;
		do client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		while (connect(client, (struct sockaddr *)&address, sizeof address) == 0);
	}
	puts("listening");
	fflush(stdout);
	if (strcmp(argv[2], "full") == 0) return pause();
	int connection = accept(server, NULL, NULL);
	char control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec io = {text, sizeof text};
	struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	if (strcmp(argv[2], "silent") == 0 && recvmsg(connection, &message, 0) > 0) puts("taken"), fflush(stdout);
	return pause();
}
