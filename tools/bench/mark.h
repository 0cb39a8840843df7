/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a figure begins and ends, for who looks over the processor's shoulder
 * (tools/qemu/profile.c): an instruction that does nothing, with a number in it that
 * nobody else uses.
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
