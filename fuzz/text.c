// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes what reads and writes text: rules, pages, ranges of walks, times, probabilities,
 * flags and records. The input's first word picks the target, the rest is its text or, after
 * "struct-...", the bytes of its struct. Built by scripts/parts/check/fuzz-text with
 * libFuzzer and the sanitizers; what libFuzzer cannot see by itself is asserted here.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faultlab.h"
#include "faultlab_record.h"
#include "text.h"

/* The longest text of a valid rule or of a record is shorter. */
#define TEXT_MAX	2048

/* A refusal has an errno, and says why in one sentence. */
static void check_refusal(int err, const char *why)
{
	assert(err == -EINVAL || err == -ENODATA || err == -ENXIO || err == -ENOSPC ||
	       err == -EOPNOTSUPP);
	assert(why && strlen(why) > 10);
}

/* A buffer that is too short gets the start of the text, and nothing after it changes. */
static void check_cut(const char *whole, char *(*print)(const void *arg, char *text, size_t size),
		      const void *arg)
{
	const size_t len = strlen(whole);
	size_t room;

	for (room = 0; room <= len; room += 1 + len / 7) {
		char *text = malloc(room + 1);

		text[room] = '#';
		print(arg, text, room);
		assert(!room || (strlen(text) == room - 1 && !strncmp(text, whole, room - 1)));
		assert(text[room] == '#');
		free(text);
	}
}

static char *print_rule(const void *rule, char *text, size_t size)
{
	return faultlab_rule_text(rule, text, size);
}

static char *print_record(const void *record, char *text, size_t size)
{
	return faultlab_record_text(record, text, size);
}

/* The text of a valid rule is a valid rule, whose text is the same. */
static void check_rule(const struct faultlab_rule *rule)
{
	char text[TEXT_MAX], again[TEXT_MAX];
	struct faultlab_rule parsed;
	const char *why = NULL;
	int err = faultlab_rule_check(rule, &why);

	assert(faultlab_rule_check(rule, NULL) == err);
	if (err) {
		check_refusal(err, why);
		return;
	}
	assert(faultlab_rule_accesses(rule));
	faultlab_rule_text(rule, text, sizeof(text));
	assert(strlen(text) < sizeof(text) - 1);
	assert(!faultlab_rule_parse(text, &parsed, NULL));
	assert(!faultlab_rule_check(&parsed, NULL));
	assert(faultlab_rule_has_condition(&parsed) == faultlab_rule_has_condition(rule));
	faultlab_rule_text(&parsed, again, sizeof(again));
	assert(!strcmp(text, again));
	check_cut(text, print_rule, rule);
}

static void target_rule(char *text, size_t size)
{
	struct faultlab_rule rule;
	const char *why = NULL;
	int err = faultlab_rule_parse(text, &rule, &why);

	if (err)
		check_refusal(err, why);
	else
		check_rule(&rule);
	assert(faultlab_rule_parse(text, &rule, NULL) == err);
	faultlab_rule_continues(text);
}

static void target_pages(char *text, size_t size)
{
	__u64 offset = 0, length = FAULTLAB_TO_END;

	if (!flab_scan_pages(text, &offset, &length))
		return;
	assert(offset % PAGE_SIZE == 0 && offset + PAGE_SIZE > offset);
	assert(length == FAULTLAB_TO_END ||
	       (length && length % PAGE_SIZE == 0 && offset + length > offset));
}

static void target_walk(char *text, size_t size)
{
	__u64 start = 0, length = PAGE_SIZE;
	__u32 pid = 0;

	if (!flab_scan_walk(text, &pid, &start, &length))
		return;
	assert(pid <= S32_MAX && length && start + length >= start);
}

/* The text of a time is a time, and the same. */
static void target_time(char *text, size_t size)
{
	char again[64];
	struct flab_text to = { .at = again, .room = sizeof(again) };
	char *at = text, *end = again;
	__u64 us, parsed;

	if (!flab_scan_time(&at, &us))
		return;
	assert(at > text);
	flab_add_time(&to, us);
	assert(flab_scan_time(&end, &parsed) && !*end && parsed == us);
}

static void target_probability(char *text, size_t size)
{
	char again[64];
	struct flab_text to = { .at = again, .room = sizeof(again) };
	char *at = text, *end = again;
	__u32 millionths, parsed;

	if (!flab_scan_probability(&at, &millionths))
		return;
	assert(at > text && millionths && millionths <= FAULTLAB_ALWAYS);
	if (millionths == FAULTLAB_ALWAYS)
		return;
	flab_add_fraction(&to, millionths);
	assert(flab_scan_probability(&end, &parsed) && !*end && parsed == millionths);
}

