/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of enumerators and flags: the lists of <linux/faultlab_names.h> as arrays. */
#ifndef FLAB_NAMES_H
#define FLAB_NAMES_H

#include <linux/faultlab.h>

struct seq_file;

struct flab_bit_name {
	u32 bit;
	const char *name;
};

#define FLAB_NR_ACCESS_NAMES	9
#define FLAB_NR_FLAG_NAMES	13

extern const char *const flab_verdict_names[FAULTLAB_NR_VERDICTS];
extern const char *const flab_callback_names[FAULTLAB_NR_CALLBACKS];
extern const char *const flab_vma_event_names[FAULTLAB_NR_VMA_EVENTS];
extern const char *const flab_why_names[FAULTLAB_NR_WHYS];
extern const char *const flab_lock_names[FAULTLAB_NR_LOCKS];
extern const char *const flab_result_names[FAULTLAB_NR_RESULTS];
extern const struct flab_bit_name flab_access_names[FLAB_NR_ACCESS_NAMES];
extern const struct flab_bit_name flab_flag_names[FLAB_NR_FLAG_NAMES];

void flab_show_bits(struct seq_file *m, u32 bits, const struct flab_bit_name *names,
		    size_t nr, char between);

#endif /* FLAB_NAMES_H */
