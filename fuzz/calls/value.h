/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arguments of calls: what can be drawn for each, and how it is written as text. A value
 * is drawn from what is valid, from its borders, and sometimes from all numbers.
 */
#ifndef FUZZ_VALUE_H
#define FUZZ_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define FUZZ_FDS	4
#define FUZZ_MAPS	3

/* Pages of a window of addresses, in which a program maps: 4 GiB where a page is 4 KiB. */
#define FUZZ_WINDOW	(1UL << 20)

enum fuzz_type {
	FUZZ_NONE,	/* ends the list of arguments */
	FUZZ_FD,	/* a slot of descriptors */
	FUZZ_MAP,	/* a window of addresses */
	FUZZ_PAGE,	/* a page of a window or region */
	FUZZ_PAGES,	/* how many */
	FUZZ_SMALL,	/* a small number, most often 0 */
	FUZZ_NUMBER,	/* any number */
	FUZZ_ONE,	/* one of the words */
	FUZZ_SET,	/* some of the words, added up */
	FUZZ_RARELY,	/* 0; rarely 1 */
	FUZZ_TWIST,	/* 0, or what is wrong with a struct: ioctl.c */
	FUZZ_COOKIE,	/* 0, or what is done to a value that the kernel has returned */
};

struct fuzz_word {
	const char *name;
	__u64 value;
};

struct fuzz_words {
	const struct fuzz_word *at;
	unsigned int nr;
};

#define FUZZ_WORDS(list)	(&(const struct fuzz_words){ (list), ARRAY_SIZE(list) })

struct fuzz_arg {
	const char *name;
	enum fuzz_type type;
	const struct fuzz_words *words;	/* ONE, SET */
};

struct fuzz_random {
	__u64 state;
};

__u64 fuzz_random(struct fuzz_random *random);
/* A number below @end. */
unsigned int fuzz_below(struct fuzz_random *random, unsigned int end);
/* True once in so many times. */
bool fuzz_once_in(struct fuzz_random *random, unsigned int times);

__u64 fuzz_draw(struct fuzz_random *random, const struct fuzz_arg *arg);

/* Writes the value to @text, of @size > 0; parse returns false if the text is no value. */
void fuzz_print(char *text, size_t size, const struct fuzz_arg *arg, __u64 value);
bool fuzz_parse(const char *text, const struct fuzz_arg *arg, __u64 *value);

#endif /* FUZZ_VALUE_H */
