// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel stacks of faults whose rule has the word "stack". Equal stacks are merged,
 * and shown with the most frequent first: as text, or in the folded format of flame graphs,
 * one stack per line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

struct stack {
	__u32 access;
	unsigned int nr;
	__u64 count;
	__u64 entry[FAULTLAB_STACK_MAX];
};

struct stacks {
	struct stack *stack;
	size_t nr;
	__u64 hidden;	/* stacks whose addresses the module hid from faultlab record */
};

/* Joins the STACK records that follow a FAULT record; some may be missing if the file is cut. */
static void join_stack(const struct recording *recording, const struct faultlab_record *fault,
		       struct stack *stack)
{
	const struct faultlab_record *r = fault;
	const char *end = (const char *)recording->map + recording->size;
	unsigned int i, left = fault->fault.stack;

	*stack = (struct stack){ .access = fault->fault.access };
	while (left-- && (const char *)(r + 2) <= end && r[1].type == FAULTLAB_RECORD_STACK) {
		r++;
		for (i = 0; i < r->nr && stack->nr < FAULTLAB_STACK_MAX; i++)
			stack->entry[stack->nr++] = r->stack.entry[i];
	}
}

/* Orders stacks by access, depth and addresses; equal stacks (0) are merged. */
static int compare_stacks(const void *a, const void *b)
{
	const struct stack *left = a, *right = b;

	if (left->access != right->access)
		return left->access > right->access ? 1 : -1;
	if (left->nr != right->nr)
		return left->nr > right->nr ? 1 : -1;
	return memcmp(left->entry, right->entry, left->nr * sizeof(*left->entry));
}

static int compare_counts(const void *a, const void *b)
{
	const struct stack *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return compare_stacks(a, b);
}

static void merge(struct stacks *s)
{
	size_t i, left = 0;

	qsort(s->stack, s->nr, sizeof(*s->stack), compare_stacks);
	for (i = 0; i < s->nr; i++) {
		if (left && !compare_stacks(&s->stack[left - 1], &s->stack[i]))
			s->stack[left - 1].count++;
		else
			s->stack[left++] = s->stack[i];
	}
	s->nr = left;
	qsort(s->stack, s->nr, sizeof(*s->stack), compare_counts);
}

static int collect(const struct report *report, struct stacks *s)
{
	size_t i, wanted = 0;

	*s = (struct stacks){ 0 };
	for (i = 0; i < report->nr; i++)
		wanted += !!report->fault[i]->fault.stack;
	s->stack = malloc((wanted + 1) * sizeof(*s->stack));
	if (!s->stack)
		return failed("no memory for %zu stacks.", wanted);
	for (i = 0; i < report->nr; i++) {
		struct stack *stack = &s->stack[s->nr];

		if (!report->fault[i]->fault.stack)
			continue;
		join_stack(report->recording, report->fault[i], stack);
		stack->count = 1;
		if (stack->nr && stack->entry[0])
			s->nr++;
		else
			s->hidden++;
	}
	if (!s->nr)
		failed(s->hidden ?
		       "the stacks are hidden: the recorder may not see kernel addresses." :
		       "there are no stacks: for those, set a rule with stack, as 'serve stack'.");
	merge(s);
	return 0;
}

static const char *symbol(const struct report *report, __u64 address, char *text)
{
	const char *known = recording_symbol(report->recording, address);

	if (known)
		return printable(known, text, FAULTLAB_SYMBOL_TEXT_MAX);
	snprintf(text, FAULTLAB_SYMBOL_TEXT_MAX, "%#llx", address);
	return text;
}

/*
 * Index of the stack's entry that is the module's callback (flab_vm_*). The entries before
 * it are functions that the callback called to take the stack, and are not shown.
 */
static unsigned int callback_of(const struct report *report, const struct stack *stack)
{
	char text[FAULTLAB_SYMBOL_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < stack->nr; i++)
		if (!strncmp(symbol(report, stack->entry[i], text), "flab_vm_", 8))
			return i;
	return 0;
}

static int show_each(const struct report *report,
		     void (*show)(const struct report *report, const struct stack *stack),
		     void (*end)(const struct stacks *s))
{
	struct stacks s;
	size_t i;
	int err = collect(report, &s);

	for (i = 0; !err && i < s.nr; i++)
		show(report, &s.stack[i]);
	if (!err && s.nr && end)
		end(&s);
	free(s.stack);
	return err;
}

static void show_stack(const struct report *report, const struct stack *stack)
{
	char access[FAULTLAB_ACCESS_TEXT_MAX], text[FAULTLAB_SYMBOL_TEXT_MAX], count[FIGURE_MAX];
	unsigned int i;

	printf("\n%s%s %s%s, %s\n", style(STYLE_BOLD), figure_grouped(count, stack->count),
	       stack->count == 1 ? "record" : "records", style(STYLE_PLAIN),
	       faultlab_access_text(stack->access, access, sizeof(access)));
	for (i = callback_of(report, stack); i < stack->nr; i++)
		printf("    %s\n", symbol(report, stack->entry[i], text));
}

static void tell_stacks(const struct stacks *s)
{
	char records[FIGURE_MAX], hidden[FIGURE_MAX];
	__u64 nr = 0;
	size_t i;

	for (i = 0; i < s->nr; i++)
		nr += s->stack[i].count;
	printf("\n%s %s with a stack, %zu different", figure_grouped(records, nr),
	       nr == 1 ? "record" : "records", s->nr);
	if (s->hidden)
		printf("; %s without addresses", figure_grouped(hidden, s->hidden));
	putchar('\n');
}

int report_stacks(const struct report *report)
{
	return show_each(report, show_stack, tell_stacks);
}

/*
 * The outermost function first. Without offsets, as the same path of calls would otherwise
 * show as several stacks.
 */
static void show_folded(const struct report *report, const struct stack *stack)
{
	char access[FAULTLAB_ACCESS_TEXT_MAX], text[FAULTLAB_SYMBOL_TEXT_MAX];
	const unsigned int first = callback_of(report, stack);
	unsigned int i;

	fputs(faultlab_access_text(stack->access, access, sizeof(access)), stdout);
	for (i = stack->nr; i-- > first;) {
		const char *name = symbol(report, stack->entry[i], text);

		printf(";%.*s", (int)strcspn(name, "+"), name);
	}
	printf(" %llu\n", stack->count);
}

int report_folded(const struct report *report)
{
	return show_each(report, show_folded, NULL);
}
