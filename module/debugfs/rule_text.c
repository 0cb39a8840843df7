// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules as text, one a line: docs/reference/rules.md has the grammar. lib/rule_text.c is the same
 * for user space and explains why a line is refused. This checks the syntax only;
 * rule/check.c checks what the numbers mean.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include "debugfs/names.h"
#include "debugfs/rule_text.h"
#include "debugfs/rule_value.h"

#define FLAB_BLANKS	" \t"

/**
 * struct flab_text_key - a word that can follow the verdict
 * @name: the part before the '=', or the whole word
 * @valued: whether there is a '='
 * @once: a bit: only one word of a line may have it
 * @parse: parse the text after the '=' (NULL without one); returns 0 or -EINVAL
 * @show: write the word with a blank before it; nothing for the default
 * @field: offset in struct faultlab_rule, if @parse and @show need it
 * @least: smallest number that is accepted
 * @flag: FAULTLAB_RULE_*, if @parse and @show need it
 */
struct flab_text_key {
	const char *name;
	bool valued;
	u32 once;
	int (*parse)(const struct flab_text_key *key, char *text,
		     struct faultlab_rule *rule);
	void (*show)(const struct flab_text_key *key, struct seq_file *m,
		     const struct faultlab_rule *rule);
	size_t field;
	u64 least;
	u32 flag;
};

static int flab_parse_pages(const struct flab_text_key *key, char *text,
			    struct faultlab_rule *rule)
{
	return flab_scan_pages(text, &rule->offset, &rule->length);
}

static void flab_show_pages(const struct flab_text_key *key, struct seq_file *m,
			    const struct faultlab_rule *rule)
{
	u64 first = rule->offset >> PAGE_SHIFT;
	u64 nr = rule->length >> PAGE_SHIFT;

	if (rule->length == FAULTLAB_TO_END && !first)
		return;
	seq_printf(m, " pages=%llu", first);
	if (rule->length == FAULTLAB_TO_END)
		seq_putc(m, '-');
	else if (nr > 1)
		seq_printf(m, "-%llu", first + nr - 1);
}

static int flab_parse_access(const struct flab_text_key *key, char *text,
			     struct faultlab_rule *rule)
{
	char *name;
	int i;

	while ((name = strsep(&text, ","))) {
		for (i = 0; i < ARRAY_SIZE(flab_access_names); i++)
			if (!strcmp(name, flab_access_names[i].name))
				break;
		if (i == ARRAY_SIZE(flab_access_names) ||
		    rule->access & flab_access_names[i].bit)
			return -EINVAL;
		rule->access |= flab_access_names[i].bit;
	}
	return 0;
}

static void flab_show_access(const struct flab_text_key *key, struct seq_file *m,
			     const struct faultlab_rule *rule)
{
	if (!rule->access)
		return;
	seq_puts(m, " access=");
	flab_show_bits(m, rule->access, flab_access_names, ARRAY_SIZE(flab_access_names), ',');
}

static int flab_parse_delay(const struct flab_text_key *key, char *text,
			    struct faultlab_rule *rule)
{
	size_t len = str_has_prefix(text, "exp:");

	rule->delay_kind = len ? FAULTLAB_DELAY_EXPONENTIAL : FAULTLAB_DELAY_FIXED;
	text += len;
	if (flab_scan_time(&text, &rule->delay_us))
		return -EINVAL;
	if (str_has_prefix(text, "..")) {
		text += 2;
		if (!len)
			rule->delay_kind = FAULTLAB_DELAY_UNIFORM;
		if (flab_scan_time(&text, &rule->delay_max_us))
			return -EINVAL;
	}
	return *text ? -EINVAL : 0;
}

static void flab_show_delay(const struct flab_text_key *key, struct seq_file *m,
			    const struct faultlab_rule *rule)
{
	bool exponential = rule->delay_kind == FAULTLAB_DELAY_EXPONENTIAL;
	bool uniform = rule->delay_kind == FAULTLAB_DELAY_UNIFORM;

	if (rule->delay_kind == FAULTLAB_DELAY_GATE ||
	    (rule->delay_kind == FAULTLAB_DELAY_FIXED && !rule->delay_us))
		return;
	seq_printf(m, " delay=%s", exponential ? "exp:" : "");
	flab_show_time(m, rule->delay_us);
	if (uniform || (exponential && rule->delay_max_us)) {
		seq_puts(m, "..");
		flab_show_time(m, rule->delay_max_us);
	}
}

static int flab_parse_gate(const struct flab_text_key *key, char *text,
			   struct faultlab_rule *rule)
{
	rule->delay_kind = FAULTLAB_DELAY_GATE;
	return 0;
}

static void flab_show_gate(const struct flab_text_key *key, struct seq_file *m,
			   const struct faultlab_rule *rule)
{
	if (rule->delay_kind == FAULTLAB_DELAY_GATE)
		seq_puts(m, " gate");
}

static int flab_parse_number(const struct flab_text_key *key, char *text,
			     struct faultlab_rule *rule)
{
	u64 *field = (void *)rule + key->field;

	if (flab_scan_number(&text, field) || *text || *field < key->least)
		return -EINVAL;
	return 0;
}

/* Without the key a number is 0, and `every` is 1: these are not shown. */
static void flab_show_number(const struct flab_text_key *key, struct seq_file *m,
			     const struct faultlab_rule *rule)
{
	u64 number = *(const u64 *)((const void *)rule + key->field);

	if (number && !(key->field == offsetof(struct faultlab_rule, every) && number == 1))
		seq_printf(m, " %s=%llu", key->name, number);
}

