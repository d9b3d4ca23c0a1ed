/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz target over every file of a folder: a corpus is a unit test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *dir, const char *name)
{
	enum { INPUT_MAX = 4 << 20 };
	static uint8_t bytes[INPUT_MAX];
	char path[4096];
	FILE *f;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (f == NULL) {
		perror(path);
		return 1;
	}
	len = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
	(void)fprintf(stderr, "%s\n", path); /* named before it crashes */
	(void)LLVMFuzzerTestOneInput(bytes, len);
	return 0;
}

int main(int argc, char **argv)
{
	int bad = 0;
	size_t count = 0;

	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		struct dirent *entry;

		if (d == NULL) {
			perror(argv[i]);
			return 1;
		}
		while ((entry = readdir(d)) != NULL) {
			if (entry->d_name[0] == '.')
				continue;
			bad += replay(argv[i], entry->d_name);
			count++;
		}
		(void)closedir(d);
	}
	if (count == 0)
		(void)fputs("no input found\n", stderr);
	return bad != 0 || count == 0;
}
