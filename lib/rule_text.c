// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules as text: docs/reference/rules.md has the grammar. module/debugfs/rule_text.c is the same
 * for the kernel, which gives only EINVAL for a bad line.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "faultlab.h"
#include "rule_value.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BLANKS		" \t"

/* The longest line without its comment. One with each key once is far shorter. */
#define LINE_MAX_LEN	512

/* Reasons for words that users may try, but that are no verdicts. */
#define WHY_DONE_COW \
	"VM_FAULT_DONE_COW cannot be asked for: do_cow_fault() then returns without mapping the copy or freeing it, and the page leaks."
#define WHY_NO_PAGE \
	"0 without a page cannot be asked for: __do_fault() looks into the page that is not there, and the kernel oopses."

static const struct {
	const char *name;
	const char *why;
} impossible[] = {
	{ "done_cow", WHY_DONE_COW },
	{ "done-cow", WHY_DONE_COW },
	{ "0", WHY_NO_PAGE },
	{ "none", WHY_NO_PAGE },
	{ "delay", "a delay is no verdict: 'serve delay=20ms' is a fault that waits first." },
	{ "gate", "the gate is no verdict: 'serve gate' is a fault that waits there first." },
};

/* A word that can follow the verdict. */
struct key {
	const char *name;
	bool valued;	/* has a '=' */
	__u32 once;	/* a bit: only one word of a line may have it */
	const char *wants;
	/* Parses the text after the '='. */
	bool (*parse)(const struct key *key, char *text, struct faultlab_rule *rule);
	/* Adds the word with a blank before it; nothing for the default. */
	void (*show)(const struct key *key, struct text *to,
		     const struct faultlab_rule *rule);
	size_t field;	/* offset in struct faultlab_rule */
	__u64 least;
	__u32 flag;
};

__attribute__((format(printf, 2, 3)))
static int refuse(const char **why, const char *format, ...)
{
	static __thread char sentence[256];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (why)
		*why = sentence;
	return -EINVAL;
}

static bool parse_pages(const struct key *key, char *text, struct faultlab_rule *rule)
{
	__u64 page = sysconf(_SC_PAGESIZE);
	/* The last page whose end in bytes fits into 64 bits. */
	__u64 limit = ~0ULL / page - 1;
	__u64 first, last;

	(void)key;
	if (!text_scan_number(&text, &first) || first > limit)
		return false;
	rule->offset = first * page;
	if (!strcmp(text, "-"))
		return true;
	last = first;
	if (*text == '-') {
		text++;
		if (!text_scan_number(&text, &last))
			return false;
	}
	if (*text || last < first || last > limit)
		return false;
	rule->length = (last - first + 1) * page;
	return true;
}

static void show_pages(const struct key *key, struct text *to,
		       const struct faultlab_rule *rule)
{
	__u64 page = sysconf(_SC_PAGESIZE);
	__u64 first = rule->offset / page;
	__u64 nr = rule->length / page;

	(void)key;
	if (rule->length == FAULTLAB_TO_END && !first)
		return;
	text_add(to, " pages=%llu", first);
	if (rule->length == FAULTLAB_TO_END)
		text_add(to, "-");
	else if (nr > 1)
		text_add(to, "-%llu", first + nr - 1);
}

static bool parse_access(const struct key *key, char *text, struct faultlab_rule *rule)
{
	char *name;
	__u32 bit;

	(void)key;
	while ((name = strsep(&text, ","))) {
		bit = faultlab_access_by_name(name);
		if (!bit || (rule->access & bit))
			return false;
		rule->access |= bit;
	}
	return true;
}

static void show_access(const struct key *key, struct text *to,
			const struct faultlab_rule *rule)
{
	const char *before = " access=";
	__u32 bit;

	(void)key;
	for (bit = 1; bit & FAULTLAB_ACCESS_ANY; bit <<= 1) {
		if (!(rule->access & bit))
			continue;
		text_add(to, "%s%s", before, faultlab_access_name(bit));
		before = ",";
	}
}

