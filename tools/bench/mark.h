/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Marks the begin and the end of each round of a figure for the QEMU plugin
 * (tools/qemu/profile.c). A mark is a nop with a displacement that no other code uses.
 */
#ifndef FAULTLAB_TOOL_BENCH_MARK_H
#define FAULTLAB_TOOL_BENCH_MARK_H

#define BENCH_MARK_BEGIN	0x2bf10001
#define BENCH_MARK_END		0x2bf10000

#ifdef __x86_64__
#define bench_mark(mark)	asm volatile("nopl %c0(%%rax,%%rax,1)" : : "i" (mark))
#else
#define bench_mark(mark)	((void)(mark))
#endif

#endif /* FAULTLAB_TOOL_BENCH_MARK_H */