/* A name leads to its value, and the value to the name. */
static void target_name(char *text, size_t size)
{
	const __u64 region_flag = faultlab_region_flag_by_name(text);
	const __u64 pte_flag = faultlab_pte_by_name(text);
	const __u32 access = faultlab_access_by_name(text);
	const struct {
		int value;
		const char *(*name)(unsigned int value);
	} rows[] = {
		{ faultlab_stat_by_name(text), faultlab_stat_name },
		{ faultlab_kind_by_name(text), faultlab_kind_name },
		{ faultlab_cache_by_name(text), faultlab_cache_name },
		{ faultlab_verdict_by_name(text), faultlab_verdict_name },
		{ faultlab_result_by_name(text), faultlab_result_name },
		{ faultlab_lock_by_name(text), faultlab_lock_name },
		{ faultlab_callback_by_name(text), faultlab_callback_name },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert(rows[i].value == -ENOENT || !strcmp(text, rows[i].name(rows[i].value)));
	assert(!region_flag || !strcmp(text, faultlab_region_flag_name(region_flag)));
	assert(!access || !strcmp(text, faultlab_access_name(access)));
	assert(!(pte_flag & (pte_flag - 1)));
}

/* Copies as much of a struct as there is; the rest is 0. */
static void get_struct(void *to, size_t want, const char *bytes, size_t size)
{
	memset(to, 0, want);
	memcpy(to, bytes, size < want ? size : want);
}

static void target_struct_rule(char *bytes, size_t size)
{
	struct faultlab_rule rule;

	get_struct(&rule, sizeof(rule), bytes, size);
	check_rule(&rule);
}

static void target_struct_config(char *bytes, size_t size)
{
	struct {
		struct faultlab_features features;
		struct faultlab_config config;
	} in;
	const char *why = NULL;
	int err;

	get_struct(&in, sizeof(in), bytes, size);
	in.features.max_order %= 32;	/* comes from the module, not from the caller */
	err = faultlab_config_check(&in.config, &in.features, &why);
	if (err)
		check_refusal(err, why);
	assert(faultlab_config_check(&in.config, &in.features, NULL) == err);
}

static void target_struct_record(char *bytes, size_t size)
{
	struct faultlab_record record;
	char text[TEXT_MAX];

	get_struct(&record, sizeof(record), bytes, size);
	faultlab_record_text(&record, text, sizeof(text));
	assert(strlen(text) < sizeof(text) - 1);
	check_cut(text, print_record, &record);
}

static char *print_pte(const void *entry, char *text, size_t size)
{
	return faultlab_pte_text(((const struct faultlab_walk_entry *)entry)->flags, text, size);
}

static char *print_kpf(const void *entry, char *text, size_t size)
{
	return faultlab_kpf_text(((const struct faultlab_walk_entry *)entry)->raw, text, size);
}

static char *print_fault_flags(const void *entry, char *text, size_t size)
{
	return faultlab_fault_flags_text(((const struct faultlab_walk_entry *)entry)->raw, text,
					 size);
}

static char *print_access(const void *entry, char *text, size_t size)
{
	return faultlab_access_text(((const struct faultlab_walk_entry *)entry)->raw, text, size);
}

/* Each set of flags as text; two fields of an entry stand for any flags. */
static void target_struct_entry(char *bytes, size_t size)
{
	static char *(*const prints[])(const void *entry, char *text, size_t size) = {
		print_pte, print_kpf, print_fault_flags, print_access,
	};
	struct faultlab_walk_entry entry;
	char text[TEXT_MAX];
	unsigned int i;

	get_struct(&entry, sizeof(entry), bytes, size);
	assert(*faultlab_entry_what(&entry));
	for (i = 0; i < ARRAY_SIZE(prints); i++) {
		prints[i](&entry, text, sizeof(text));
		assert(strlen(text) < sizeof(text) - 1);
		check_cut(text, prints[i], &entry);
	}
}

static const struct {
	const char *word;
	void (*run)(char *text, size_t size);
} targets[] = {
	{ "rule ", target_rule },
	{ "pages ", target_pages },
	{ "walk ", target_walk },
	{ "time ", target_time },
	{ "probability ", target_probability },
	{ "name ", target_name },
	{ "struct-rule ", target_struct_rule },
	{ "struct-config ", target_struct_config },
	{ "struct-record ", target_struct_record },
	{ "struct-entry ", target_struct_entry },
};

/* Each target gets a copy of its own, with a NUL after it, so that ASan sees its end. */
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		const size_t len = strlen(targets[i].word);
		char *copy;

		if (size < len || memcmp(data, targets[i].word, len))
			continue;
		copy = malloc(size - len + 1);
		if (!copy)
			return 0;
		memcpy(copy, data + len, size - len);
		copy[size - len] = '\0';
		targets[i].run(copy, size - len);
		free(copy);
		return 0;
	}
	return 0;
}