static bool parse_delay(const struct key *key, char *text, struct faultlab_rule *rule)
{
	bool exponential = text_skip_word(&text, "exp:");

	(void)key;
	rule->delay_kind = exponential ? FAULTLAB_DELAY_EXPONENTIAL : FAULTLAB_DELAY_FIXED;
	if (!text_scan_time(&text, &rule->delay_us))
		return false;
	if (text_skip_word(&text, "..")) {
		if (!exponential)
			rule->delay_kind = FAULTLAB_DELAY_UNIFORM;
		if (!text_scan_time(&text, &rule->delay_max_us))
			return false;
	}
	return !*text;
}

static void show_delay(const struct key *key, struct text *to,
		       const struct faultlab_rule *rule)
{
	bool exponential = rule->delay_kind == FAULTLAB_DELAY_EXPONENTIAL;
	bool uniform = rule->delay_kind == FAULTLAB_DELAY_UNIFORM;

	(void)key;
	if (rule->delay_kind == FAULTLAB_DELAY_GATE ||
	    (rule->delay_kind == FAULTLAB_DELAY_FIXED && !rule->delay_us))
		return;
	text_add(to, " delay=%s", exponential ? "exp:" : "");
	text_add_time(to, rule->delay_us);
	if (uniform || (exponential && rule->delay_max_us)) {
		text_add(to, "..");
		text_add_time(to, rule->delay_max_us);
	}
}

static bool parse_gate(const struct key *key, char *text, struct faultlab_rule *rule)
{
	(void)key;
	(void)text;
	rule->delay_kind = FAULTLAB_DELAY_GATE;
	return true;
}

static void show_gate(const struct key *key, struct text *to,
		      const struct faultlab_rule *rule)
{
	if (rule->delay_kind == FAULTLAB_DELAY_GATE)
		text_add(to, " %s", key->name);
}

static bool parse_number(const struct key *key, char *text, struct faultlab_rule *rule)
{
	__u64 *field = (void *)((char *)rule + key->field);

	return text_scan_number(&text, field) && !*text && *field >= key->least;
}

/* Without the key a number is 0, and `every` is 1: these are not shown. */
static void show_number(const struct key *key, struct text *to,
			const struct faultlab_rule *rule)
{
	__u64 number = *(const __u64 *)((const char *)rule + key->field);

	if (number && !(key->field == offsetof(struct faultlab_rule, every) && number == 1))
		text_add(to, " %s=%llu", key->name, number);
}

static bool parse_probability(const struct key *key, char *text, struct faultlab_rule *rule)
{
	(void)key;
	return text_scan_probability(&text, &rule->probability) && !*text;
}

static void show_probability(const struct key *key, struct text *to,
			     const struct faultlab_rule *rule)
{
	if (!rule->probability || rule->probability == FAULTLAB_ALWAYS)
		return;
	text_add(to, " %s=", key->name);
	text_add_fraction(to, rule->probability);
}

static bool parse_flag(const struct key *key, char *text, struct faultlab_rule *rule)
{
	(void)text;
	rule->flags |= key->flag;
	return true;
}

static void show_flag(const struct key *key, struct text *to,
		      const struct faultlab_rule *rule)
{
	if (rule->flags & key->flag)
		text_add(to, " %s", key->name);
}

#define WORDS \
	"pages=, access=, delay=, gate, skip=, every=, times=, probability=, seed=, hold-lock, unlocked and stack"
#define VERDICTS \
	"serve, major, retry, sigbus, oom, hwpoison, hwpoison-large, sigsegv, nopage, fallback or unplug"
#define ACCESSES \
	"names with commas, of read, write, cow, mkwrite, pfn_mkwrite, exec, remote, around and huge, each once"

