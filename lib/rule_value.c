// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers, times and probabilities in the text of rules.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <linux/faultlab.h>

#include "rule_value.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Largest first: text_add_time() takes the first that divides the time. */
static const struct {
	const char *name;
	__u32 us;
} units[] = {
	{ "s", 1000000 }, { "ms", 1000 }, { "us", 1 },
};

bool text_skip_word(char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len))
		return false;
	*text += len;
	return true;
}

static unsigned int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? at - digits : 16;
}

/* strtoull() would accept octal numbers, signs and blanks. */
bool text_scan_number(char **text, __u64 *number)
{
	unsigned int base = text_skip_word(text, "0x") ? 16 : 10;
	const char *first = *text;

	*number = 0;
	for (; digit(**text) < base; ++*text)
		if (__builtin_mul_overflow(*number, base, number) ||
		    __builtin_add_overflow(*number, digit(**text), number))
			return false;
	return *text != first;
}

bool text_scan_time(char **text, __u64 *us)
{
	unsigned int i;

	if (!text_scan_number(text, us))
		return false;
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (text_skip_word(text, units[i].name))
			return !__builtin_mul_overflow(*us, units[i].us, us);
	return true;
}

bool text_scan_probability(char **text, __u32 *millionths)
{
	__u32 weight = FAULTLAB_ALWAYS;
	char *at = *text;

	if (*at != '0' && *at != '1')
		return false;
	*millionths = (*at++ - '0') * weight;
	if (*at == '.') {
		at++;
		do {
			weight /= 10;
			if (!isdigit((unsigned char)*at) || !weight)
				return false;
			*millionths += (*at++ - '0') * weight;
		} while (isdigit((unsigned char)*at));
	}
	*text = at;
	/* A rule of probability 0 would never apply; in the ABI 0 means "always". */
	return *millionths && *millionths <= FAULTLAB_ALWAYS;
}

void text_add(struct text *to, const char *format, ...)
{
	va_list args;
	size_t len;

	if (!to->room)
		return;
	va_start(args, format);
	len = vsnprintf(to->at, to->room, format, args);
	va_end(args);
	if (len >= to->room)
		len = to->room - 1;
	to->at += len;
	to->room -= len;
}

void text_add_time(struct text *to, __u64 us)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(units) - 1; i++)
		if (us && us % units[i].us == 0)
			break;
	text_add(to, "%llu%s", us / units[i].us, units[i].name);
}

/* For probabilities between 0 and 1, both excluded. */
void text_add_fraction(struct text *to, __u32 millionths)
{
	int digits = 6;

	for (; millionths % 10 == 0; millionths /= 10)
		digits--;
	text_add(to, "0.%0*u", digits, millionths);
}
