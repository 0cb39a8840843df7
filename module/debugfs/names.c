// SPDX-License-Identifier: GPL-2.0-only
/* Names of enumerators and flags: the lists of <linux/faultlab_names.h> as arrays. */
#include <linux/seq_file.h>
#include "debugfs/names.h"

const char *const flab_verdict_names[FAULTLAB_NR_VERDICTS] = {
#define FAULTLAB_VERDICT_NAME(NAME, name) \
	[FAULTLAB_VERDICT_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_VERDICT_NAME
};

const char *const flab_callback_names[FAULTLAB_NR_CALLBACKS] = {
#define FAULTLAB_CALLBACK_NAME(NAME, name) \
	[FAULTLAB_CALLBACK_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_CALLBACK_NAME
};

const char *const flab_lock_names[FAULTLAB_NR_LOCKS] = {
#define FAULTLAB_LOCK_NAME(NAME, name) \
	[FAULTLAB_LOCK_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_LOCK_NAME
};

const char *const flab_vma_event_names[FAULTLAB_NR_VMA_EVENTS] = {
#define FAULTLAB_VMA_EVENT_NAME(NAME, name) \
	[FAULTLAB_VMA_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_VMA_EVENT_NAME
};

const char *const flab_why_names[FAULTLAB_NR_WHYS] = {
#define FAULTLAB_WHY_NAME(NAME, name) \
	[FAULTLAB_WHY_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_WHY_NAME
};

const char *const flab_result_names[FAULTLAB_NR_RESULTS] = {
#define FAULTLAB_RESULT_NAME(NAME, name) \
	[FAULTLAB_RESULT_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_RESULT_NAME
};

const struct flab_bit_name flab_access_names[] = {
#define FAULTLAB_ACCESS_NAME(NAME, name) \
	{ FAULTLAB_ACCESS_##NAME, name }
#include <linux/faultlab_names.h>
#undef FAULTLAB_ACCESS_NAME
};

const struct flab_bit_name flab_flag_names[] = {
#define FAULTLAB_FLAG_NAME(NAME, name) \
	{ FAULTLAB_FLAG_##NAME, name }
#include <linux/faultlab_names.h>
#undef FAULTLAB_FLAG_NAME
};

/**
 * flab_show_bits - write the names of the bits of a mask
 * @m: the file to write to
 * @bits: the mask
 * @names: names of all bits
 * @nr: number of @names
 * @between: separator between two names
 */
void flab_show_bits(struct seq_file *m, u32 bits, const struct flab_bit_name *names,
		    size_t nr, char between)
{
	bool more = false;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!(bits & names[i].bit))
			continue;
		if (more)
			seq_putc(m, between);
		seq_puts(m, names[i].name);
		more = true;
	}
}
