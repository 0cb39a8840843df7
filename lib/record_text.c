// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records as lines of text.
 */
#include "faultlab.h"
#include "rule_value.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Write the names of the bits of a mask, separated by between. */
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

static void add_vma(struct text *to, const struct faultlab_record *r)
{
	const struct faultlab_record_vma *vma = &r->vma;

	text_add(to, " vma %s %s %#llx-%#llx page %llu vm_flags %#llx at %#llx err %d",
		 faultlab_vma_event_name(vma->event),
		 vma->why ? faultlab_why_name(vma->why) : "-", vma->start, vma->end, vma->index,
		 vma->vm_flags, vma->at, vma->err);
}

static void add_lost(struct text *to, const struct faultlab_record *r)
{
	text_add(to, " lost %llu", r->lost.records);
}

static void (*const add_body[])(struct text *to, const struct faultlab_record *r) = {
	[FAULTLAB_RECORD_FAULT] = add_fault,
	[FAULTLAB_RECORD_STACK] = add_stack,
	[FAULTLAB_RECORD_LOST] = add_lost,
	[FAULTLAB_RECORD_VMA] = add_vma,
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
