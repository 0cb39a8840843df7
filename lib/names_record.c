// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text for the numbers in records, and records as lines.
 */
#include <errno.h>
#include <string.h>

#include "faultlab.h"
#include "rule_value.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const result_names[] = {
#define FAULTLAB_RESULT_NAME(NAME, name) \
	[FAULTLAB_RESULT_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_RESULT_NAME
};

static const char *const lock_names[] = {
#define FAULTLAB_LOCK_NAME(NAME, name) \
	[FAULTLAB_LOCK_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_LOCK_NAME
};

static const char *const callback_names[] = {
#define FAULTLAB_CALLBACK_NAME(NAME, name) \
	[FAULTLAB_CALLBACK_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_CALLBACK_NAME
};

static const struct {
	__u32 flag;
	const char *name;
} flag_names[] = {
#define FAULTLAB_FLAG_NAME(NAME, name) \
	{ FAULTLAB_FLAG_##NAME, name }
#include <linux/faultlab_names.h>
#undef FAULTLAB_FLAG_NAME
};

static const char *pick(const char *const *names, size_t nr, unsigned int i)
{
	return i < nr && names[i] ? names[i] : "?";
}

static int find(const char *const *names, size_t nr, const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return -ENOENT;
}

const char *faultlab_result_name(unsigned int result)
{
	return pick(result_names, ARRAY_SIZE(result_names), result);
}

int faultlab_result_by_name(const char *name)
{
	return find(result_names, ARRAY_SIZE(result_names), name);
}

const char *faultlab_lock_name(unsigned int lock)
{
	return pick(lock_names, ARRAY_SIZE(lock_names), lock);
}

int faultlab_lock_by_name(const char *name)
{
	return find(lock_names, ARRAY_SIZE(lock_names), name);
}

const char *faultlab_callback_name(unsigned int callback)
{
	return pick(callback_names, ARRAY_SIZE(callback_names), callback);
}

int faultlab_callback_by_name(const char *name)
{
	return find(callback_names, ARRAY_SIZE(callback_names), name);
}

const char *faultlab_flag_name(__u32 flag)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (flag_names[i].flag == flag)
			return flag_names[i].name;
	return "?";
}

/* The bits of a mask by name, something between each two. */
static char *join(__u32 mask, const char *(*name)(__u32 bit), const char *between,
		  char *text, size_t size)
{
	struct text to = { .at = text, .room = size };
	const char *before = "";
	__u32 bit;

	if (size)
		*text = '\0';
	for (bit = 1; mask && bit; bit <<= 1) {
		if (!(mask & bit))
			continue;
		text_add(&to, "%s%s", before, name(bit));
		before = between;
		mask &= ~bit;
	}
	return text;
}

char *faultlab_flags_text(__u32 flags, char *text, size_t size)
{
	return join(flags, faultlab_flag_name, " ", text, size);
}

char *faultlab_access_text(__u32 access, char *text, size_t size)
{
	return join(access, faultlab_access_name, ",", text, size);
}

static void add_fault(struct text *to, const struct faultlab_record *r)
{
	char access[FAULTLAB_ACCESS_TEXT_MAX];
	char flags[FAULTLAB_FLAGS_TEXT_MAX];
	const struct faultlab_record_fault *f = &r->fault;

	text_add(to, " page %llu %s %s %s addr %#llx vma %#llx lock %s",
		 f->index, faultlab_access_text(f->access, access, sizeof(access)),
		 faultlab_callback_name(f->callback), faultlab_result_name(f->result),
		 f->address, f->vma_start, faultlab_lock_name(f->lock));
	text_add(to, " order %u pages %u took %llu waited %llu verdict %s rule %u flags %s",
		 f->order, f->pages, f->duration_ns, f->wait_ns,
		 faultlab_verdict_name(f->verdict), f->rule,
		 faultlab_flags_text(f->flags, flags, sizeof(flags)));
}

static void add_stack(struct text *to, const struct faultlab_record *r)
{
	unsigned int i;

	text_add(to, " stack");
	for (i = 0; i < r->nr && i < FAULTLAB_STACK_ENTRIES; i++)
		text_add(to, " %#llx", r->stack.entry[i]);
}

static void add_lost(struct text *to, const struct faultlab_record *r)
{
	text_add(to, " lost %llu", r->lost.records);
}

static void (*const add_body[])(struct text *to, const struct faultlab_record *r) = {
	[FAULTLAB_RECORD_FAULT] = add_fault,
	[FAULTLAB_RECORD_STACK] = add_stack,
	[FAULTLAB_RECORD_LOST] = add_lost,
};

char *faultlab_record_text(const struct faultlab_record *r, char *text, size_t size)
{
	struct text to = { .at = text, .room = size };

	text_add(&to, "%llu.%09llu cpu %u region %u pid %u tid %u", r->time / 1000000000,
		 r->time % 1000000000, r->cpu, r->region, r->pid, r->tid);
	if (r->type < ARRAY_SIZE(add_body) && add_body[r->type])
		add_body[r->type](&to, r);
	return text;
}
