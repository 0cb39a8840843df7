// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/calls/call.h"

#define SLOTS_FROM	64	/* descriptors of slots */

static const struct fuzz_calls *const tables[] = {
	&fuzz_calls_device, &fuzz_calls_rule, &fuzz_calls_vma, &fuzz_calls_access,
	&fuzz_calls_copy, &fuzz_calls_task, &fuzz_calls_walk, &fuzz_calls_record,
	&fuzz_calls_files, &fuzz_calls_machine,
};

unsigned int fuzz_nr_calls(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		n += tables[i]->nr;
	return n;
}

const struct fuzz_call *fuzz_call(unsigned int number)
{
	unsigned int i;

	for (i = 0; number >= tables[i]->nr; i++)
		number -= tables[i]->nr;
	return &tables[i]->at[number];
}

int fuzz_call_by_name(const char *name, size_t length)
{
	const unsigned int nr = fuzz_nr_calls();
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const char *known = fuzz_call(i)->name;

		if (strlen(known) == length && !strncmp(known, name, length))
			return i;
	}
	return -ENOENT;
}

unsigned int fuzz_draw_call(struct fuzz_random *random, unsigned int without)
{
	const unsigned int nr = fuzz_nr_calls();
	unsigned int i, at, sum = 0;

	for (i = 0; i < nr; i++)
		sum += fuzz_call(i)->traits & without ? 0 : fuzz_call(i)->weight;
	at = fuzz_below(random, sum);
	for (i = 0; ; i++) {
		const struct fuzz_call *call = fuzz_call(i);
		const unsigned int weight = call->traits & without ? 0 : call->weight;

		if (at < weight)
			return i;
		at -= weight;
	}
}

void fuzz_nested(struct fuzz_world *w, const char *name, unsigned int times)
{
	struct fuzz_count *count = &w->count[fuzz_call_by_name(name, strlen(name))];

	__atomic_fetch_add(&count->nested, times, __ATOMIC_RELAXED);
}

void fuzz_note(char *failure, const char *format, ...)
{
	va_list args;

	if (*failure)
		return;
	va_start(args, format);
	vsnprintf(failure, FUZZ_FAILURE, format, args);
	va_end(args);
}

void fuzz_set_fd(struct fuzz_world *w, __u64 slot, int fd)
{
	const int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, SLOTS_FROM);
	const int old = __atomic_exchange_n(&w->fd[slot % FUZZ_FDS], high, __ATOMIC_RELAXED);

	if (fd >= 0)
		close(fd);
	if (old >= 0)
		close(old);
}
