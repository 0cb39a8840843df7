// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of kernel addresses from /proc/kallsyms: functions only, sorted by address.
 * libtraceevent could do this, but its lookups do not return the module, and it is 150 KB
 * of code where this is 1.5 KB.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faultlab.h"

struct symbol {
	__u64 address;
	__u32 name;	/* offset in names: "handle_mm_fault", "flab_vm_fault [faultlab]" */
};

struct faultlab_symbols {
	struct symbol *symbol;
	size_t nr, room;
	char *names;
	size_t used, size;
};

static bool grow(void **memory, size_t *room, size_t want, size_t each)
{
	size_t more = *room ? *room : 1024;
	void *new;

	while (more < want)
		more *= 2;
	if (more == *room)
		return true;
	new = realloc(*memory, more * each);
	if (!new)
		return false;
	*memory = new;
	*room = more;
	return true;
}

static bool add(struct faultlab_symbols *s, __u64 address, const char *name)
{
	size_t len = strlen(name) + 1;

	if (!grow((void **)&s->symbol, &s->room, s->nr + 1, sizeof(*s->symbol)) ||
	    !grow((void **)&s->names, &s->size, s->used + len, 1))
		return false;
	memcpy(s->names + s->used, name, len);
	s->symbol[s->nr++] = (struct symbol) { .address = address, .name = s->used };
	s->used += len;
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct symbol *left = a, *right = b;

	return (left->address > right->address) - (left->address < right->address);
}

/* Returns 0 or a positive errno. */
static int read_symbols(struct faultlab_symbols *s)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	unsigned long long address;
	char line[640], type;
	int err = 0, at;

	if (!file)
		return errno;
	while (!err && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%llx %c %n", &address, &type, &at) != 2 ||
		    !strchr("tTwW", type) || !address)
			continue;
		/* A tab separates a symbol from the name of its module. */
		if (strchr(line + at, '\t'))
			*strchr(line + at, '\t') = ' ';
		if (!add(s, address, line + at))
			err = ENOMEM;
	}
	fclose(file);
	if (!err && !s->nr)
		err = EPERM;
	return err;
}

struct faultlab_symbols *faultlab_symbols_open(void)
{
	struct faultlab_symbols *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return NULL;
	err = read_symbols(s);
	if (err) {
		faultlab_symbols_close(s);
		errno = err;
		return NULL;
	}
	qsort(s->symbol, s->nr, sizeof(*s->symbol), compare);
	return s;
}

void faultlab_symbols_close(struct faultlab_symbols *s)
{
	if (!s)
		return;
	free(s->symbol);
	free(s->names);
	free(s);
}

char *faultlab_symbol(const struct faultlab_symbols *s, __u64 address, char *text,
		      size_t size)
{
	/*
	 * The return address after a call that never returns may be past the end of its
	 * function: look up the byte before, as %pB does.
	 */
	const __u64 call = address - 1;
	/* Records show 0 for an address that the reader may not see: it has no name. */
	size_t low = 0, high = s && address ? s->nr : 0;
	const char *name, *module;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->symbol[middle].address <= call)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low) {
		snprintf(text, size, "%#llx", address);
		return text;
	}
	name = s->names + s->symbol[low - 1].name;
	module = strchr(name, ' ');
	snprintf(text, size, "%.*s+%#llx%s",
		 (int)(module ? module - name : (ptrdiff_t)strlen(name)), name,
		 address - s->symbol[low - 1].address, module ? module : "");
	return text;
}
