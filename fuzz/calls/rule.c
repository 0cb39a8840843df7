// SPDX-License-Identifier: GPL-2.0-only
/* Rules as structs, and the gate at which some of them let faults wait. */
#include <string.h>

#include "fuzz/calls/ioctl.h"
#include "fuzz/calls/rule.h"
#include "fuzz/calls/words.h"

/* Faults for which a rule can only say whether they are mapped along with another. */
#define TOGETHER	(FAULTLAB_ACCESS_AROUND | FAULTLAB_ACCESS_HUGE)

/* Leaves out, one after the other, what makes a rule invalid, so that most are valid. */
static void mend(struct faultlab_rule *rule)
{
	const bool falls_back = rule->verdict == FAULTLAB_VERDICT_FALLBACK;

	if ((rule->verdict == FAULTLAB_VERDICT_OOM || rule->verdict == FAULTLAB_VERDICT_NOPAGE) &&
	    !rule->times)
		rule->times = 1 + rule->every % 5;
	if (!faultlab_rule_check(rule, NULL))
		return;
	rule->flags = 0;
	if (!faultlab_rule_check(rule, NULL))
		return;
	rule->access = falls_back ? TOGETHER : 0;
	if (!faultlab_rule_check(rule, NULL))
		return;
	rule->delay_kind = FAULTLAB_DELAY_FIXED;
	rule->delay_us = 0;
	rule->delay_max_us = 0;
	if (!faultlab_rule_check(rule, NULL))
		return;
	rule->skip = 0;
	rule->every = 0;
	rule->probability = 0;
	if (falls_back)
		rule->times = 0;
}

#define SHARED_US	20000	/* longest delay in the shared region */
#define SHARED_TIMES	50

/* A rule for the shared region must not keep the programs of other workers for long. */
static void soften(struct faultlab_rule *rule)
{
	if (rule->verdict == FAULTLAB_VERDICT_UNPLUG)
		rule->verdict = FAULTLAB_VERDICT_SIGBUS;
	if (rule->delay_kind == FAULTLAB_DELAY_GATE)
		rule->delay_kind = FAULTLAB_DELAY_FIXED;
	if (rule->delay_us > SHARED_US)
		rule->delay_us = SHARED_US;
	if (rule->delay_max_us > SHARED_US)
		rule->delay_max_us = SHARED_US;
	if (rule->delay_kind == FAULTLAB_DELAY_EXPONENTIAL)
		rule->delay_max_us = SHARED_US;
	if (rule->verdict != FAULTLAB_VERDICT_FALLBACK && !(rule->access & TOGETHER) &&
	    (!rule->times || rule->times > SHARED_TIMES))
		rule->times = SHARED_TIMES;
}

unsigned int fuzz_rules(const struct fuzz_world *w, const __u64 *a,
			struct faultlab_rule rule[FUZZ_RULES])
{
	const __u64 us = a[FUZZ_RULE_US], pages = a[FUZZ_RULE_PAGES];
	const unsigned int nr = 1 + a[FUZZ_RULE_MORE] % FUZZ_RULES;
	unsigned int i;

	rule[0] = (struct faultlab_rule){
		.verdict = a[FUZZ_RULE_VERDICT],
		.access = a[FUZZ_RULE_ACCESS],
		.offset = a[FUZZ_RULE_FIRST] * w->page,
		.length = pages == 1 ? FAULTLAB_TO_END : pages * w->page,
		.delay_kind = a[FUZZ_RULE_DELAY],
		.delay_us = a[FUZZ_RULE_DELAY] == FAULTLAB_DELAY_GATE ? 0 : us,
		.delay_max_us = a[FUZZ_RULE_DELAY] == FAULTLAB_DELAY_UNIFORM ? us * 2 : 0,
		.every = a[FUZZ_RULE_EVERY],
		.times = a[FUZZ_RULE_TIMES],
		.skip = a[FUZZ_RULE_SKIP],
		.probability = a[FUZZ_RULE_RARELY] ?
			       FAULTLAB_ALWAYS / (a[FUZZ_RULE_RARELY] % 12 + 1) : 0,
		.flags = a[FUZZ_RULE_FLAGS],
		.seed = a[FUZZ_RULE_FIRST],
		.arg = a[FUZZ_RULE_VERDICT] == FAULTLAB_VERDICT_HWPOISON_LARGE ?
		       a[FUZZ_RULE_EVERY] % 2 : 0,
	};
	if (fuzz_is_sharing(w->traits))
		soften(rule);
	/* One rule in twelve is what it is, valid or not. */
	if (a[FUZZ_RULE_MORE] != 11)
		mend(rule);
	for (i = 1; i < nr; i++) {
		rule[i] = rule[0];
		rule[i].offset += i * w->page;
	}
	return nr;
}

bool fuzz_step_repeats(const struct fuzz_step *step)
{
	const struct fuzz_arg *arg = fuzz_call(step->call)->arg;
	unsigned int i;

	for (i = 0; arg[i].type; i++)
		if (arg[i].words == &fuzz_verdicts)
			return step->arg[i] == FAULTLAB_VERDICT_NOPAGE ||
			       step->arg[i] == FAULTLAB_VERDICT_OOM;
	return false;
}

static long call_rule(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_rule rule[FUZZ_RULES];
	struct faultlab_rules rules = {
		.op = a[1],
		.nr = fuzz_rules(w, a + 3, rule),
		.rule_size = sizeof(*rule),
		.rules = (uintptr_t)rule,
	};

	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_RULE, &rules, sizeof(rules), a[2]);
}