#define KEY(key, has_value, bit, text, verb, ...) \
	{ .name = key, .valued = has_value, .once = 1U << (bit), .wants = text, \
	  .parse = parse_##verb, .show = show_##verb, ##__VA_ARGS__ }
#define FIELD(member) \
	.field = offsetof(struct faultlab_rule, member)

static const struct key keys[] = {
	KEY("pages", true, 0, "a page, a range or the rest: 3, 3-5 or 3-", pages),
	KEY("access", true, 1, ACCESSES, access),
	KEY("delay", true, 2, "a time: 20ms, 1ms..20ms, exp:5ms or exp:5ms..1s", delay),
	KEY("gate", false, 2, NULL, gate),
	KEY("skip", true, 3, "a number", number, FIELD(skip)),
	KEY("every", true, 4, "a number from 1", number, FIELD(every), .least = 1),
	KEY("times", true, 5, "a number from 1; without it there is no limit", number,
	    FIELD(times), .least = 1),
	KEY("probability", true, 6, "1, or a fraction above 0 with at most six places: 0.25",
	    probability),
	KEY("seed", true, 7, "a number", number, FIELD(seed)),
	KEY("hold-lock", false, 8, NULL, flag, .flag = FAULTLAB_RULE_HOLD_LOCK),
	KEY("unlocked", false, 9, NULL, flag, .flag = FAULTLAB_RULE_UNLOCKED),
	KEY("stack", false, 10, NULL, flag, .flag = FAULTLAB_RULE_STACK),
};

static int parse_verdict(char *word, struct faultlab_rule *rule, const char **why)
{
	char *name = strsep(&word, ":");
	int verdict = faultlab_verdict_by_name(name);
	unsigned int i;
	__u64 arg;

	for (i = 0; verdict < 0 && i < ARRAY_SIZE(impossible); i++)
		if (!strcmp(name, impossible[i].name))
			return refuse(why, "%s", impossible[i].why);
	if (verdict < 0)
		return refuse(why, "no verdict '%s': a rule begins with " VERDICTS ".", name);
	rule->verdict = verdict;
	if (!word)
		return 0;
	if (verdict != FAULTLAB_VERDICT_HWPOISON_LARGE)
		return refuse(why, "%s takes no argument: only hwpoison-large does.", name);
	if (!text_scan_number(&word, &arg) || *word || arg > UINT32_MAX)
		return refuse(why, "hwpoison-large: wants the index of an hstate, 0 or 1.");
	rule->arg = arg;
	return 0;
}

static int parse_word(char *word, struct faultlab_rule *rule, __u32 *seen, const char **why)
{
	char *name = strsep(&word, "=");
	const struct key *key = keys;

	while (key < keys + ARRAY_SIZE(keys) && strcmp(name, key->name))
		key++;
	if (key == keys + ARRAY_SIZE(keys))
		return refuse(why, "no key '%s': behind the verdict can be " WORDS ".", name);
	if (*seen & key->once)
		return refuse(why, "'%s' comes on top of another %s: each can be there once.",
			      name, key->once == keys[2].once ? "delay= or gate" : name);
	*seen |= key->once;
	if (!key->valued && word)
		return refuse(why, "'%s' stands alone, without '='.", name);
	if (key->valued && !word)
		return refuse(why, "'%s' wants '=' and %s.", name, key->wants);
	if (!key->parse(key, word, rule))
		return refuse(why, "%s= wants %s.", name, key->wants);
	return 0;
}

int faultlab_rule_parse(const char *text, struct faultlab_rule *rule, const char **why)
{
	char line[LINE_MAX_LEN], *rest = line, *word;
	size_t len = strcspn(text, "#");
	bool empty = true;
	__u32 seen = 0;
	int err;

	*rule = (struct faultlab_rule){ .length = FAULTLAB_TO_END };
	if (len >= sizeof(line))
		return refuse(why, "the rule is longer than any can be.");
	memcpy(line, text, len);
	line[len] = '\0';
	while ((word = strsep(&rest, BLANKS))) {
		if (!*word)
			continue;
		err = empty ? parse_verdict(word, rule, why) : parse_word(word, rule, &seen, why);
		if (err)
			return err;
		empty = false;
	}
	if (!empty)
		return 0;
	refuse(why, "there is no rule in that line.");
	return -ENODATA;
}

bool faultlab_rule_continues(const char *text)
{
	const struct key *key = keys;
	size_t length;

	text += strspn(text, BLANKS);
	length = strcspn(text, BLANKS "=#");
	while (key < keys + ARRAY_SIZE(keys) &&
	       (strlen(key->name) != length || strncmp(key->name, text, length)))
		key++;
	return key < keys + ARRAY_SIZE(keys);
}

char *faultlab_rule_text(const struct faultlab_rule *rule, char *text, size_t size)
{
	struct text to = { .at = text, .room = size };
	unsigned int i;

	text_add(&to, "%s", faultlab_verdict_name(rule->verdict));
	if (rule->arg)
		text_add(&to, ":%u", rule->arg);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		keys[i].show(&keys[i], &to, rule);
	return text;
}
