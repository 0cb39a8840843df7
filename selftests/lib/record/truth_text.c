// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures as text: see truth.h.
 */
#include <stdio.h>
#include <string.h>

#include "lib/record/truth.h"

/* Parse the next "NAME NUMBER" of a text. Where it ends, or NULL. */
static const char *next_figure(const char *text, char name[32], __u64 *value)
{
	int used;

	return sscanf(text, "%31s %llu%n", name, value, &used) == 2 ? text + used : NULL;
}

__u64 tlib_truth_expected(const char *text, enum tlib_figure figure)
{
	__u64 value, sum = 0;
	char name[32];

	while ((text = next_figure(text, name, &value)))
		if (!strcmp(name, tlib_figure_name(figure)))
			sum += value;
	return sum;
}

bool tlib_truth_is_text(const char *text)
{
	char name[32];
	unsigned int i;
	__u64 value;

	while (text[strspn(text, " ")]) {
		text = next_figure(text, name, &value);
		for (i = 0; text && i < TLIB_NR_FIGURES; i++)
			if (!strcmp(name, tlib_figure_name(i)))
				break;
		if (!text || i == TLIB_NR_FIGURES)
			return false;
	}
	return true;
}

const char *tlib_truth_show(const struct tlib_truth *truth)
{
	static __thread char text[512];
	unsigned int i;
	size_t n = 0;

	text[0] = '\0';
	for (i = 0; i < TLIB_NR_FIGURES; i++)
		if (truth->value[i])
			n += snprintf(text + n, sizeof(text) - n, "%s%s %lld", n ? " " : "",
				      tlib_figure_name(i), (long long)truth->value[i]);
	return text;
}