static long call_rules_clear(struct fuzz_world *w, const __u64 *a)
{
	return faultlab_rules(fuzz_fd(w, a[0]), FAULTLAB_RULE_SET, NULL, 0);
}

static long call_rules_read(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_rule rule[12];
	struct faultlab_rules rules = {
		.nr = a[1] <= ARRAY_SIZE(rule) ? a[1] : ARRAY_SIZE(rule),
		.rule_size = sizeof(*rule),
		.rules = (uintptr_t)rule,
	};

	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_RULES_READ, &rules, sizeof(rules), a[2]);
}

static long call_gate(struct fuzz_world *w, const __u64 *a)
{
	const bool counts = a[1] == FAULTLAB_GATE_PASS || a[1] == FAULTLAB_GATE_AWAIT;
	struct faultlab_gate gate = {
		.op = a[1],
		.nr = counts ? a[2] : 0,
		.timeout_us = a[1] == FAULTLAB_GATE_AWAIT ? a[3] % 20000 : 0,
	};
	long ret = fuzz_ioctl(w, a[0], FAULTLAB_IOC_GATE, &gate, sizeof(gate), a[4]);

	/* No fault came to the gate in time: what AWAIT is for. */
	return ret == -ETIMEDOUT ? 0 : ret;
}

static const struct fuzz_word verdicts[] = { FAULTLAB_VERDICTS(FUZZ_ROW_VERDICT) };
static const struct fuzz_word accesses[] = {
	{ "0", 0 }, FAULTLAB_ACCESSES(FUZZ_ROW_ACCESS)
};

static const struct fuzz_word rule_flags[] = { FAULTLAB_RULE_FLAGS(FUZZ_ROW_RULE) };
static const struct fuzz_word rule_ops[] = {
	{ "set", FAULTLAB_RULE_SET }, { "add", FAULTLAB_RULE_ADD },
};

/*
 * At a gate a program waits until it is killed, if no other lane opens it. So gates are
 * rare: a program has some rules, and most programs should go on to their end.
 */
#define FIXED	{ "fixed", FAULTLAB_DELAY_FIXED }

static const struct fuzz_word delays[] = {
	FIXED, FIXED, FIXED, FIXED, FIXED, FIXED, FIXED, FIXED, FIXED, FIXED, FIXED, FIXED, FIXED,
	FIXED, FIXED, FIXED, { "uniform", FAULTLAB_DELAY_UNIFORM },
	{ "uniform", FAULTLAB_DELAY_UNIFORM }, { "exponential", FAULTLAB_DELAY_EXPONENTIAL },
	{ "exponential", FAULTLAB_DELAY_EXPONENTIAL }, { "gate", FAULTLAB_DELAY_GATE },
};

/* Mostly none; one is longer than a program may wait, so that it is killed in it. */
#define NONE	{ "0", 0 }

static const struct fuzz_word delay_us[] = {
	NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE,
	NONE, { "1us", 1 }, { "1us", 1 }, { "100us", 100 }, { "100us", 100 }, { "1ms", 1000 },
	{ "20ms", 20000 }, { "10s", 10000000 },
};

/* After a thousand times NOPAGE a task that does not notice that it was killed is seen. */
static const struct fuzz_word rule_times[] = {
	NONE, NONE, NONE, { "1", 1 }, { "2", 2 }, { "5", 5 }, { "50", 50 }, { "1000", 1000 },
};

#define WORDS_OF(list)	{ (list), ARRAY_SIZE(list) }

const struct fuzz_words fuzz_verdicts = WORDS_OF(verdicts);
const struct fuzz_words fuzz_accesses = WORDS_OF(accesses);
const struct fuzz_words fuzz_rule_flags = WORDS_OF(rule_flags);
const struct fuzz_words fuzz_rule_ops = WORDS_OF(rule_ops);
const struct fuzz_words fuzz_delays = WORDS_OF(delays);
const struct fuzz_words fuzz_delay_us = WORDS_OF(delay_us);
const struct fuzz_words fuzz_rule_times = WORDS_OF(rule_times);

static const struct fuzz_word gate_ops[] = {
	{ "pass", FAULTLAB_GATE_PASS }, { "open", FAULTLAB_GATE_OPEN },
	{ "close", FAULTLAB_GATE_CLOSE }, { "await", FAULTLAB_GATE_AWAIT },
};

#define FD	{ "fd", FUZZ_FD }
#define TWIST	{ "twist", FUZZ_TWIST }

static const struct fuzz_call calls[] = {
	{ "rule", 40, FUZZ_SHARE, call_rule,
	  { FD, { "op", FUZZ_ONE, &fuzz_rule_ops }, TWIST, FUZZ_RULE_ARGS } },
	{ "rules_clear", 20, 0, call_rules_clear, { FD } },
	{ "rules_read", 30, FUZZ_SHARE, call_rules_read,
	  { FD, { "nr", FUZZ_SMALL }, TWIST } },
	{ "gate", 35, FUZZ_SHARE, call_gate,
	  { FD, { "op", FUZZ_ONE, FUZZ_WORDS(gate_ops) }, { "nr", FUZZ_SMALL },
	    { "us", FUZZ_NUMBER }, TWIST } },
};

FUZZ_CALLS(rule);
