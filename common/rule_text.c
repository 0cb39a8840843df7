// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses rules from text, and writes them as text: docs/reference/rules.md has the grammar.
 * This checks only the syntax; rule_check.c checks whether the values are valid.
 */
#include "text.h"

/* What a user is told who writes one of these words as a verdict, though it is none. */
#define WHY_DONE_COW FLAB_REASON( \
	"VM_FAULT_DONE_COW cannot be asked for: do_cow_fault() would leak the copy.")
#define WHY_DELAY FLAB_REASON( \
	"delay is not a verdict: write one before it, as in 'serve delay=20ms'.")
#define WHY_GATE FLAB_REASON( \
	"gate is not a verdict: write one before it, as in 'serve gate'.")
#define WHY_NO_PAGE FLAB_REASON( \
	"0 without a page oopses in __do_fault(): nopage times=1 is a fault that maps nothing.")

static const struct {
	const char *name;
	const char *why;
} impossible[] = {
	{ "done_cow", WHY_DONE_COW },
	{ "done-cow", WHY_DONE_COW },
	{ "0", WHY_NO_PAGE },
	{ "none", WHY_NO_PAGE },
	{ "delay", WHY_DELAY },
	{ "gate", WHY_GATE },
};

/* A word that can follow the verdict in a rule, as "pages=3" or "gate". */
struct flab_rule_key {
	const char *name;
	bool valued;	/* has a '=' */
	u32 once;	/* a bit; of the words that share it, a rule may have one */
	const char *wants;
	/* Parses the text after the '='. */
	bool (*parse)(const struct flab_rule_key *key, char *text, struct faultlab_rule *rule);
	/* Appends a blank and the word; nothing if the rule has the default. */
	void (*show)(const struct flab_rule_key *key, struct flab_text *to,
		     const struct faultlab_rule *rule);
	size_t field;	/* offset in struct faultlab_rule */
	u64 least;
	u32 flag;
};

static bool parse_pages(const struct flab_rule_key *key, char *text,
			struct faultlab_rule *rule)
{
	return flab_scan_pages(text, &rule->offset, &rule->length);
}

static void show_pages(const struct flab_rule_key *key, struct flab_text *to,
		       const struct faultlab_rule *rule)
{
	u64 page = PAGE_SIZE;
	u64 first = rule->offset / page;
	u64 nr = rule->length / page;

	if (rule->length == FAULTLAB_TO_END && !first)
		return;
	flab_text_add(to, " pages=%llu", first);
	if (rule->length == FAULTLAB_TO_END)
		flab_text_add(to, "-");
	else if (nr > 1)
		flab_text_add(to, "-%llu", first + nr - 1);
}

static bool parse_access(const struct flab_rule_key *key, char *text, struct faultlab_rule *rule)
{
	char *name;
	u32 bit;

	while ((name = strsep(&text, ","))) {
		bit = faultlab_access_by_name(name);
		if (!bit || (rule->access & bit))
			return false;
		rule->access |= bit;
	}
	return true;
}

static void show_access(const struct flab_rule_key *key, struct flab_text *to,
			const struct faultlab_rule *rule)
{
	if (!rule->access)
		return;
	flab_text_add(to, " access=");
	flab_add_bits(to, rule->access, &flab_access_bits, ",");
}

static bool parse_delay(const struct flab_rule_key *key, char *text, struct faultlab_rule *rule)
{
	bool exponential = flab_skip_word(&text, "exp:");

	rule->delay_kind = exponential ? FAULTLAB_DELAY_EXPONENTIAL : FAULTLAB_DELAY_FIXED;
	if (!flab_scan_time(&text, &rule->delay_us))
		return false;
	if (flab_skip_word(&text, "..")) {
		if (!exponential)
			rule->delay_kind = FAULTLAB_DELAY_UNIFORM;
		if (!flab_scan_time(&text, &rule->delay_max_us))
			return false;
	}
	return !*text;
}

static_assert(FAULTLAB_NR_DELAYS == 4, "read and write the new delay");

