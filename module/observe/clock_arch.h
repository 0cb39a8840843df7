/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether this architecture's cycle counter is reliable. */
#ifndef FLAB_CLOCK_ARCH_H
#define FLAB_CLOCK_ARCH_H

#ifdef CONFIG_X86_TSC
#include <asm/tsc.h>

/* TSC frequency in kHz; 0 if the kernel has marked the TSC unstable. */
static inline u32 flab_cycles_khz(void)
{
	return check_tsc_unstable() ? 0 : tsc_khz;
}
#else
static inline u32 flab_cycles_khz(void)
{
	return 0;
}
#endif

#endif /* FLAB_CLOCK_ARCH_H */
