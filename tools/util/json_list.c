// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints a long list as JSON, element by element.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/tool.h"

#define LAYOUT	(JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED)

/*
 * Indents all lines but the first by four blanks. Strings in JSON have no line feeds, so a
 * line feed always ends a line of the layout.
 */
static void print_indented(const char *text)
{
	for (; *text; text++) {
		putchar(*text);
		if (*text == '\n')
			fputs("    ", stdout);
	}
}

static void print_head(struct json_list *list)
{
	const char *head = json_object_to_json_string_ext(list->head, LAYOUT);

	/* The head, without its closing "\n}". */
	printf("%.*s,\n  \"%s\": [", (int)strlen(head) - 2, head, list->name);
}

int json_list_add(struct json_list *list, struct json_object *element)
{
	if (!list->begun)
		print_head(list);
	fputs(list->begun ? ",\n    " : "\n    ", stdout);
	list->begun = true;
	print_indented(json_object_to_json_string_ext(element, LAYOUT));
	json_object_put(element);
	return ferror(stdout) ? -EIO : 0;
}

void json_list_end(struct json_list *list)
{
	if (!list->begun)
		print_head(list);
	puts("\n  ]\n}");
	json_object_put(list->head);
}

void json_list_drop(struct json_list *list)
{
	json_object_put(list->head);
}
