// SPDX-License-Identifier: GPL-2.0-only
/* Programs as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/calls/program.h"

void fuzz_step_print(const struct fuzz_step *step, char *text)
{
	const struct fuzz_call *call = fuzz_call(step->call);
	char value[FUZZ_STEP_TEXT];
	size_t length = 0;
	unsigned int i;

	if (step->lane)
		length = snprintf(text, FUZZ_STEP_TEXT, "%u: ", step->lane);
	length += snprintf(text + length, FUZZ_STEP_TEXT - length, "%s", call->name);
	for (i = 0; call->arg[i].type && length < FUZZ_STEP_TEXT; i++) {
		fuzz_print(value, sizeof(value), &call->arg[i], step->arg[i]);
		length += snprintf(text + length, FUZZ_STEP_TEXT - length, " %s=%s",
				   call->arg[i].name, value);
	}
}

void fuzz_program_print(const struct fuzz_program *program, char *text)
{
	unsigned int i;

	*text = '\0';
	for (i = 0; i < program->nr; i++) {
		fuzz_step_print(&program->step[i], text);
		text += strlen(text);
		*text++ = '\n';
		*text = '\0';
	}
}

static bool parse_arg(const char *word, const struct fuzz_call *call, struct fuzz_step *step)
{
	const char *value = strchr(word, '=');
	unsigned int i;

	if (!value)
		return false;
	for (i = 0; call->arg[i].type; i++)
		if (strlen(call->arg[i].name) == (size_t)(value - word) &&
		    !strncmp(call->arg[i].name, word, value - word))
			return fuzz_parse(value + 1, &call->arg[i], &step->arg[i]);
	return false;
}

/* Arguments that are left out are 0. */
bool fuzz_step_parse(char *line, struct fuzz_step *step)
{
	char *word = strsep(&line, " ");
	int call;

	memset(step, 0, sizeof(*step));
	if (*word && word[strlen(word) - 1] == ':') {
		step->lane = strtoul(word, NULL, 10) % FUZZ_LANES;
		word = strsep(&line, " ");
	}
	call = word ? fuzz_call_by_name(word, strlen(word)) : -ENOENT;
	if (call < 0)
		return false;
	step->call = call;
	while ((word = strsep(&line, " ")))
		if (*word && !parse_arg(word, fuzz_call(call), step))
			return false;
	return true;
}

int fuzz_program_parse(const char *text, struct fuzz_program *program)
{
	char *copy = strdup(text), *rest = copy, *line;
	int n = 0, wrong = 0;

	program->nr = 0;
	while (copy && !wrong && (line = strsep(&rest, "\n"))) {
		n++;
		if (!strcmp(line, FUZZ_PROGRAM_END))
			break;
		if (!*line || *line == '#')
			continue;
		if (program->nr == FUZZ_STEPS ||
		    !fuzz_step_parse(line, &program->step[program->nr++]))
			wrong = n;
	}
	free(copy);
	return copy ? wrong : 1;
}
