// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses arguments; formats figures and errors.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/tool.h"

static void complain(const char *format, va_list args)
{
	/* Flush stdout first, to keep the order if stdout and stderr are the same file. */
	fflush(stdout);
	fputs("faultlab: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int failed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	return EXIT_FAILED;
}

int usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	return EXIT_USAGE;
}

/*
 * Within a cluster of letters, as -abc, optind does not yet point past that argument, so
 * argv[optind - 1] is not the refused one. optopt is the refused letter.
 */
int bad_option(char **argv)
{
	const char letter[] = { '-', optopt, '\0' };

	return usage("%s has no option '%s'; see 'faultlab %s --help'.", argv[0],
		     optopt ? letter : argv[optind - 1], argv[0]);
}

int parse_options(int argc, char **argv, const struct option *options)
{
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c) {
			bad_option(argv);
			return -1;
		}
	}
	return optind;
}

/* Unlike strtoull(), accepts no sign and no leading blanks. */
static bool parse_prefix(const char *text, __u64 *number, char **end)
{
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoull(text, end, strncasecmp(text, "0x", 2) ? 10 : 16);
	return !errno;
}

bool parse_number(const char *text, __u64 *number)
{
	char *end;

	return parse_prefix(text, number, &end) && !*end;
}

bool parse_size(const char *text, __u64 *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	unsigned int shift;
	char *end;

	if (!parse_prefix(text, bytes, &end))
		return false;
	if (!*end)
		return true;
	unit = strchr(units, toupper((unsigned char)*end));
	if (!unit || end[1])
		return false;
	shift = 10 * (unit - units + 1);
	if (*bytes << shift >> shift != *bytes)
		return false;
	*bytes <<= shift;
	return true;
}

char *figure_grouped(char *text, __u64 number)
{
	char digits[FIGURE_MAX];
	char *to = text;
	int left;

	left = snprintf(digits, sizeof(digits), "%llu", number);
	for (const char *from = digits; *from; from++) {
		*to++ = *from;
		left--;
		if (left && left % 3 == 0)
			*to++ = ',';
	}
	*to = '\0';
	return text;
}

char *figure_size(char *text, __u64 bytes)
{
	static const char units[] = "\0KMGTP";
	const __u64 readable = 10000;
	unsigned int unit = 0;
	double rounded;

	while (bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	rounded = bytes;
	while (rounded >= readable) {
		rounded /= 1024;
		unit++;
	}
	snprintf(text, FIGURE_MAX, "%.*f%.1s", bytes >= readable, rounded, units + unit);
	return text;
}

/* Three digits, so that columns are easy to compare. */
char *figure_time(char *text, __u64 ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double rounded = ns;
	unsigned int unit;

	for (unit = 0; unit < ARRAY_SIZE(units) - 1 && rounded >= 999.5; unit++)
		rounded /= 1000;
	snprintf(text, FIGURE_MAX, "%.*f %s",
		 !unit || rounded >= 99.95 ? 0 : rounded >= 9.995 ? 1 : 2, rounded, units[unit]);
	return text;
}

const char *style(enum style style)
{
	static const char *const sequence[] = {
		[STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m", [STYLE_DIM] = "\033[2m",
		[STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[1;31m",
	};
	const char *refused = getenv("NO_COLOR");

	if (!isatty(STDOUT_FILENO) || (refused && *refused))
		return "";
	return sequence[style];
}

void print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED));
	json_object_put(object);
}

/* Bytes of the character at the start of text; 0 if it is not printable UTF-8. */
static size_t character(const unsigned char *text)
{
	static const __u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *text < 0x80 ? 1 : *text < 0xc0 ? 0 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 :
		     *text < 0xf8 ? 4 : 0;
	__u32 code = len > 1 ? *text & (0x7f >> len) : *text;
	size_t i;

	for (i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	/* Not valid: an overlong encoding, a surrogate, or above U+10FFFF. */
	if (!len || code < least[len] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0;
	/*
	 * Control characters: C0 (below 0x20), DEL, and C1 (0x80 to 0x9f), which
	 * terminals interpret as ESC and a character.
	 */
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : len;
}

char *printable(const char *name, char *text, size_t size)
{
	const unsigned char *from = (const unsigned char *)name;
	size_t used = 0, len;

	while (*from) {
		len = character(from);
		if (used + (len ?: 4) >= size)
			break;
		if (len)
			memcpy(text + used, from, len);
		else
			sprintf(text + used, "\\%03o", *from);
		used += len ?: 4;
		from += len ?: 1;
	}
	text[used] = '\0';
	return text;
}
