/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Definitions with which the files of common/ compile in the kernel and in user space:
 * types, the output of text (struct flab_text), and the sentences that say why a rule or
 * region is refused, which only user space has.
 */
#ifndef FLAB_ENV_H
#define FLAB_ENV_H

#include <linux/faultlab.h>

#ifdef __KERNEL__

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/time64.h>

/* In the module, text is written to the seq_file of a debugfs file. */
#define flab_text		seq_file
#define flab_text_add		seq_printf

/* The module returns only an errno: the sentences are not compiled in. */
#define FLAB_REASON(text)	NULL
#define flab_refuse(why, ...)	((void)(why), -EINVAL)

#else

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include "util.h"

typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;

#define U32_MAX			UINT32_MAX
#define U64_MAX			UINT64_MAX
#define S32_MAX			INT32_MAX
#define S64_MAX			INT64_MAX
#define PAGE_SIZE		((u64)sysconf(_SC_PAGESIZE))
#define check_mul_overflow	__builtin_mul_overflow
#define check_add_overflow	__builtin_add_overflow

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

/* A buffer that text is appended to. Text that does not fit is truncated. */
struct flab_text {
	char *at;
	size_t room;
};

__attribute__((format(printf, 2, 3)))
void flab_text_add(struct flab_text *to, const char *format, ...);

#define FLAB_REASON(text)	(text)

/*
 * Formats the sentence that says why something is refused, and sets *why to it unless why
 * is NULL. The sentence is valid until the same thread's next call. Returns -EINVAL.
 */
__attribute__((format(printf, 2, 3)))
int flab_refuse(const char **why, const char *format, ...);

#endif /* __KERNEL__ */

#endif /* FLAB_ENV_H */
