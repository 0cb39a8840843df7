// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/calls/value.h"
#include "util.h"

/* splitmix64: any seed is good. */
__u64 fuzz_random(struct fuzz_random *random)
{
	__u64 z = random->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

unsigned int fuzz_below(struct fuzz_random *random, unsigned int end)
{
	return fuzz_random(random) % end;
}

bool fuzz_once_in(struct fuzz_random *random, unsigned int times)
{
	return !fuzz_below(random, times);
}

/* Pages next to the borders of folios, PTE tables, PMDs and PUDs (of 4 KiB pages). */
static __u64 draw_page(struct fuzz_random *random)
{
	static const unsigned int borders[] = {
		0, 8, 16, 64, 512, 1024, 1536, 4096, 262144, 524288, 786432,
	};
	__u64 page;

	switch (fuzz_below(random, 4)) {
	case 0:
		return fuzz_below(random, 16);
	case 1:
		return fuzz_below(random, 2048);
	default:
		page = borders[fuzz_below(random, ARRAY_SIZE(borders))];
		return fuzz_once_in(random, 2) ? page : page + 3 - fuzz_below(random, 6);
	}
}

static __u64 draw_pages(struct fuzz_random *random)
{
	static const unsigned int sizes[] = { 1, 2, 8, 16, 512, 513, 1024, 262144 };

	if (fuzz_once_in(random, 2))
		return 1 + fuzz_below(random, 16);
	return sizes[fuzz_below(random, ARRAY_SIZE(sizes))];
}

static __u64 draw_number(struct fuzz_random *random)
{
	const unsigned int shift = fuzz_below(random, 64);

	switch (fuzz_below(random, 5)) {
	case 0:
		return fuzz_below(random, 3);
	case 1:
		return ~0ULL >> shift;
	case 2:
		return 1ULL << shift;
	case 3:
		return (1ULL << shift) - 4096;
	default:
		return fuzz_random(random) >> shift;
	}
}

static __u64 draw_set(struct fuzz_random *random, const struct fuzz_words *words)
{
	unsigned int n = fuzz_below(random, 3);
	__u64 set = 0;

	while (n--)
		set |= words->at[fuzz_below(random, words->nr)].value;
	return set;
}

__u64 fuzz_draw(struct fuzz_random *random, const struct fuzz_arg *arg)
{
	switch (arg->type) {
	case FUZZ_FD:
		/* Programs begin with regions in the first two. */
		return fuzz_once_in(random, 5) ? fuzz_below(random, FUZZ_FDS) :
						 fuzz_below(random, 2);
	case FUZZ_MAP:
		return fuzz_below(random, FUZZ_MAPS);
	case FUZZ_PAGE:
		return fuzz_once_in(random, 200) ? draw_number(random) : draw_page(random);
	case FUZZ_PAGES:
		return fuzz_once_in(random, 100) ? draw_number(random) : draw_pages(random);
	case FUZZ_SMALL:
		return fuzz_once_in(random, 2) ? 0 : fuzz_below(random, 12);
	case FUZZ_NUMBER:
		return draw_number(random);
	case FUZZ_ONE:
		if (fuzz_once_in(random, 100))
			return draw_number(random);
		return arg->words->at[fuzz_below(random, arg->words->nr)].value;
	case FUZZ_SET:
		return fuzz_once_in(random, 100) ? draw_number(random) :
						   draw_set(random, arg->words);
	case FUZZ_RARELY:
		return fuzz_once_in(random, 12);
	case FUZZ_TWIST:
		return fuzz_once_in(random, 12) ? fuzz_random(random) >> 40 : 0;
	case FUZZ_COOKIE:
		return fuzz_once_in(random, 3) ? fuzz_random(random) >> 24 : 0;
	case FUZZ_NONE:
		break;
	}
	return 0;
}

static void append(char *text, size_t size, const char *more)
{
	const size_t len = strlen(text);

	snprintf(text + len, size - len, "%s", more);
}

static void append_number(char *text, size_t size, __u64 value)
{
	char number[24];

	snprintf(number, sizeof(number), value > 9999999 ? "0x%llx" : "%llu", value);
	append(text, size, number);
}

static const char *word_of(const struct fuzz_words *words, __u64 value)
{
	unsigned int i;

	for (i = 0; i < words->nr; i++)
		if (words->at[i].value == value)
			return words->at[i].name;
	return NULL;
}

/* Sets of more words are written as a number, so that a line has an end. */
#define SET_WORDS	6

static void print_set(char *text, size_t size, const struct fuzz_words *words, __u64 value)
{
	const char *between = "";
	unsigned int i;

	if (__builtin_popcountll(value) > SET_WORDS) {
		append_number(text, size, value);
		return;
	}
	for (i = 0; i < words->nr; i++) {
		const __u64 bits = words->at[i].value;

		if (!bits || (value & bits) != bits)
			continue;
		append(text, size, between);
		append(text, size, words->at[i].name);
		value &= ~bits;
		between = "+";
	}
	if (value || !*between) {
		append(text, size, between);
		append_number(text, size, value);
	}
}

void fuzz_print(char *text, size_t size, const struct fuzz_arg *arg, __u64 value)
{
	const char *word = arg->type == FUZZ_ONE ? word_of(arg->words, value) : NULL;

	*text = '\0';

	if (arg->type == FUZZ_SET)
		print_set(text, size, arg->words, value);
	else if (word)
		append(text, size, word);
	else
		append_number(text, size, value);
}

static bool parse_part(const char *text, size_t length, const struct fuzz_arg *arg,
		       __u64 *value)
{
	unsigned int i;
	char *end;

	for (i = 0; arg->words && i < arg->words->nr; i++) {
		const char *name = arg->words->at[i].name;

		if (strlen(name) == length && !strncmp(name, text, length)) {
			*value = arg->words->at[i].value;
			return true;
		}
	}
	errno = 0;
	*value = strtoull(text, &end, 0);
	return isdigit((unsigned char)*text) && end == text + length && !errno;
}

bool fuzz_parse(const char *text, const struct fuzz_arg *arg, __u64 *value)
{
	*value = 0;
	while (true) {
		const size_t length = arg->type == FUZZ_SET ? strcspn(text, "+") : strlen(text);
		__u64 part;

		if (!parse_part(text, length, arg, &part))
			return false;
		*value |= part;
		text += length;
		if (!*text)
			return true;
		text++;
	}
}
