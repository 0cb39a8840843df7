// SPDX-License-Identifier: GPL-2.0-only
/* Ioctls with structs that are wrong somewhere. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz/calls/ioctl.h"

/* So many bytes of a struct can be anything: after them come pointers and their lengths. */
static size_t plain_bytes(unsigned long request, size_t size)
{
	switch (request) {
	case FAULTLAB_IOC_WALK:
		return offsetof(struct faultlab_walk, entries);
	case FAULTLAB_IOC_RULE:
	case FAULTLAB_IOC_RULES_READ:
		return offsetof(struct faultlab_rules, nr);
	default:
		return size;
	}
}

/* Puts the struct into memory of a region, if there is any. */
static long ioctl_in_region(struct fuzz_world *w, __u64 slot, unsigned long request, void *arg,
			    size_t size, __u64 twist)
{
	char *at = fuzz_at(w, twist / 8, twist / 64 % 16) + twist / 1024 % 64 * 8;
	struct iovec from = { arg, size }, to = { at, size };

	if (process_vm_writev(getpid(), &from, 1, &to, 1, 0) != (ssize_t)size)
		return -EFAULT;
	return fuzz_result(ioctl(fuzz_fd(w, slot), request, at));
}

/* The first bytes of the struct at the end of a page, after which nothing is mapped. */
static long ioctl_at_edge(struct fuzz_world *w, __u64 slot, unsigned long request, void *arg,
			  size_t bytes)
{
	char *at = mmap(NULL, 4 * w->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0), *end = at + 3 * w->page;
	long ret;

	if (at == MAP_FAILED)
		return -errno;
	munmap(end, w->page);
	memcpy(end - bytes, arg, bytes);
	ret = fuzz_result(ioctl(fuzz_fd(w, slot), request, end - bytes));
	munmap(at, 3 * w->page);
	return ret;
}

long fuzz_ioctl(struct fuzz_world *w, __u64 slot, unsigned long request, void *arg, size_t size,
		__u64 twist)
{
	const unsigned int how = twist % FUZZ_TWISTS;
	const size_t at = twist / 8 % plain_bytes(request, size);
	char room[8192] = { 0 };

	*(__u32 *)arg = size;
	if (!twist)
		return fuzz_result(ioctl(fuzz_fd(w, slot), request, arg));
	if (size > sizeof(room) - 64)
		return -E2BIG;
	memcpy(room, arg, size);
	switch (how) {
	case 0:	/* as a later version, with something new */
		*(__u32 *)room = size + 8;
		room[size + twist / 8 % 8] = twist / 64;
		break;
	case 1:	/* as a later version that is not used */
		*(__u32 *)room = size + 32;
		break;
	case 2:
		*(__u32 *)room = twist / 8;
		break;
	case 3:	/* a byte of some field */
		room[at] ^= twist / 64 + 1;
		break;
	case 4:	/* ends in the middle: the rest cannot be read */
		return ioctl_at_edge(w, slot, request, arg, 4 + at % (size - 4));
	default: /* FUZZ_TWIST_REGION */
		return ioctl_in_region(w, slot, request, arg, size, twist);
	}
	return fuzz_result(ioctl(fuzz_fd(w, slot), request, room));
}
