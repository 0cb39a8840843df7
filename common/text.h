/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text of rules, commands and records, read and written. For the module and libfaultlab,
 * not for users of the library.
 */
#ifndef FLAB_TEXT_H
#define FLAB_TEXT_H

#include "env.h"
#include "faultlab_names.h"

#define FLAB_BLANKS	" \t"

/* names.c: the names of the bits in a mask, in the order of the list. */
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

/* Adds the names of the bits of mask, with @between between two. */
void flab_add_bits(struct flab_text *to, u64 mask, const struct flab_bits *bits,
		   const char *between);

/*
 * value.c: each scan moves *text past what it read, and returns false if it is not there
 * or not valid. A number is decimal, or hexadecimal after 0x; a time is a number and
 * s, ms or us; a probability has at most six places.
 */
bool flab_skip_word(char **text, const char *word);
bool flab_scan_number(char **text, u64 *number);
bool flab_scan_time(char **text, u64 *us);
bool flab_scan_probability(char **text, u32 *millionths);

/* All of the text, FIRST[-[LAST]] in pages, to bytes. FIRST- leaves *length unchanged. */
bool flab_scan_pages(char *text, u64 *offset, u64 *length);

void flab_add_time(struct flab_text *to, u64 us);
/* For probabilities between 0 and 1, both excluded. */
void flab_add_fraction(struct flab_text *to, u32 millionths);

/* rule_text.c */
struct flab_rule_key;

/* The word of the grammar that follows a verdict; NULL if there is none of that name. */
const struct flab_rule_key *flab_rule_key(const char *name, size_t length);
int flab_rule_parse(char *line, struct faultlab_rule *rule, const char **why);
void flab_add_rule(struct flab_text *to, const struct faultlab_rule *rule);

/* record_text.c: one line, without a line feed. */
void flab_add_record(struct flab_text *to, const struct faultlab_record *record);

#endif /* FLAB_TEXT_H */
