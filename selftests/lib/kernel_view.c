// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own view of memory: /proc/PID/pagemap, /proc/PID/smaps, /proc/kcore.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/space.h"

bool tlib_five_levels(void)
{
	char line[8192];
	bool found = false;
	FILE *cpuinfo;

	cpuinfo = fopen("/proc/cpuinfo", "re");
	if (!cpuinfo)
		return false;
	while (!found && fgets(line, sizeof(line), cpuinfo))
		found = !strncmp(line, "flags", 5) && strstr(line, " la57");
	fclose(cpuinfo);
	return found;
}

int tlib_physical_word(__u64 address, __u64 *word)
{
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : -ENOENT;
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	unsigned int i;

	if (fd < 0)
		return err;
	if (pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr))
		ehdr.e_phnum = 0;
	for (i = 0; i < ehdr.e_phnum && err == -ENOENT; i++) {
		__u64 at;

		if (pread(fd, &phdr, sizeof(phdr), ehdr.e_phoff + i * sizeof(phdr)) !=
		    sizeof(phdr))
			break;
		at = address - phdr.p_paddr;
		if (phdr.p_type != PT_LOAD || phdr.p_paddr == ~0ULL ||
		    address < phdr.p_paddr || at >= phdr.p_memsz)
			continue;
		if (pread(fd, word, sizeof(*word), phdr.p_offset + at) == sizeof(*word))
			err = 0;
	}
	close(fd);
	return err;
}

ssize_t tlib_pagemap_words(pid_t pid, __u64 start, __u64 *words, size_t pages)
{
	char path[32];
	size_t done = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid ?: getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		n = pread(fd, words + done, (pages - done) * sizeof(*words),
			  (start / TLIB_PAGE + done) * sizeof(*words));
		if (n > 0)
			done += n / sizeof(*words);
	} while (n > 0 && done < pages);
	n = n < 0 ? -errno : (ssize_t)done;
	close(fd);
	return n;
}

ssize_t tlib_vmas(pid_t pid, struct tlib_vma *vmas, size_t room)
{
	struct tlib_vma vma = { 0 };
	char path[32], line[512];
	ssize_t n = 0;
	FILE *smaps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid ?: getpid());
	smaps = fopen(path, "re");
	if (!smaps)
		return -errno;
	while (fgets(line, sizeof(line), smaps)) {
		__u64 start, end;

		if (sscanf(line, "%llx-%llx ", &start, &end) == 2) {
			vma.start = start;
			vma.end = end;
			snprintf(vma.line, sizeof(vma.line), "%.*s", (int)strcspn(line, "\n"),
				 line);
		} else if (!strncmp(line, "VmFlags:", 8)) {
			snprintf(vma.flags, sizeof(vma.flags), "%.*s",
				 (int)strcspn(line + 8, "\n"), line + 8);
			if ((size_t)n == room)
				break;
			vmas[n++] = vma;
		}
	}
	if (!feof(smaps))
		n = -ENOSPC;
	fclose(smaps);
	return n;
}
