/*
 * A file system in user space that says hello (FUSE_INIT) and then answers nothing any more: whoever looks something up below
 * its mount point waits until this process ends. usage: stuck-fuse MOUNT-POINT MARK; MARK appears when somebody waits.
 */
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv) {
	static char request[1 << 20];
	char options[100];
	int device = open("/dev/fuse", O_RDWR);
	if (argc != 3 || device < 0) return 1;
	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
	if (mount("stuck", argv[1], "fuse", 0, options) != 0) return 2;
	for (;;) {
		ssize_t length = read(device, request, sizeof request);
		if (length <= 0) return 3;
		struct fuse_in_header *in = (void *)request;
		if (in->opcode != FUSE_INIT) {
			close(open(argv[2], O_CREAT | O_WRONLY, 0644));
			continue;
		}
		struct {
			struct fuse_out_header header;
			struct fuse_init_out body;
		} answer;
		memset(&answer, 0, sizeof answer);
		answer.header.len = sizeof answer;
		answer.header.unique = in->unique;
		answer.body.major = FUSE_KERNEL_VERSION;
		answer.body.minor = FUSE_KERNEL_MINOR_VERSION;
		answer.body.max_write = 4096;
		if (write(device, &answer, sizeof answer) != sizeof answer) return 4;
	}
}
