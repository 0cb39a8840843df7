// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records as lines of text. A module newer than the library may write numbers that the
 * library has no name for. An unknown enumerator is shown as "?", an unknown flag not at
 * all, and a record of an unknown type without its body.
 */
#include "text.h"

static void add_fault(struct flab_text *to, const struct faultlab_record *r)
{
	const struct faultlab_record_fault *f = &r->fault;

	flab_text_add(to, " page %llu ", f->index);
	flab_add_bits(to, f->access, &flab_access_bits, ",");
	flab_text_add(to, " %s %s addr 0x%llx vma 0x%llx lock %s",
		      faultlab_callback_name(f->callback), faultlab_result_name(f->result),
		      f->address, f->vma_start, faultlab_lock_name(f->lock));
	flab_text_add(to, " order %u pages %u took %llu waited %llu verdict %s rule %u flags ",
		      f->order, f->pages, f->duration_ns, f->wait_ns,
		      faultlab_verdict_name(f->verdict), f->rule);
	flab_add_bits(to, f->flags, &flab_fault_flag_bits, " ");
}

static void add_stack(struct flab_text *to, const struct faultlab_record *r)
{
	unsigned int i;

	flab_text_add(to, " stack");
	for (i = 0; i < r->nr && i < FAULTLAB_STACK_ENTRIES; i++)
		flab_text_add(to, " 0x%llx", r->stack.entry[i]);
}

static void add_vma(struct flab_text *to, const struct faultlab_record *r)
{
	const struct faultlab_record_vma *vma = &r->vma;

	flab_text_add(to, " vma %s %s 0x%llx-0x%llx page %llu vm_flags 0x%llx at 0x%llx err %d",
		      faultlab_vma_event_name(vma->event), faultlab_why_name(vma->why),
		      vma->start, vma->end, vma->index, vma->vm_flags, vma->at, vma->err);
}

static void add_lost(struct flab_text *to, const struct faultlab_record *r)
{
	flab_text_add(to, " lost %llu", r->lost.records);
}

static void (*const add_body[])(struct flab_text *to, const struct faultlab_record *r) = {
	[FAULTLAB_RECORD_FAULT] = add_fault,
	[FAULTLAB_RECORD_STACK] = add_stack,
	[FAULTLAB_RECORD_LOST] = add_lost,
	[FAULTLAB_RECORD_VMA] = add_vma,
};

void flab_add_record(struct flab_text *to, const struct faultlab_record *record)
{
	u32 ns;
	u64 s = div_u64_rem(record->time, NSEC_PER_SEC, &ns);

	flab_text_add(to, "%llu.%09u cpu %u region %u pid %u tid %u", s, ns, record->cpu,
		      record->region, record->pid, record->tid);
	if (record->type < ARRAY_SIZE(add_body) && add_body[record->type])
		add_body[record->type](to, record);
}
