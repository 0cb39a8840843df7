// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints what faultlab try observed, as lines or as JSON.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "try/try.h"

#define TEXT_LEN	64

static const struct {
	int signal;
	int code;
	const char *text;
} codes[] = {
	{ SIGBUS, BUS_ADRALN, "BUS_ADRALN" },
	{ SIGBUS, BUS_ADRERR, "BUS_ADRERR" },
	{ SIGBUS, BUS_OBJERR, "BUS_OBJERR" },
	{ SIGBUS, BUS_MCEERR_AR, "BUS_MCEERR_AR" },
	{ SIGBUS, BUS_MCEERR_AO, "BUS_MCEERR_AO" },
	{ SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR" },
	{ SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR" },
};

static const char *signal_name(const struct faultlab_touch *touch)
{
	return touch->signal == SIGBUS ? "SIGBUS" : "SIGSEGV";
}

static const char *code_name(const struct faultlab_touch *touch)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].signal == touch->signal && codes[i].code == touch->code)
			return codes[i].text;
	return "another si_code";
}

static void outcome_text(const struct try_result *result, char *text)
{
	const struct faultlab_touch *touch = &result->touch;

	if (touch->signal == SIGBUS && touch->code == BUS_MCEERR_AR)
		snprintf(text, TEXT_LEN, "SIGBUS (BUS_MCEERR_AR, 2^%d bytes)", touch->lsb);
	else if (touch->signal)
		snprintf(text, TEXT_LEN, "%s (%s)", signal_name(touch), code_name(touch));
	else if (result->how == TRY_READ)
		snprintf(text, TEXT_LEN, "0x%02x", touch->value);
	else
		snprintf(text, TEXT_LEN, "%s", result->how == TRY_WRITE ? "written" : "returned");
}

/* Whether a rule has a gate, at which faults wait. */
static bool is_gated(const struct try_order *order)
{
	unsigned int i;

	for (i = 0; i < order->nr_rules; i++)
		if (order->rules[i].delay_kind == FAULTLAB_DELAY_GATE)
			return true;
	return false;
}

void try_show_begin(struct try_place *place)
{
	const struct try_order *order = place->order;
	char text[FAULTLAB_RULE_TEXT_MAX];
	unsigned int i;

	if (order->json) {
		place->json = json_object_new_array();
		return;
	}
	printf("region %u, kind %s, %llu page%s at %p of process %d, %s\n", place->region,
	       faultlab_kind_name(order->config.kind), order->pages, order->pages == 1 ? "" : "s",
	       place->start, (int)getpid(), order->private ? "private" : "shared");
	for (i = 0; i < order->nr_rules; i++)
		printf("rule   %s\n", faultlab_rule_text(&order->rules[i], text, sizeof(text)));
	if (is_gated(order))
		printf("gate   closed; to open it, in another shell: faultlab gate %u open\n",
		       place->region);
	printf("\n%s%6s  %-6s %-36s %12s  %s%s\n", style(STYLE_BOLD), "page", "access",
	       "value or signal", "time", "entry", style(STYLE_PLAIN));
	/* Flush now: a touch may wait at a gate, which the user is told how to open. */
	fflush(stdout);
}

static void show_json(struct try_place *place, const struct try_result *result)
{
	const struct faultlab_walk_entry *entry = &result->entry;
	const struct faultlab_touch *touch = &result->touch;
	struct json_object *row = json_object_new_object();
	bool no_vma = entry->flags & FAULTLAB_PTE_NO_VMA;
	char flags[FAULTLAB_PTE_TEXT_MAX];

	json_object_object_add(row, "page", json_object_new_uint64(result->page));
	json_object_object_add(row, "access",
			       json_object_new_string(try_touch_names[result->how]));
	json_object_object_add(row, "value", touch->signal || result->how != TRY_READ ? NULL :
			       json_object_new_int(touch->value));
	json_object_object_add(row, "signal", touch->signal ?
			       json_object_new_string(signal_name(touch)) : NULL);
	json_object_object_add(row, "code", touch->signal ?
			       json_object_new_string(code_name(touch)) : NULL);
	/* si_addr_lsb: log2 of the bytes that are lost. */
	json_object_object_add(row, "addr_lsb", touch->signal == SIGBUS &&
			       touch->code == BUS_MCEERR_AR ?
			       json_object_new_int(touch->lsb) : NULL);
	json_object_object_add(row, "ns", json_object_new_uint64(touch->ns));
	json_object_object_add(row, "level", no_vma ? NULL :
			       json_object_new_string(faultlab_level_name(entry->level)));
	json_object_object_add(row, "what",
			       json_object_new_string(faultlab_entry_what(entry)));
	json_object_object_add(row, "flags",
			       json_object_new_string(faultlab_pte_text(entry->flags, flags,
									sizeof(flags))));
	json_object_object_add(row, "pfn", entry->flags & FAULTLAB_PTE_LEAF && entry->raw ?
			       json_object_new_uint64(entry->pfn) : NULL);
	json_object_array_add(place->json, row);
}

