/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses and writes the text of rules and commands, and writes that of records. Used by the
 * module and inside libfaultlab; not part of the library's API.
 */
#ifndef FLAB_TEXT_H
#define FLAB_TEXT_H

#include "env.h"
#include "faultlab_names.h"

#define FLAB_BLANKS	" \t"

/* names.c: bits and their names, in the order of the ABI's list. */
struct flab_bits {
	const struct flab_bit {
		u64 bit;
		const char *name;
	} *bit;
	unsigned int nr;
};

extern const struct flab_bits flab_region_bits;	/* FAULTLAB_REGION_* */
extern const struct flab_bits flab_access_bits;	/* FAULTLAB_ACCESS_* */
extern const struct flab_bits flab_fault_flag_bits;	/* FAULTLAB_FLAG_* */
extern const struct flab_bits flab_pte_bits;	/* FAULTLAB_PTE_* */

/* Appends the names of the bits that are set in mask, separated by between. */
void flab_add_bits(struct flab_text *to, u64 mask, const struct flab_bits *bits,
		   const char *between);

/*
 * value.c: each function moves *text past the value or word that it reads. It returns false
 * if *text does not begin with one, or if the value is not valid. A number is decimal, or
 * hexadecimal after 0x; a time is a number followed by s, ms or us (if by none, us); a
 * probability has at most six decimal places.
 */
bool flab_skip_word(char **text, const char *word);
bool flab_scan_number(char **text, u64 *number);
bool flab_scan_time(char **text, u64 *us);
bool flab_scan_probability(char **text, u32 *millionths);

/*
 * The whole text must be FIRST[-[LAST]], page numbers. Sets *offset and *length, in bytes;
 * FIRST-, which means all pages from FIRST on, leaves *length unchanged.
 */
bool flab_scan_pages(char *text, u64 *offset, u64 *length);

/*
 * The whole text must be PID START [LENGTH], with one blank between two numbers: the range
 * of a walk, which ends below 2^64. Without LENGTH *length is left unchanged.
 */
bool flab_scan_walk(char *text, u32 *pid, u64 *start, u64 *length);

void flab_add_time(struct flab_text *to, u64 us);
/* Appends millionths / 10^6 as a decimal fraction; it must be above 0 and below 1. */
void flab_add_fraction(struct flab_text *to, u32 millionths);

/* rule_text.c */
struct flab_rule_key;

/* Finds the word that can follow a verdict by its name; NULL if there is no such word. */
const struct flab_rule_key *flab_rule_key(const char *name, size_t length);
int flab_rule_parse(char *line, struct faultlab_rule *rule, const char **why);
void flab_add_rule(struct flab_text *to, const struct faultlab_rule *rule);

/* record_text.c: appends the record as one line, without a line feed. */
void flab_add_record(struct flab_text *to, const struct faultlab_record *record);

#endif /* FLAB_TEXT_H */
