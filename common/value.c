// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses and writes numbers, pages, ranges of walks, times and probabilities in the text of
 * rules and commands.
 */
#include "text.h"

/* Largest unit first: flab_add_time() uses the first one that divides the time. */
static const struct {
	const char *name;
	u32 us;
} units[] = {
	{ "s", 1000000 }, { "ms", 1000 }, { "us", 1 },
};

bool flab_skip_word(char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length))
		return false;
	*text += length;
	return true;
}

static unsigned int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? at - digits : 16;
}

/* Not kstrtou64() or strtoull(), which would accept octal numbers and signs. */
bool flab_scan_number(char **text, u64 *number)
{
	unsigned int base = flab_skip_word(text, "0x") ? 16 : 10;
	const char *first = *text;

	*number = 0;
	for (; digit_of(**text) < base; ++*text)
		if (check_mul_overflow(*number, (u64)base, number) ||
		    check_add_overflow(*number, (u64)digit_of(**text), number))
			return false;
	return *text != first;
}

bool flab_scan_pages(char *text, u64 *offset, u64 *length)
{
	u64 page = PAGE_SIZE;
	/* The last page whose end in bytes fits into 64 bits. */
	u64 limit = U64_MAX / page - 1;
	u64 first, last;

	if (!flab_scan_number(&text, &first) || first > limit)
		return false;
	*offset = first * page;
	if (!strcmp(text, "-"))
		return true;
	last = first;
	if (*text == '-') {
		text++;
		if (!flab_scan_number(&text, &last))
			return false;
	}
	if (*text || last < first || last > limit)
		return false;
	*length = (last - first + 1) * page;
	return true;
}

bool flab_scan_walk(char *text, u32 *pid, u64 *start, u64 *length)
{
	u64 id;

	if (!flab_scan_number(&text, &id) || id > S32_MAX)
		return false;
	if (!flab_skip_word(&text, " ") || !flab_scan_number(&text, start))
		return false;
	if (flab_skip_word(&text, " ") && (!flab_scan_number(&text, length) || !*length))
		return false;
	if (*text || *start + *length < *start)
		return false;
	*pid = id;
	return true;
}

bool flab_scan_time(char **text, u64 *us)
{
	unsigned int i;

	if (!flab_scan_number(text, us))
		return false;
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (flab_skip_word(text, units[i].name))
			return !check_mul_overflow(*us, (u64)units[i].us, us);
	return true;
}

bool flab_scan_probability(char **text, u32 *millionths)
{
	u32 weight = FAULTLAB_ALWAYS;
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
	/* Refuse 0: such a rule would never apply, and in the ABI 0 means "always". */
	return *millionths && *millionths <= FAULTLAB_ALWAYS;
}

void flab_add_time(struct flab_text *to, u64 us)
{
	unsigned int i;
	u32 rest;
	u64 nr;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		nr = div_u64_rem(us, units[i].us, &rest);
		if (us && !rest)
			break;
	}
	/* 0 is shown with the smallest unit. */
	flab_text_add(to, "%llu%s", nr, units[us ? i : ARRAY_SIZE(units) - 1].name);
}

void flab_add_fraction(struct flab_text *to, u32 millionths)
{
	int digits = 6;

	for (; millionths % 10 == 0; millionths /= 10)
		digits--;
	flab_text_add(to, "0.%0*u", digits, millionths);
}
