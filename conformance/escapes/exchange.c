/*
 * Swaps two directory entries as fast as it can until it is killed: the attacker of the race tests.
 * exchange DIRECTORY NAME OTHER  [man renameat2.2 RENAME_EXCHANGE]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	int directory = open(argv[1], O_PATH | O_DIRECTORY);
	if (directory < 0)
		return 1;
	for (;;)
		renameat2(directory, argv[2], directory, argv[3], RENAME_EXCHANGE);
}
