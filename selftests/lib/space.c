// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/space.h"
#include "lib/sys.h"

int tlib_entries_init(struct tlib_entries *entries, size_t room)
{
	entries->nr = 0;
	entries->room = room;
	entries->at = mmap(NULL, room * sizeof(*entries->at), TLIB_RW,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	return entries->at == MAP_FAILED ? -errno : 0;
}

int tlib_entries_walk(struct tlib_entries *entries, int fd, pid_t pid, __u64 start,
		      __u64 end, __u32 flags, size_t chunk)
{
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.flags = flags,
		.pid = pid,
		.start = start,
		.end = end,
	};

	entries->nr = 0;
	while (walk.start != end) {
		if (entries->room - entries->nr < chunk)
			return -ENOSPC;
		walk.nr = chunk;
		walk.entries = (uintptr_t)(entries->at + entries->nr);
		if (ioctl(fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		if (walk.nr > chunk || (walk.nr < chunk && walk.next != end))
			return -EPROTO;
		entries->nr += walk.nr;
		walk.start = walk.next;
	}
	return 0;
}

size_t tlib_entries_count(const struct tlib_entries *entries, unsigned int level, __u64 flags)
{
	size_t i, n = 0;

	for (i = 0; i < entries->nr; i++)
		n += entries->at[i].level == level &&
		     (entries->at[i].flags & flags) == flags;
	return n;
}

static char *anonymous(size_t bytes, int prot, int flags)
{
	char *mem = mmap(NULL, bytes, prot, MAP_ANONYMOUS | flags, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

char *tlib_map_apart(int fd, int prot, int flags, size_t pages)
{
	size_t bytes = pages * TLIB_PAGE;
	char *room = anonymous(bytes + 3 * TLIB_PMD_SIZE, PROT_NONE,
			       MAP_PRIVATE | MAP_NORESERVE);
	char *at = (char *)(((uintptr_t)room + TLIB_PMD_SIZE) & ~(TLIB_PMD_SIZE - 1));

	if (!room)
		return NULL;
	at = mmap(at, bytes, prot, flags | MAP_FIXED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
	return at == MAP_FAILED ? NULL : at;
}

/* Write every third page, read every fifth. */
static int touch_some(char *mem, size_t pages, bool write)
{
	size_t i;

	if (!mem)
		return -errno;
	for (i = 0; i < pages; i++) {
		if (i % 3 == 0 && write)
			faultlab_touch_write(mem + i * TLIB_PAGE, i, NULL);
		else if (i % 5 == 0)
			faultlab_touch_read(mem + i * TLIB_PAGE, NULL);
	}
	return 0;
}

static int mess_with_regions(void)
{
	int pages = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, 40);
	int pfns = tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, 40);
	int plain = tlib_region(FAULTLAB_KIND_PAGE, 0, 40);

	if (pages < 0 || pfns < 0 || plain < 0)
		return -ENODEV;
	return touch_some(tlib_map(pages, TLIB_RW, MAP_SHARED, 0, 40), 40, true) ?:
	       touch_some(tlib_map(pfns, TLIB_RW, MAP_SHARED, 0, 40), 40, true) ?:
	       touch_some(tlib_map(plain, TLIB_RW, MAP_PRIVATE, 0, 40), 40, true) ?:
	       touch_some(tlib_map(plain, PROT_READ, MAP_SHARED, 3, 20), 20, false);
}

static int mess_with_files(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;

	if (!err)
		err = touch_some(tlib_map(fd, TLIB_RW, MAP_PRIVATE, 0, 8), 8, true);
	close(fd);
	return err ?: touch_some(anonymous(64 * TLIB_PAGE, TLIB_RW, MAP_SHARED), 64, true);
}

int tlib_make_mess(void)
{
	char *mem = anonymous(96 * TLIB_PAGE, TLIB_RW, MAP_PRIVATE);
	int err = touch_some(mem, 96, true) ?: mess_with_regions() ?: mess_with_files();
	char *far;

	if (err)
		return err;
	/* A hole, and mapped pages with PROT_NONE. */
	munmap(mem + 10 * TLIB_PAGE, 5 * TLIB_PAGE);
	mprotect(mem + 30 * TLIB_PAGE, 20 * TLIB_PAGE, PROT_NONE);
	mprotect(mem + 60 * TLIB_PAGE, 3 * TLIB_PAGE, PROT_READ | PROT_EXEC);

	far = anonymous(TLIB_PUD_SIZE, TLIB_RW, MAP_PRIVATE | MAP_NORESERVE);
	if (!far)
		return -errno;
	madvise(far, TLIB_PUD_SIZE / 2, MADV_NOHUGEPAGE);
	far[TLIB_PMD_SIZE * 3 + 77 * TLIB_PAGE] = 1;
	far[TLIB_PMD_SIZE * 100 + 511 * TLIB_PAGE] = 1;
	madvise(far + TLIB_PUD_SIZE / 2, TLIB_PUD_SIZE / 2, MADV_HUGEPAGE);
	far[TLIB_PMD_SIZE * 300] = 1;
	return 0;
}

int tlib_messy_peer(struct tlib_peer *peer)
{
	pid_t pid = tlib_peer_fork(peer);

	if (pid < 0)
		return -errno;
	if (!pid) {
		if (tlib_make_mess())
			_exit(1);
		tlib_settle();
		tlib_peer_nudge(peer);
		tlib_peer_await(peer);
		_exit(0);
	}
	return tlib_peer_await(peer);
}

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