static void show_delay(const struct flab_rule_key *key, struct flab_text *to,
		       const struct faultlab_rule *rule)
{
	bool exponential = rule->delay_kind == FAULTLAB_DELAY_EXPONENTIAL;
	bool uniform = rule->delay_kind == FAULTLAB_DELAY_UNIFORM;

	if (rule->delay_kind == FAULTLAB_DELAY_GATE ||
	    (rule->delay_kind == FAULTLAB_DELAY_FIXED && !rule->delay_us))
		return;
	flab_text_add(to, " delay=%s", exponential ? "exp:" : "");
	flab_add_time(to, rule->delay_us);
	if (uniform || (exponential && rule->delay_max_us)) {
		flab_text_add(to, "..");
		flab_add_time(to, rule->delay_max_us);
	}
}

static bool parse_gate(const struct flab_rule_key *key, char *text, struct faultlab_rule *rule)
{
	rule->delay_kind = FAULTLAB_DELAY_GATE;
	return true;
}

static void show_gate(const struct flab_rule_key *key, struct flab_text *to,
		      const struct faultlab_rule *rule)
{
	if (rule->delay_kind == FAULTLAB_DELAY_GATE)
		flab_text_add(to, " %s", key->name);
}

static bool parse_number(const struct flab_rule_key *key, char *text, struct faultlab_rule *rule)
{
	u64 *field = (void *)((char *)rule + key->field);

	return flab_scan_number(&text, field) && !*text && *field >= key->least;
}

/* Defaults are not shown: 0, and for `every` also 1, which means the same as 0. */
static void show_number(const struct flab_rule_key *key, struct flab_text *to,
			const struct faultlab_rule *rule)
{
	u64 number = *(const u64 *)((const char *)rule + key->field);

	if (number && !(key->field == offsetof(struct faultlab_rule, every) && number == 1))
		flab_text_add(to, " %s=%llu", key->name, number);
}

static bool parse_probability(const struct flab_rule_key *key, char *text,
			      struct faultlab_rule *rule)
{
	return flab_scan_probability(&text, &rule->probability) && !*text;
}

static void show_probability(const struct flab_rule_key *key, struct flab_text *to,
			     const struct faultlab_rule *rule)
{
	if (!rule->probability || rule->probability == FAULTLAB_ALWAYS)
		return;
	flab_text_add(to, " %s=", key->name);
	flab_add_fraction(to, rule->probability);
}

static bool parse_flag(const struct flab_rule_key *key, char *text, struct faultlab_rule *rule)
{
	rule->flags |= key->flag;
	return true;
}

static void show_flag(const struct flab_rule_key *key, struct flab_text *to,
		      const struct faultlab_rule *rule)
{
	if (rule->flags & key->flag)
		flab_text_add(to, " %s", key->name);
}

#define LISTED(NAME, name, ...)			" " name
#define LISTED_BIT(NAME, bit, name, ...)	" " name
#define ACCESSES FLAB_REASON( \
	"names separated by commas, each once, of" FAULTLAB_ACCESSES(LISTED_BIT))
#define PAGES FLAB_REASON("a page, a range, or all pages from one on: 3, 3-5 or 3-")
#define DELAY FLAB_REASON("a time: 20ms, 1ms..20ms, exp:5ms or exp:5ms..1s")
#define NUMBER FLAB_REASON("a number, decimal or hexadecimal after 0x")
#define COUNT FLAB_REASON("a number from 1, decimal or hexadecimal after 0x")
#define FRACTION FLAB_REASON("1, or a number between 0 and 1 with at most six decimal places: 0.25")

#define KEY(word, has_value, bit, text, verb, ...) \
	{ .name = word, .valued = has_value, .once = 1U << (bit), .wants = text, \
	  .parse = parse_##verb, .show = show_##verb, ##__VA_ARGS__ }
#define FIELD(member) \
	.field = offsetof(struct faultlab_rule, member)
#define FLAG(NAME, bit, name, ...) \
	KEY(name, false, 8 + (bit), NULL, flag, .flag = FAULTLAB_RULE_##NAME),

/* In the order in which flab_add_rule() writes them. */
static const struct flab_rule_key keys[] = {
	KEY("pages", true, 0, PAGES, pages),
	KEY("access", true, 1, ACCESSES, access),
	KEY("delay", true, 2, DELAY, delay),
	KEY("gate", false, 2, NULL, gate),
	KEY("skip", true, 3, NUMBER, number, FIELD(skip)),
	KEY("every", true, 4, COUNT, number, FIELD(every), .least = 1),
	KEY("times", true, 5, COUNT, number, FIELD(times), .least = 1),
	KEY("probability", true, 6, FRACTION, probability),
	KEY("seed", true, 7, NUMBER, number, FIELD(seed)),
	FAULTLAB_RULE_FLAGS(FLAG)
};

#define WORDS \
	"pages= access= delay= gate skip= every= times= probability= seed=" \
	FAULTLAB_RULE_FLAGS(LISTED_BIT)

const struct flab_rule_key *flab_rule_key(const char *name, size_t length)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].name) == length && !strncmp(keys[i].name, name, length))
			return &keys[i];
	return NULL;
}

