/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The words that rules are written in, for the module and for user space. As
 * faultlab_stats.h it is included with a macro of the includer's, for the list
 * that is wanted, so it has no include guard on purpose.
 */
#ifdef FAULTLAB_VERDICT_NAME
FAULTLAB_VERDICT_NAME(SERVE, "serve"),
FAULTLAB_VERDICT_NAME(MAJOR, "major"),
FAULTLAB_VERDICT_NAME(RETRY, "retry"),
FAULTLAB_VERDICT_NAME(SIGBUS, "sigbus"),
FAULTLAB_VERDICT_NAME(OOM, "oom"),
FAULTLAB_VERDICT_NAME(HWPOISON, "hwpoison"),
FAULTLAB_VERDICT_NAME(HWPOISON_LARGE, "hwpoison-large"),
FAULTLAB_VERDICT_NAME(SIGSEGV, "sigsegv"),
FAULTLAB_VERDICT_NAME(NOPAGE, "nopage"),
FAULTLAB_VERDICT_NAME(FALLBACK, "fallback"),
FAULTLAB_VERDICT_NAME(UNPLUG, "unplug"),
#endif
#ifdef FAULTLAB_ACCESS_NAME
FAULTLAB_ACCESS_NAME(READ, "read"),
FAULTLAB_ACCESS_NAME(WRITE, "write"),
FAULTLAB_ACCESS_NAME(COW, "cow"),
FAULTLAB_ACCESS_NAME(MKWRITE, "mkwrite"),
FAULTLAB_ACCESS_NAME(PFN_MKWRITE, "pfn_mkwrite"),
FAULTLAB_ACCESS_NAME(EXEC, "exec"),
FAULTLAB_ACCESS_NAME(REMOTE, "remote"),
FAULTLAB_ACCESS_NAME(AROUND, "around"),
FAULTLAB_ACCESS_NAME(HUGE, "huge"),
#endif