static int flab_parse_probability(const struct flab_text_key *key, char *text,
				  struct faultlab_rule *rule)
{
	return flab_scan_probability(&text, &rule->probability) || *text ? -EINVAL : 0;
}

static void flab_show_probability(const struct flab_text_key *key, struct seq_file *m,
				  const struct faultlab_rule *rule)
{
	if (!rule->probability || rule->probability == FAULTLAB_ALWAYS)
		return;
	seq_puts(m, " probability=");
	flab_show_fraction(m, rule->probability);
}

static int flab_parse_flag(const struct flab_text_key *key, char *text,
			   struct faultlab_rule *rule)
{
	rule->flags |= key->flag;
	return 0;
}

static void flab_show_flag(const struct flab_text_key *key, struct seq_file *m,
			   const struct faultlab_rule *rule)
{
	if (rule->flags & key->flag)
		seq_printf(m, " %s", key->name);
}

#define FLAB_KEY(name, valued, once, verb, ...) \
	{ name, valued, BIT(once), flab_parse_##verb, flab_show_##verb, ##__VA_ARGS__ }
#define FLAB_FIELD(member) \
	.field = offsetof(struct faultlab_rule, member)

static const struct flab_text_key flab_text_keys[] = {
	FLAB_KEY("pages", true, 0, pages),
	FLAB_KEY("access", true, 1, access),
	FLAB_KEY("delay", true, 2, delay),
	FLAB_KEY("gate", false, 2, gate),
	FLAB_KEY("skip", true, 3, number, FLAB_FIELD(skip)),
	FLAB_KEY("every", true, 4, number, FLAB_FIELD(every), .least = 1),
	FLAB_KEY("times", true, 5, number, FLAB_FIELD(times), .least = 1),
	FLAB_KEY("probability", true, 6, probability),
	FLAB_KEY("seed", true, 7, number, FLAB_FIELD(seed)),
	FLAB_KEY("hold-lock", false, 8, flag, .flag = FAULTLAB_RULE_HOLD_LOCK),
	FLAB_KEY("unlocked", false, 9, flag, .flag = FAULTLAB_RULE_UNLOCKED),
	FLAB_KEY("stack", false, 10, flag, .flag = FAULTLAB_RULE_STACK),
};

static int flab_parse_verdict(char *word, struct faultlab_rule *rule)
{
	char *name = strsep(&word, ":");
	u64 arg;

	for (rule->verdict = 0; rule->verdict < FAULTLAB_NR_VERDICTS; rule->verdict++)
		if (!strcmp(name, flab_verdict_names[rule->verdict]))
			break;
	if (!word)
		return rule->verdict < FAULTLAB_NR_VERDICTS ? 0 : -EINVAL;
	if (rule->verdict != FAULTLAB_VERDICT_HWPOISON_LARGE ||
	    flab_scan_number(&word, &arg) || *word || arg > U32_MAX)
		return -EINVAL;
	rule->arg = arg;
	return 0;
}

static int flab_parse_word(char *word, struct faultlab_rule *rule, u32 *seen)
{
	char *name = strsep(&word, "=");
	const struct flab_text_key *key;
	int i;

	for (i = 0; i < ARRAY_SIZE(flab_text_keys); i++) {
		key = &flab_text_keys[i];
		if (strcmp(name, key->name))
			continue;
		if (!!word != key->valued || *seen & key->once)
			return -EINVAL;
		*seen |= key->once;
		return key->parse(key, word, rule);
	}
	return -EINVAL;
}

/**
 * flab_rule_text_parse - parse a rule
 * @line: the text without a line feed; is overwritten
 * @rule: out: the rule; flab_rule_check() has yet to check its values
 * @empty: out: whether there was no rule, only blanks or a comment
 *
 * Return: 0 or -EINVAL.
 */
int flab_rule_text_parse(char *line, struct faultlab_rule *rule, bool *empty)
{
	u32 seen = 0;
	char *word;
	int err;

	*rule = (struct faultlab_rule) { .length = FAULTLAB_TO_END };
	*empty = true;
	line[strcspn(line, "#")] = '\0';
	while ((word = strsep(&line, FLAB_BLANKS))) {
		if (!*word)
			continue;
		if (*empty)
			err = flab_parse_verdict(word, rule);
		else
			err = flab_parse_word(word, rule, &seen);
		if (err)
			return err;
		*empty = false;
	}
	return 0;
}

/**
 * flab_rule_text_show - write a rule as text
 * @m: the file to write to
 * @rule: a valid rule
 *
 * In canonical form: only what differs from the default, in the order of
 * flab_text_keys, and the hits as a comment. flab_rule_text_parse() accepts the line
 * unchanged.
 */
void flab_rule_text_show(struct seq_file *m, const struct faultlab_rule *rule)
{
	int i;

	seq_puts(m, flab_verdict_names[rule->verdict]);
	if (rule->arg)
		seq_printf(m, ":%u", rule->arg);
	for (i = 0; i < ARRAY_SIZE(flab_text_keys); i++)
		flab_text_keys[i].show(&flab_text_keys[i], m, rule);
	seq_printf(m, " # %llu hit%s\n", rule->hits, rule->hits == 1 ? "" : "s");
}
