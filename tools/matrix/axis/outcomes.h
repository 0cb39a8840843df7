/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The outcomes, in the order of the matrix: MATRIX_OUTCOME(NAME, "name", fields...), with
 * the fields of struct matrix_outcome. The file that includes this one defines
 * MATRIX_OUTCOME. Each row becomes an enumerator OUTCOME(NAME), and an element of
 * matrix_outcomes[].
 */

/* Short, to keep the matrix fast, but longer than a context switch. */
#define DELAY_US	1000

#define VERDICT(NAME, ...) \
	.rule = { .length = 1, .verdict = FAULTLAB_VERDICT_##NAME, ##__VA_ARGS__ }

MATRIX_OUTCOME(SERVE, "serve")
MATRIX_OUTCOME(PRESENT, "present", .setup = MATRIX_TOUCHED)
MATRIX_OUTCOME(EVICTED, "evicted", .setup = MATRIX_EVICTED)
MATRIX_OUTCOME(DELAY, "delay", VERDICT(SERVE, .delay_us = DELAY_US))
MATRIX_OUTCOME(HELD, "delay-held",
	       VERDICT(SERVE, .delay_us = DELAY_US, .flags = FAULTLAB_RULE_HOLD_LOCK))
MATRIX_OUTCOME(RETRY, "retry", VERDICT(RETRY))
MATRIX_OUTCOME(GATE, "gate", VERDICT(SERVE, .delay_kind = FAULTLAB_DELAY_GATE))
MATRIX_OUTCOME(MAJOR, "major", VERDICT(MAJOR))
MATRIX_OUTCOME(NOPAGE, "nopage-once", VERDICT(NOPAGE, .times = 1))
MATRIX_OUTCOME(OOM, "oom-once", VERDICT(OOM, .times = 1))
MATRIX_OUTCOME(SIGBUS, "sigbus", VERDICT(SIGBUS))
MATRIX_OUTCOME(SIGSEGV, "sigsegv", VERDICT(SIGSEGV))
MATRIX_OUTCOME(HWPOISON, "hwpoison", VERDICT(HWPOISON))
MATRIX_OUTCOME(HWPOISON_LARGE, "hwpoison-large", VERDICT(HWPOISON_LARGE))
MATRIX_OUTCOME(UNPLUG, "unplug", VERDICT(UNPLUG), .fatal = true)
MATRIX_OUTCOME(PAST_END, "past-end", .setup = MATRIX_PAST_END)

#undef MATRIX_OUTCOME
#undef DELAY_US
#undef VERDICT
