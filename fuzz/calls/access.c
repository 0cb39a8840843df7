// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to single bytes by instructions. Memory holds 0 or the byte of the program, since
 * it writes nothing else: anything else was another's. Single bytes are the first of their
 * page, so that a page that shows up at another place is recognised there.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/calls/call.h"

static bool is_expected(const struct fuzz_world *w, unsigned char byte)
{
	return !byte || byte == w->byte ||
	       ((w->traits & FUZZ_MIXES) && byte >= FUZZ_BYTES_FROM &&
		byte < FUZZ_BYTES_FROM + FUZZ_BYTES);
}

void fuzz_check_bytes(struct fuzz_world *w, const char *what, const char *bytes, size_t nr)
{
	size_t i;

	for (i = 0; i < nr && !(w->traits & FUZZ_SMUDGES); i++)
		if (!is_expected(w, bytes[i]))
			fuzz_fail(w, "%s: byte %zu is 0x%02x, and 0x%02x was written", what, i,
				  (unsigned char)bytes[i], w->byte);
}

static long call_read(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_touch touch;
	long err = faultlab_touch_read(fuzz_at(w, a[0], a[1]), &touch);

	if (!err)
		fuzz_check_bytes(w, "read", (char *)&touch.value, 1);
	return err;
}

static long call_write(struct fuzz_world *w, const __u64 *a)
{
	return faultlab_touch_write(fuzz_at(w, a[0], a[1]), w->byte, NULL);
}

/*
 * Reads or writes a byte of each page, in order or the other way, one or more times: what
 * another lane evicts meanwhile faults again. It ends early where faults are slow, since it
 * would take the program's time.
 */
#define SWEEP_PAGES	1024
#define SWEEP_NS	(200 * NSEC_PER_MS)

enum { SWEEP_WRITES = 1, SWEEP_BACK = 2 };

static long call_sweep(struct fuzz_world *w, const __u64 *a)
{
	const __u64 pages = a[2] < SWEEP_PAGES ? a[2] : SWEEP_PAGES, touches = pages * (1 + a[4]);
	const __u64 end = monotonic_ns() + SWEEP_NS;
	__u64 i, done = 0;

	for (i = 0; i < touches && (i % 16 || monotonic_ns() < end); i++) {
		const __u64 n = i % pages;
		const __u64 args[] = { a[0], a[1] + (a[3] & SWEEP_BACK ? pages - 1 - n : n) };

		if (!(a[3] & SWEEP_WRITES ? call_write(w, args) : call_read(w, args)))
			done++;
	}
	fuzz_nested(w, a[3] & SWEEP_WRITES ? "write" : "read", i);
	return i && !done ? -EFAULT : 0;
}

/* In a child, since the code may be anything by the time it runs. */
static long call_exec(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_touch touch;
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		alarm(1);
		_exit(faultlab_touch_exec(fuzz_at(w, a[0], a[1]), &touch) ? 1 : 0);
	}
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return status ? -EFAULT : 0;
}

static const struct fuzz_word sweeps[] = {
	{ "read", 0 }, { "write", SWEEP_WRITES }, { "read-back", SWEEP_BACK },
	{ "write-back", SWEEP_WRITES | SWEEP_BACK },
};

#define PAGE	{ "map", FUZZ_MAP }, { "at", FUZZ_PAGE }

static const struct fuzz_call calls[] = {
	{ "read", 70, 0, call_read, { PAGE } },
	{ "write", 70, 0, call_write, { PAGE } },
	{ "sweep", 70, 0, call_sweep,
	  { PAGE, { "pages", FUZZ_PAGES }, { "how", FUZZ_ONE, FUZZ_WORDS(sweeps) },
	    { "again", FUZZ_SMALL } } },
	{ "exec", 4, FUZZ_SMUDGES | FUZZ_HELPED, call_exec, { PAGE } },
};

FUZZ_CALLS(access);