static void show_entry(const struct faultlab_walk_entry *entry)
{
	char flags[FAULTLAB_PTE_TEXT_MAX];

	if (!(entry->flags & FAULTLAB_PTE_NO_VMA))
		printf("%s: ", faultlab_level_name(entry->level));
	fputs(faultlab_entry_what(entry), stdout);
	if (*faultlab_pte_text(entry->flags, flags, sizeof(flags)))
		printf(" %s", flags);
	if ((entry->flags & FAULTLAB_PTE_LEAF) && entry->raw)
		printf(", pfn 0x%llx", entry->pfn);
	putchar('\n');
}

void try_show_touch(struct try_place *place, const struct try_result *result)
{
	char outcome[TEXT_LEN];

	if (place->json) {
		show_json(place, result);
		return;
	}
	outcome_text(result, outcome);
	printf("%6llu  %-6s %s%-36s%s %9.1f us  ", result->page, try_touch_names[result->how],
	       result->touch.signal ? style(STYLE_BAD) : "", outcome,
	       result->touch.signal ? style(STYLE_PLAIN) : "", result->touch.ns / 1e3);
	show_entry(&result->entry);
}

/* The counters that changed. Levels are left out: they are not counts of the touches. */
static struct json_object *counters(const struct faultlab_stats *moved)
{
	struct json_object *object = json_object_new_object();
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		if (moved->value[i] && !faultlab_stat_is_level(i))
			json_object_object_add(object, faultlab_stat_name(i),
					       json_object_new_uint64(moved->value[i]));
	return object;
}

static struct json_object *rules(const struct try_order *order)
{
	struct json_object *list = json_object_new_array();
	char text[FAULTLAB_RULE_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < order->nr_rules; i++) {
		faultlab_rule_text(&order->rules[i], text, sizeof(text));
		json_object_array_add(list, json_object_new_string(text));
	}
	return list;
}

static struct json_object *missed(const struct try_order *order, const struct try_seen *seen)
{
	struct json_object *list = json_object_new_array();
	unsigned int at = 0;
	const char *text;

	while ((text = try_missed(order, seen, &at)))
		json_object_array_add(list, json_object_new_string(text));
	return list;
}

static void show_missed(const struct try_order *order, const struct try_seen *seen)
{
	unsigned int at = 0;
	const char *text;

	while ((text = try_missed(order, seen, &at)))
		printf("\n%s\n", text);
}

void try_show_end(struct try_place *place, const struct try_seen *seen)
{
	const struct try_order *order = place->order;
	struct json_object *object, *count = counters(&seen->moved);
	const char *kind = faultlab_kind_name(order->config.kind);
	char text[FIGURE_MAX];

	if (place->json) {
		object = json_object_new_object();
		json_object_object_add(object, "region", json_object_new_int64(place->region));
		json_object_object_add(object, "pid", json_object_new_int(getpid()));
		snprintf(text, sizeof(text), "%p", place->start);
		json_object_object_add(object, "address", json_object_new_string(text));
		json_object_object_add(object, "kind", json_object_new_string(kind));
		json_object_object_add(object, "rules", rules(order));
		json_object_object_add(object, "touches", place->json);
		json_object_object_add(object, "counters", count);
		json_object_object_add(object, "missed", missed(order, seen));
		print_json(object);
		return;
	}
	putchar('\n');
	json_object_object_foreach(count, name, value)
		printf("%-18s %20s\n", name,
		       figure_grouped(text, json_object_get_uint64(value)));
	json_object_put(count);
	show_missed(order, seen);
	if (order->hold)
		printf("\nkept for %llu s; to see its entries: faultlab walk %d %p 0x%zx\n",
		       order->hold, (int)getpid(), place->start, place->bytes);
}