static int parse_verdict(char *word, struct faultlab_rule *rule, const char **why)
{
	char *name = strsep(&word, ":");
	int verdict = faultlab_verdict_by_name(name);
	unsigned int i;
	u64 arg;

	for (i = 0; verdict < 0 && i < ARRAY_SIZE(impossible); i++)
		if (!strcmp(name, impossible[i].name))
			return flab_refuse(why, "%s", impossible[i].why);
	if (verdict < 0)
		return flab_refuse(why, "no verdict '%s': a rule begins with one of"
				   FAULTLAB_VERDICTS(LISTED) ".", name);
	rule->verdict = verdict;
	if (!word)
		return 0;
	if (verdict != FAULTLAB_VERDICT_HWPOISON_LARGE)
		return flab_refuse(why, "%s takes no argument: only hwpoison-large does.", name);
	if (!flab_scan_number(&word, &arg) || *word || arg > U32_MAX)
		return flab_refuse(why,
				   "in hwpoison-large:N, N must be the index of an hstate, 0 or 1.");
	rule->arg = arg;
	return 0;
}

static int parse_word(char *word, struct faultlab_rule *rule, u32 *seen, const char **why)
{
	char *name = strsep(&word, "=");
	const struct flab_rule_key *key = flab_rule_key(name, strlen(name));

	if (!key)
		return flab_refuse(why,
				   "unknown word '%s': a verdict can be followed by " WORDS ".",
				   name);
	if (*seen & key->once)
		return flab_refuse(why, "'%s' cannot be added: the rule already has %s.", name,
				   key->once == keys[2].once ? "delay= or gate" : name);
	*seen |= key->once;
	if (!key->valued && word)
		return flab_refuse(why, "'%s' takes no value: write it without '='.", name);
	if (key->valued && !word)
		return flab_refuse(why, "'%s' needs '=' and %s.", name, key->wants);
	if (!key->parse(key, word, rule))
		return flab_refuse(why, "%s= needs %s.", name, key->wants);
	return 0;
}

/**
 * flab_rule_parse - parse a rule
 * @line: the text without a line feed; is overwritten
 * @rule: out: the rule; the caller must check its values with faultlab_rule_check()
 * @why: out: on failure, in user space only, a sentence that says what is wrong; may be NULL
 *
 * Return: 0, -EINVAL if the line is no rule, -ENODATA if it is blank or a comment.
 */
int flab_rule_parse(char *line, struct faultlab_rule *rule, const char **why)
{
	bool empty = true;
	u32 seen = 0;
	char *word;
	int err;

	*rule = (struct faultlab_rule) { .length = FAULTLAB_TO_END };
	line[strcspn(line, "#")] = '\0';
	while ((word = strsep(&line, FLAB_BLANKS))) {
		if (!*word)
			continue;
		err = empty ? parse_verdict(word, rule, why) : parse_word(word, rule, &seen, why);
		if (err)
			return err;
		empty = false;
	}
	if (!empty)
		return 0;
	(void)flab_refuse(why, "the line contains no rule.");
	return -ENODATA;
}

/**
 * flab_add_rule - write a rule as text
 * @to: the text is appended to this
 * @rule: a valid rule
 *
 * The text has the verdict, then the words that differ from their default, in the order of
 * keys[]; it does not have the hits. flab_rule_parse() accepts the text unchanged.
 */
void flab_add_rule(struct flab_text *to, const struct faultlab_rule *rule)
{
	unsigned int i;

	flab_text_add(to, "%s", faultlab_verdict_name(rule->verdict));
	if (rule->arg)
		flab_text_add(to, ":%u", rule->arg);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		keys[i].show(&keys[i], to, rule);
}
