// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers, pages, times and probabilities in the text of rules and commands.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include "debugfs/rule_value.h"

/* The last page whose end in bytes fits into 64 bits. */
#define FLAB_LAST_PAGE	((U64_MAX >> PAGE_SHIFT) - 1)

/* Largest first: flab_show_time() takes the first that divides the time. */
static const struct {
	const char *name;
	u32 us;
} flab_time_units[] = {
	{ "s", 1000000 }, { "ms", 1000 }, { "us", 1 },
};

/* Moves *text past the number. kstrtoull() would accept octal numbers and signs. */
int flab_scan_number(char **text, u64 *number)
{
	unsigned int base = 10;
	char *at = *text, *first;
	int digit;

	if (str_has_prefix(at, "0x")) {
		base = 16;
		at += 2;
	}
	*number = 0;
	for (first = at; ; at++) {
		digit = hex_to_bin(*at);
		if (digit < 0 || digit >= base)
			break;
		if (check_mul_overflow(*number, (u64)base, number) ||
		    check_add_overflow(*number, (u64)digit, number))
			return -EINVAL;
	}
	*text = at;
	return at == first ? -EINVAL : 0;
}

/* "3", "3-5" or "3-", which leaves *length unchanged. */
int flab_scan_pages(char *text, u64 *offset, u64 *length)
{
	u64 first, last;

	if (flab_scan_number(&text, &first) || first > FLAB_LAST_PAGE)
		return -EINVAL;
	*offset = first << PAGE_SHIFT;
	if (!strcmp(text, "-"))
		return 0;
	last = first;
	if (*text == '-') {
		text++;
		if (flab_scan_number(&text, &last))
			return -EINVAL;
	}
	if (*text || last < first || last > FLAB_LAST_PAGE)
		return -EINVAL;
	*length = (last - first + 1) << PAGE_SHIFT;
	return 0;
}

int flab_scan_time(char **text, u64 *us)
{
	int i, err = flab_scan_number(text, us);
	size_t len;

	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(flab_time_units); i++) {
		len = str_has_prefix(*text, flab_time_units[i].name);
		if (!len)
			continue;
		*text += len;
		return check_mul_overflow(*us, (u64)flab_time_units[i].us, us) ? -EINVAL : 0;
	}
	return 0;
}

void flab_show_time(struct seq_file *m, u64 us)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(flab_time_units) - 1; i++)
		if (us && us % flab_time_units[i].us == 0)
			break;
	seq_printf(m, "%llu%s", us / flab_time_units[i].us, flab_time_units[i].name);
}

int flab_scan_probability(char **text, u32 *millionths)
{
	u32 weight = FAULTLAB_ALWAYS;
	char *at = *text;

	if (*at != '0' && *at != '1')
		return -EINVAL;
	*millionths = (*at++ - '0') * weight;
	if (*at == '.') {
		at++;
		do {
			weight /= 10;
			if (!isdigit(*at) || !weight)
				return -EINVAL;
			*millionths += (*at++ - '0') * weight;
		} while (isdigit(*at));
	}
	*text = at;
	/* A rule of probability 0 would never apply; in the ABI 0 means "always". */
	return *millionths && *millionths <= FAULTLAB_ALWAYS ? 0 : -EINVAL;
}

/* For probabilities between 0 and 1, both excluded. */
void flab_show_fraction(struct seq_file *m, u32 millionths)
{
	int digits = 6;

	for (; millionths % 10 == 0; millionths /= 10)
		digits--;
	seq_printf(m, "0.%0*u", digits, millionths);
}
