// SPDX-License-Identifier: GPL-2.0-only
/*
 * What common/ needs in user space: text is appended to buffers, and a refused rule or
 * configuration gets a sentence that says why. Also the functions of <faultlab.h> for text.
 */
#include <stdarg.h>
#include <stdio.h>

#include "faultlab.h"
#include "text.h"

/* Room for a rule without its # comment. A rule with each key once is far shorter. */
#define LINE_MAX_LEN	512

void flab_text_add(struct flab_text *to, const char *format, ...)
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

int flab_refuse(const char **why, const char *format, ...)
{
	static __thread char sentence[256];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (why)
		*why = sentence;
	return -EINVAL;
}

/* Starts an empty text in a buffer of that size. */
static struct flab_text empty_text(char *text, size_t size)
{
	if (size)
		*text = '\0';
	return (struct flab_text) { .at = text, .room = size };
}

int faultlab_rule_parse(const char *text, struct faultlab_rule *rule, const char **why)
{
	char line[LINE_MAX_LEN];
	size_t len = strcspn(text, "#");

	*rule = (struct faultlab_rule) { .length = FAULTLAB_TO_END };
	if (len >= sizeof(line))
		return flab_refuse(why, "the rule is too long: %u characters at most.",
				   LINE_MAX_LEN - 1);
	memcpy(line, text, len);
	line[len] = '\0';
	return flab_rule_parse(line, rule, why);
}

bool faultlab_rule_continues(const char *text)
{
	text += strspn(text, FLAB_BLANKS);
	return flab_rule_key(text, strcspn(text, FLAB_BLANKS "=#"));
}

char *faultlab_rule_text(const struct faultlab_rule *rule, char *text, size_t size)
{
	struct flab_text to = empty_text(text, size);

	flab_add_rule(&to, rule);
	return text;
}

char *faultlab_fault_flags_text(__u32 flags, char *text, size_t size)
{
	struct flab_text to = empty_text(text, size);

	flab_add_bits(&to, flags, &flab_fault_flag_bits, " ");
	return text;
}

char *faultlab_access_text(__u32 access, char *text, size_t size)
{
	struct flab_text to = empty_text(text, size);

	flab_add_bits(&to, access, &flab_access_bits, ",");
	return text;
}

char *faultlab_record_text(const struct faultlab_record *record, char *text, size_t size)
{
	struct flab_text to = empty_text(text, size);

	flab_add_record(&to, record);
	return text;
}
